// What templates may say of a case: a tree of texts, flags and lists (value.h). docs/tickets.md lists the fields.
#pragma once

#include "scanner/ticket/plan.h"
#include "scanner/ticket/value.h"

namespace keytrail::ticket {

// Part of facts(): what the sources say.
void add_source_facts(const Case& of, Value& out);
Value source_value(const Source& source);
// With the repository where there are several.
Value place_value(const Place& place, const Sources& sources);
Value facts(const Case& of, const Settings& settings);
// The facts of a made case that has one of everything: what templates are checked against.
Value facts_shape();

}  // namespace keytrail::ticket
