// A ticket as JSON: ci/schemas/ticket.schema.json, docs/tickets.md. What is written is read back the same.
#pragma once

#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/ticket/ticket.h"

namespace keytrail::ticket {

// One object over several lines, ending in a newline. Bytes that are no UTF-8 become U+FFFD.
std::string to_json(const Ticket& ticket);
// Corrupt where it is not what to_json writes; hostile bytes are only an error.
Result<Ticket> parse_ticket(std::string_view json, const std::string& place);

}  // namespace keytrail::ticket
