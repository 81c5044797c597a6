// What templates may say of a case: a tree of texts, flags and lists (value.h). docs/tickets.md lists the fields.
#pragma once

#include "scanner/ticket/plan.h"
#include "scanner/ticket/value.h"

namespace keytrail::ticket {

Value place_value(const Place& place);
Value facts(const Case& of, const Settings& settings);
// The facts of a made case that has one of everything: what templates are checked against.
Value facts_shape();

}  // namespace keytrail::ticket
