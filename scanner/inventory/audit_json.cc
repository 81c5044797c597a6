#include "scanner/inventory/audit_json.h"

#include <sys/random.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "scanner/base/dates.h"
#include "scanner/base/hash.h"

namespace keytrail::inventory {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

std::string text_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

void add(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = text;
}

Json to_json(const AuditEvent& event) {
  Json json;
  json["time"] = utc_time(event.time);
  json["id"] = event.id;
  json["event"] = event.kind;
  add(json, "token", event.token);
  add(json, "operator", event.operator_name);
  add(json, "requester", event.requester);
  add(json, "approver", event.approver);
  add(json, "reason", event.reason);
  if (!event.details.empty()) json["details"] = event.details;
  return json;
}

Json parse(std::string_view text) { return Json::parse(text.begin(), text.end(), nullptr, false); }

AuditCut cut_of(const Json& json) { return {number_of(json, "through"), text_of(json, "hash")}; }

}  // namespace

void complete_event(AuditEvent& event) {
  if (event.time == 0) event.time = std::time(nullptr);
  if (!event.id.empty()) return;
  std::array<std::uint8_t, 16> bytes{};
  // 16 bytes are given whole or not at all; without them two events of a second could look the same, no more.
  static_cast<void>(::getrandom(bytes.data(), bytes.size(), 0));
  event.id = to_hex(bytes.data(), bytes.size());
}

std::string event_text(const AuditEvent& event) { return dump(to_json(event)); }

Result<AuditEvent> parse_event(std::string_view text) {
  const Json json = parse(text);
  if (!json.is_object()) return make_error(ErrorCode::corrupt, "no audit event");
  AuditEvent event;
  event.kind = text_of(json, "event");
  event.token = text_of(json, "token");
  event.operator_name = text_of(json, "operator");
  event.requester = text_of(json, "requester");
  event.approver = text_of(json, "approver");
  event.reason = text_of(json, "reason");
  event.id = text_of(json, "id");
  event.time = parse_date(text_of(json, "time"), DateEnd::first, 0).value_or(0);
  const auto details = json.find("details");
  if (details != json.end() && details->is_object()) {
    for (const auto& [name, value] : details->items()) {
      if (value.is_string()) event.details[name] = value.get<std::string>();
    }
  }
  return event;
}

std::string audit_line(const AuditEvent& event, std::uint64_t sequence, std::string_view previous_hash) {
  Json line;
  line["seq"] = sequence;
  line.update(to_json(event));
  line["prev"] = std::string(previous_hash);
  return dump(line);
}

std::string cut_line(const AuditCut& cut) {
  Json line;
  line["cut"]["through"] = cut.through;
  line["cut"]["hash"] = cut.hash;
  return dump(line);
}

Result<AuditLink> parse_link(std::string_view line) {
  const Json json = parse(line);
  if (!json.is_object()) return make_error(ErrorCode::corrupt, "no JSON object");
  AuditLink link;
  if (const auto cut = json.find("cut"); cut != json.end() && cut->is_object()) {
    link.is_cut = true;
    link.cut = cut_of(*cut);
    return link;
  }
  link.sequence = number_of(json, "seq");
  link.previous_hash = text_of(json, "prev");
  link.id = text_of(json, "id");
  link.kind = text_of(json, "event");
  link.time = parse_date(text_of(json, "time"), DateEnd::first, 0).value_or(0);
  if (link.sequence == 0 || link.previous_hash.empty()) return make_error(ErrorCode::corrupt, "no audit line");
  if (link.kind == "prune") {
    if (const auto details = json.find("details"); details != json.end() && details->is_object()) {
      link.repeated_cut.hash = text_of(*details, "hash");
      const std::string through = text_of(*details, "through");
      link.repeated_cut.through =
          through.empty() || through.size() > 18 ? 0 : std::strtoull(through.c_str(), nullptr, 10);
    }
  }
  return link;
}

std::string line_hash(std::string_view line) {
  const Sha256Digest digest = sha256(line);
  return to_hex(digest.data(), digest.size());
}

}  // namespace keytrail::inventory
