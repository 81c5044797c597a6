#include "scanner/ticket/ticket_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scanner/base/dates.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json instant(const std::optional<core::Instant>& at) {
  return at ? ordered_json(utc_time(*at)) : ordered_json(nullptr);
}

ordered_json place_json(const Place& place) {
  ordered_json out;
  out["source"] = place.source;
  out["path"] = place.path;
  out["kind"] = place.kind;
  out["line"] = place.line;
  out["blob"] = place.blob;
  out["commit"] = place.commit;
  out["author"] = place.author;
  out["date"] = instant(place.date);
  out["removed_by"] = place.removed_by;
  out["in_history"] = place.in_history;
  out["at_tip"] = place.at_tip;
  out["reachable"] = place.reachable;
  out["refs"] = place.refs;
  out["held_by"] = place.held_by;
  return out;
}

ordered_json source_json(const Source& source) {
  ordered_json out;
  out["target"] = source.target;
  out["scope"] = source.scope;
  out["revision"] = source.revision;
  out["visibility"] = source.visibility;
  out["complete"] = source.complete;
  out["open"] = source.open;
  out["priority"] = std::string(core::to_string(source.priority));
  out["reason"] = source.reason;
  out["policy_rule"] = source.policy_rule;
  out["probable"] = source.probable;
  out["masked"] = source.masked;
  out["rule"] = source.rule;
  out["rule_name"] = source.rule_name;
  out["fingerprint"] = source.fingerprint;
  out["facts"] = ordered_json::array();
  for (const auto& [name, value] : source.facts) out["facts"].push_back({{"name", name}, {"value", value}});
  out["place_count"] = source.place_count;
  out["first_exposed"] = instant(source.first_exposed);
  out["last_exposed"] = instant(source.last_exposed);
  out["at_tip"] = source.at_tip;
  out["history"] = source.history;
  out["in_messages"] = source.in_messages;
  out["reachable"] = source.reachable;
  return out;
}

ordered_json sections_json(const Ticket& ticket) {
  ordered_json out = ordered_json::object();
  for (const SectionKind& kind : section_kinds()) {
    ordered_json items = ordered_json::array();
    if (const Section* section = ticket.section(kind.name)) {
      for (const Item& item : section->items) {
        ordered_json one;
        for (std::size_t i = 0; i < kind.columns.size() && i < item.columns.size(); ++i)
          one[std::string(kind.columns[i])] = item.columns[i];
        if (!item.command.empty()) one["command"] = item.command;
        items.push_back(std::move(one));
      }
    }
    out[std::string(kind.name)] = std::move(items);
  }
  return out;
}

// Reads what to_json wrote; anything else leaves `good` false.
class Reader {
 public:
  bool good = true;

  std::string text(const json& from, const char* name) {
    const auto found = member(from, name);
    if (found == nullptr || !found->is_string()) return fail();
    return found->get<std::string>();
  }
  bool flag(const json& from, const char* name) {
    const auto found = member(from, name);
    if (found == nullptr || !found->is_boolean()) return fail().size() == 1;
    return found->get<bool>();
  }
  std::size_t number(const json& from, const char* name) {
    const auto found = member(from, name);
    if (found == nullptr || !found->is_number_unsigned()) return fail().size();
    return found->get<std::size_t>();
  }
  std::optional<core::Instant> instant(const json& from, const char* name) {
    const auto found = member(from, name);
    if (found == nullptr || found->is_null()) return std::nullopt;
    const auto parsed = found->is_string() ? parse_date(found->get<std::string>(), DateEnd::first, 0) : std::nullopt;
    if (!parsed) fail();
    return parsed;
  }
  std::vector<std::string> texts(const json& from, const char* name) {
    std::vector<std::string> out;
    for (const json& item : list(from, name)) {
      if (item.is_string())
        out.push_back(item.get<std::string>());
      else
        fail();
    }
    return out;
  }
  const json& list(const json& from, const char* name) {
    static const json kNone = json::array();
    const auto found = member(from, name);
    if (found != nullptr && found->is_array()) return *found;
    fail();
    return kNone;
  }
  static const json* member(const json& from, const char* name) {
    if (!from.is_object()) return nullptr;
    const auto found = from.find(name);
    return found == from.end() ? nullptr : &*found;
  }

 private:
  std::string fail() {
    good = false;
    return {};
  }
};

Place read_place(Reader& reader, const json& from) {
  Place place;
  place.source = reader.number(from, "source");
  place.path = reader.text(from, "path");
  place.kind = reader.text(from, "kind");
  place.line = reader.number(from, "line");
  place.blob = reader.text(from, "blob");
  place.commit = reader.text(from, "commit");
  place.author = reader.text(from, "author");
  place.date = reader.instant(from, "date");
  place.removed_by = reader.text(from, "removed_by");
  place.in_history = reader.flag(from, "in_history");
  place.at_tip = reader.flag(from, "at_tip");
  place.reachable = reader.flag(from, "reachable");
  place.refs = reader.texts(from, "refs");
  place.held_by = reader.text(from, "held_by");
  return place;
}

template <typename Enum, std::size_t N>
void read_word(Reader& reader, const json& from, const char* name, const Enum (&all)[N], Enum& into) {
  const std::string word = reader.text(from, name);
  for (const Enum one : all) {
    if (to_string(one) == word) {
      into = one;
      return;
    }
  }
  reader.good = false;
}

constexpr core::Priority kPriorities[] = {core::Priority::p0, core::Priority::p1, core::Priority::p2,
                                          core::Priority::p3};

Source read_source(Reader& reader, const json& from) {
  Source source;
  source.target = reader.text(from, "target");
  source.scope = reader.text(from, "scope");
  source.revision = reader.text(from, "revision");
  source.visibility = reader.text(from, "visibility");
  source.complete = reader.flag(from, "complete");
  source.open = reader.flag(from, "open");
  read_word(reader, from, "priority", kPriorities, source.priority);
  source.reason = reader.text(from, "reason");
  source.policy_rule = reader.text(from, "policy_rule");
  source.probable = reader.flag(from, "probable");
  source.masked = reader.text(from, "masked");
  source.rule = reader.text(from, "rule");
  source.rule_name = reader.text(from, "rule_name");
  source.fingerprint = reader.text(from, "fingerprint");
  for (const json& one : reader.list(from, "facts"))
    source.facts.emplace(reader.text(one, "name"), reader.text(one, "value"));
  source.place_count = reader.number(from, "place_count");
  source.first_exposed = reader.instant(from, "first_exposed");
  source.last_exposed = reader.instant(from, "last_exposed");
  source.at_tip = reader.flag(from, "at_tip");
  source.history = reader.flag(from, "history");
  source.in_messages = reader.flag(from, "in_messages");
  source.reachable = reader.flag(from, "reachable");
  return source;
}

void read_sections(Reader& reader, const json& from, Ticket& ticket) {
  for (const SectionKind& kind : section_kinds()) {
    Section section{std::string(kind.name), {}};
    for (const json& one : reader.list(from, std::string(kind.name).c_str())) {
      Item item;
      for (const std::string_view column : kind.columns)
        item.columns.push_back(reader.text(one, std::string(column).c_str()));
      if (Reader::member(one, "command") != nullptr) item.command = reader.text(one, "command");
      section.items.push_back(std::move(item));
    }
    if (!section.items.empty()) ticket.sections.push_back(std::move(section));
  }
}

void read_words(Reader& reader, const json& from, Ticket& ticket) {
  constexpr Order kOrders[] = {Order::emergency, Order::dual, Order::gap, Order::direct, Order::confirm};
  constexpr core::Tier kTiers[] = {core::Tier::low, core::Tier::medium, core::Tier::high};
  read_word(reader, from, "order", kOrders, ticket.order);
  read_word(reader, from, "priority", kPriorities, ticket.priority);
  read_word(reader, from, "tier", kTiers, ticket.tier);
  const auto trigger = parse_trigger(reader.text(from, "trigger"));
  if (trigger)
    ticket.trigger = *trigger;
  else
    reader.good = false;
  const std::string state = reader.text(from, "state");
  ticket.open = state == "open";
  reader.good = reader.good && (ticket.open || state == "closed");
}

}  // namespace

std::string to_json(const Ticket& ticket) {
  ordered_json out;
  out["schema_version"] = 1;
  out["id"] = ticket.id;
  out["state"] = ticket.open ? "open" : "closed";
  out["subject"] = ticket.subject;
  out["about_token"] = ticket.about_token;
  out["trigger"] = std::string(to_string(ticket.trigger));
  out["order"] = std::string(to_string(ticket.order));
  out["priority"] = std::string(core::to_string(ticket.priority));
  out["tier"] = std::string(core::to_string(ticket.tier));
  out["privileged"] = ticket.privileged;
  out["title"] = ticket.title;
  out["summary"] = ticket.summary;
  out["reason"] = ticket.reason;
  out["owner"] = ticket.owner;
  out["backup_owner"] = ticket.backup_owner;
  out["service"] = ticket.service;
  out["environment"] = ticket.environment;
  out["provider"] = ticket.provider;
  out["guide"] = ticket.guide;
  out["opened"] = instant(ticket.opened);
  out["due"] = instant(ticket.due);
  out["closed"] = instant(ticket.closed);
  out["close_reason"] = ticket.close_reason;
  out["person"] = ticket.person;
  out["masked"] = ticket.masked;
  out["fingerprints"] = ticket.fingerprints;
  out["first_exposed"] = instant(ticket.first_exposed);
  out["last_exposed"] = instant(ticket.last_exposed);
  out["sources"] = ordered_json::array();
  for (const Source& source : ticket.sources.list) out["sources"].push_back(source_json(source));
  out["places"] = ordered_json::array();
  for (const Place& place : ticket.sources.places) out["places"].push_back(place_json(place));
  out["sections"] = sections_json(ticket);
  out["approvals"] = ordered_json::array();
  for (const Approval& approval : ticket.approvals) {
    out["approvals"].push_back({{"role", approval.role}, {"person", approval.person}, {"at", utc_time(approval.at)}});
  }
  out["history"] = ordered_json::array();
  for (const Change& change : ticket.history)
    out["history"].push_back({{"at", utc_time(change.at)}, {"text", change.text}});
  return out.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<Ticket> parse_ticket(std::string_view text, const std::string& place) {
  const json from = json::parse(text, nullptr, false);
  Reader reader;
  Ticket ticket;
  const json* sections = Reader::member(from, "sections");
  if (sections == nullptr || reader.number(from, "schema_version") != 1) {
    return make_error(ErrorCode::corrupt, "is no ticket of this version; move it away and emit again", place);
  }
  ticket.id = reader.text(from, "id");
  read_words(reader, from, ticket);
  ticket.subject = reader.text(from, "subject");
  ticket.about_token = reader.flag(from, "about_token");
  ticket.privileged = reader.flag(from, "privileged");
  const std::pair<const char*, std::string*> texts[] = {{"title", &ticket.title},
                                                        {"summary", &ticket.summary},
                                                        {"reason", &ticket.reason},
                                                        {"owner", &ticket.owner},
                                                        {"service", &ticket.service},
                                                        {"backup_owner", &ticket.backup_owner},
                                                        {"environment", &ticket.environment},
                                                        {"provider", &ticket.provider},
                                                        {"guide", &ticket.guide},
                                                        {"close_reason", &ticket.close_reason},
                                                        {"person", &ticket.person},
                                                        {"masked", &ticket.masked}};
  for (const auto& [name, into] : texts) *into = reader.text(from, name);
  ticket.opened = reader.instant(from, "opened").value_or(0);
  ticket.due = reader.instant(from, "due");
  ticket.closed = reader.instant(from, "closed");
  ticket.fingerprints = reader.texts(from, "fingerprints");
  ticket.first_exposed = reader.instant(from, "first_exposed");
  ticket.last_exposed = reader.instant(from, "last_exposed");
  for (const json& one : reader.list(from, "sources")) ticket.sources.list.push_back(read_source(reader, one));
  for (const json& one : reader.list(from, "places")) {
    ticket.sources.places.push_back(read_place(reader, one));
    reader.good = reader.good && ticket.sources.places.back().source < ticket.sources.list.size();
  }
  read_sections(reader, *sections, ticket);
  for (const json& one : reader.list(from, "approvals")) {
    ticket.approvals.push_back(
        {reader.text(one, "role"), reader.text(one, "person"), reader.instant(one, "at").value_or(0)});
  }
  for (const json& one : reader.list(from, "history")) {
    ticket.history.push_back({reader.instant(one, "at").value_or(0), reader.text(one, "text")});
  }
  if (!reader.good || ticket.id != ticket_id(ticket.subject, ticket.trigger)) {
    return make_error(ErrorCode::corrupt, "is damaged; move it away and emit again", place);
  }
  return ticket;
}

}  // namespace keytrail::ticket
