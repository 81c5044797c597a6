#include "scanner/ticket/situation.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "scanner/base/dates.h"
#include "scanner/base/text.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

using nlohmann::json;

bool is_hex_id(std::string_view text) {
  return text.size() >= 7 && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// Reads members of objects. The first that has a wrong type stays in `problem`. Every text passes `clean`.
class Reader {
 public:
  explicit Reader(std::string place) : place_(std::move(place)) {}

  // Values that the report itself shows: nothing may repeat them.
  void add_value(std::string value, std::string masked) {
    if (value.size() >= 4) values_.emplace_back(std::move(value), std::move(masked));
  }
  const std::optional<Error>& problem() const { return problem_; }

  std::string text(const json& object, const char* name, Scrub how = Scrub::text) {
    const json* member = find(object, name);
    if (member == nullptr) return {};
    if (!member->is_string()) {
      fail(name, "a text");
      return {};
    }
    return clean(member->get_ref<const std::string&>(), how);
  }
  // Hexadecimal, or nothing.
  std::string object_id(const json& object, const char* name) {
    const json* member = find(object, name);
    const std::string raw = member != nullptr && member->is_string() ? member->get<std::string>() : "";
    return is_hex_id(raw) ? raw : "";
  }
  // The report's own words.
  std::string word(const json& object, const char* name) { return text(object, name, Scrub::text); }

  bool flag(const json& object, const char* name, bool otherwise = false) {
    return maybe_flag(object, name).value_or(otherwise);
  }
  std::optional<bool> maybe_flag(const json& object, const char* name) {
    const json* member = find(object, name);
    if (member == nullptr) return std::nullopt;
    if (member->is_boolean()) return member->get<bool>();
    fail(name, "true or false");
    return std::nullopt;
  }
  std::optional<std::int64_t> number(const json& object, const char* name) {
    const json* member = find(object, name);
    if (member == nullptr) return std::nullopt;
    if (member->is_number_integer()) return member->get<std::int64_t>();
    fail(name, "a whole number");
    return std::nullopt;
  }
  std::optional<core::Instant> instant(const json& object, const char* name) {
    const json* member = find(object, name);
    if (member == nullptr || (member->is_string() && member->get_ref<const std::string&>().empty()))
      return std::nullopt;
    if (member->is_number_integer()) return member->get<core::Instant>();
    if (member->is_string()) {
      const std::string& raw = member->get_ref<const std::string&>();
      // Only absolute ones: "30d" would mean another day in each run.
      if (raw.size() >= 10) {
        if (const auto parsed = parse_date(raw, DateEnd::first, 0)) return parsed;
      }
    }
    fail(name, "a date");
    return std::nullopt;
  }
  std::vector<std::string> texts(const json& object, const char* name, Scrub how = Scrub::text) {
    std::vector<std::string> out;
    const json* member = find(object, name);
    if (member == nullptr) return out;
    if (!member->is_array()) {
      fail(name, "a list of texts");
      return out;
    }
    for (const json& item : *member) {
      if (item.is_string())
        out.push_back(clean(item.get_ref<const std::string&>(), how));
      else
        fail(name, "a list of texts");
    }
    return out;
  }
  std::vector<std::pair<std::string, std::string>> pairs(const json& object, const char* name) {
    std::vector<std::pair<std::string, std::string>> out;
    const json* member = find(object, name);
    if (member == nullptr) return out;
    if (!member->is_object()) {
      fail(name, "an object");
      return out;
    }
    for (const auto& [key, value] : member->items()) {
      if (value.is_string())
        out.emplace_back(clean(key, Scrub::text), clean(value.get_ref<const std::string&>(), Scrub::keep_uuid));
    }
    return out;
  }
  const json* list(const json& object, const char* name) {
    const json* member = find(object, name);
    if (member == nullptr) return nullptr;
    if (!member->is_array()) fail(name, "a list");
    return member->is_array() ? member : nullptr;
  }
  const json* object(const json& parent, const char* name) {
    const json* member = find(parent, name);
    return member != nullptr && member->is_object() ? member : nullptr;
  }
  void fail(std::string_view name, std::string_view wanted) {
    if (problem_) return;
    problem_ =
        make_error(ErrorCode::invalid_argument, "'" + std::string(name) + "' must be " + std::string(wanted), place_);
  }

  std::string clean(std::string text, Scrub how) const {
    for (const auto& [value, masked] : values_) {
      for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + masked.size())) {
        text.replace(at, value.size(), masked);
      }
    }
    return scrubbed(text, how);
  }

 private:
  static const json* find(const json& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
  }

  std::string place_;
  std::vector<std::pair<std::string, std::string>> values_;
  std::optional<Error> problem_;
};

std::optional<core::Priority> parse_priority(std::string_view text) {
  for (const core::Priority priority :
       {core::Priority::p0, core::Priority::p1, core::Priority::p2, core::Priority::p3}) {
    if (lower(core::to_string(priority)) == lower(text)) return priority;
  }
  return std::nullopt;
}

std::optional<core::Verdict> read_verdict(Reader& reader, const json& from) {
  core::Verdict verdict;
  const auto kind = core::parse_verdict_kind(from.is_string() ? from.get<std::string>() : reader.word(from, "kind"));
  if (!kind) {
    reader.fail("verdict", "an object whose kind is a verdict");
    return std::nullopt;
  }
  verdict.kind = *kind;
  verdict.open = *kind != core::VerdictKind::leaked_superseded && *kind != core::VerdictKind::leaked_revoked;
  if (from.is_string()) return verdict;
  verdict.priority = parse_priority(reader.word(from, "priority")).value_or(core::Priority::p3);
  verdict.token = reader.text(from, "token", Scrub::keep_uuid);
  verdict.reason = reader.text(from, "reason");
  verdict.rule = reader.text(from, "rule");
  verdict.due = reader.instant(from, "due");
  verdict.since = reader.instant(from, "since");
  verdict.open = reader.flag(from, "open", verdict.open);
  verdict.probable = reader.flag(from, "probable");
  verdict.exception = reader.text(from, "exception");
  return verdict;
}

Place read_place(Reader& reader, const json& from) {
  Place place;
  place.path = reader.text(from, "path", Scrub::path);
  place.kind = reader.word(from, "kind");
  place.line = static_cast<std::uint64_t>(std::max<std::int64_t>(0, reader.number(from, "start_line").value_or(0)));
  place.blob = reader.object_id(from, "blob");
  place.commit = reader.object_id(from, "commit");
  place.author = reader.text(from, "author");
  place.date = reader.instant(from, "date");
  place.removed_by = reader.object_id(from, "removed_by");
  place.in_history = from.is_object() && from.contains("commit");
  place.at_tip = reader.flag(from, "at_tip");
  place.reachable = reader.flag(from, "reachable");
  place.refs = reader.texts(from, "refs");
  place.held_by = reader.text(from, "held_by");
  return place;
}

Secret read_secret(Reader& reader, const json& from) {
  Secret secret;
  secret.rule = reader.word(from, "rule");
  secret.rule_name = reader.word(from, "rule_name");
  secret.provider = reader.word(from, "provider");
  secret.severity = reader.word(from, "severity");
  secret.fingerprint = reader.object_id(from, "fingerprint");
  secret.masked = reader.word(from, "secret");
  secret.facts = reader.pairs(from, "facts");
  secret.suppressed = reader.object(from, "suppressed") != nullptr;
  if (const json* places = reader.list(from, "occurrences")) {
    for (const json& place : *places) secret.places.push_back(read_place(reader, place));
  }
  if (const json* verdict = reader.object(from, "verdict")) secret.verdict = read_verdict(reader, *verdict);
  if (const json* token = reader.object(from, "token")) {
    core::TokenLink link;
    link.token = reader.text(*token, token->contains("id") ? "id" : "token", Scrub::keep_uuid);
    link.value =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(reader.number(*token, "value").value_or(0), 0, 1 << 20));
    link.probable = reader.flag(*token, "probable");
    link.joined_by = reader.word(*token, "joined_by");
    if (!link.token.empty()) secret.token = std::move(link);
  }
  if (secret.fingerprint.empty()) reader.fail("fingerprint", "hexadecimal in every finding");
  return secret;
}

core::TokenValue read_value(Reader& reader, const json& from) {
  core::TokenValue value;
  value.scheme = reader.word(from, "scheme");
  value.last_four = reader.text(from, "last_four");
  // Four characters, whatever somebody imported there.
  if (value.last_four.size() > 4) value.last_four = value.last_four.substr(value.last_four.size() - 4);
  value.valid_from = reader.instant(from, "valid_from");
  value.valid_until = reader.instant(from, "valid_until");
  return value;
}

void read_token_texts(Reader& reader, const json& from, core::Token& token) {
  token.id = reader.text(from, "id", Scrub::keep_uuid);
  token.service = reader.text(from, "service");
  token.provider = reader.text(from, "provider");
  token.kind = reader.text(from, "kind");
  token.environment = reader.text(from, "environment");
  token.purpose = reader.text(from, "purpose");
  token.owner = reader.text(from, "owner");
  token.backup_owner = reader.text(from, "backup_owner");
  token.access = reader.texts(from, "access");
  token.scopes = reader.texts(from, "scopes");
  token.compliance = reader.text(from, "compliance");
  token.storage = reader.text(from, "storage");
  token.approver = reader.text(from, "approver");
  token.dependents = reader.texts(from, "dependents");
  for (auto& [name, value] : reader.pairs(from, "identifiers")) token.identifiers[name] = std::move(value);
  for (auto& [name, value] : reader.pairs(from, "labels")) token.labels[name] = std::move(value);
}

core::Token read_token(Reader& reader, const json& from) {
  core::Token token;
  if (!from.is_object()) {
    reader.fail("tokens", "a list of objects");
    return token;
  }
  read_token_texts(reader, from, token);
  token.reaches_production = reader.maybe_flag(from, "reaches_production");
  token.regulated = reader.maybe_flag(from, "regulated");
  token.can_write = reader.maybe_flag(from, "can_write");
  token.created = reader.instant(from, "created");
  token.expires = reader.instant(from, "expires");
  token.last_rotated = reader.instant(from, "last_rotated");
  token.last_used = reader.instant(from, "last_used");
  const auto days = reader.number(from, "rotation_days");
  if (days && *days > 0 && *days < 100000) token.rotation_days = static_cast<std::uint32_t>(*days);
  const std::string state = reader.word(from, "state");
  const auto parsed = core::parse_token_state(state);
  if (parsed)
    token.state = *parsed;
  else if (!state.empty())
    reader.fail("state", "active, rotating, revoked, expired or compromised");
  // In an export without fingerprints the member is not there; in a report the last four characters alone are.
  if (const auto values = from.find("values"); values != from.end() && values->is_array()) {
    for (const json& value : *values) token.values.push_back(read_value(reader, value));
  } else if (from.contains("last_four")) {
    token.values.push_back(read_value(reader, from));
  }
  if (token.id.empty()) reader.fail("id", "there in every token");
  return token;
}

core::TokenStatus read_status(Reader& reader, const json& from) {
  core::TokenStatus status;
  const json* inner = reader.object(from, "token");
  status.token = read_token(reader, inner == nullptr ? from : *inner);
  const std::string tier = reader.word(from, "tier");
  status.tier = tier == "low" ? core::Tier::low : tier == "medium" ? core::Tier::medium : core::Tier::high;
  status.tier_rule = reader.text(from, "tier_rule");
  status.rotate_by = reader.instant(from, "rotate_by");
  if (const json* verdicts = reader.list(from, "verdicts")) {
    for (const json& item : *verdicts) {
      if (auto verdict = read_verdict(reader, item)) {
        if (verdict->token.empty()) verdict->token = status.token.id;
        status.verdicts.push_back(std::move(*verdict));
      }
    }
  }
  return status;
}

Result<json> parse_json(std::string_view text, const std::string& place) {
  constexpr int kMaxDepth = 32;
  bool deep = false;
  const auto guard = [&](int depth, json::parse_event_t, json&) {
    deep = deep || depth > kMaxDepth;
    return depth <= kMaxDepth;
  };
  json document = json::parse(text, guard, false);
  if (document.is_discarded() || deep) {
    return make_error(ErrorCode::corrupt, "is no JSON that can be read; write it with keytrail scan --report json=FILE",
                      place);
  }
  return document;
}

// The report's own `value` members, before anything else is read.
void gather_values(Reader& reader, const json& findings) {
  for (const json& finding : findings) {
    if (!finding.is_object() || !finding.contains("value") || !finding["value"].is_string()) continue;
    const std::string masked =
        finding.contains("secret") && finding["secret"].is_string() ? finding["secret"].get<std::string>() : "****";
    const std::string value = finding["value"].get<std::string>();
    reader.add_value(value, masked.find(value) == std::string::npos ? masked : "****");
  }
}

}  // namespace

Result<Situation> parse_report(std::string_view text, const std::string& place) {
  const auto document = parse_json(text, place);
  if (!document) return document.error();
  if (!document->is_object() || !document->contains("findings") || !document->contains("schema_version")) {
    return make_error(ErrorCode::invalid_argument,
                      "is no report of keytrail; write one with keytrail scan --report json=FILE", place);
  }
  Reader reader(place);
  if (reader.number(*document, "schema_version") != 1) {
    return make_error(ErrorCode::unsupported, "has a schema_version that this version does not know", place);
  }
  Situation situation;
  if (const json* findings = reader.list(*document, "findings")) gather_values(reader, *findings);
  situation.mode = reader.word(*document, "mode");
  situation.targets = reader.texts(*document, "targets", Scrub::path);
  situation.root = reader.text(*document, "root", Scrub::path);
  situation.repository = reader.text(*document, "repository", Scrub::path);
  situation.revision = reader.object_id(*document, "revision");
  const std::string visibility = reader.word(*document, "visibility");
  if (visibility == "public" || visibility == "private") situation.visibility = visibility;
  situation.complete = !reader.flag(*document, "incomplete") && !reader.flag(*document, "interrupted");
  if (const json* findings = reader.list(*document, "findings")) {
    for (const json& finding : *findings) {
      situation.secrets.push_back(read_secret(reader, finding));
      situation.with_inventory = situation.with_inventory || situation.secrets.back().verdict.has_value();
    }
  }
  if (const json* tokens = reader.list(*document, "tokens")) {
    for (const json& token : *tokens) situation.put_token(read_status(reader, token));
  }
  situation.with_inventory =
      situation.with_inventory || !situation.tokens.empty() || !reader.word(*document, "inventory").empty();
  if (reader.problem()) return *reader.problem();
  return situation;
}

Status add_inventory(Situation& situation, std::string_view text, const std::string& place) {
  const auto document = parse_json(text, place);
  if (!document) return document.error();
  const json* tokens = document->is_array() ? &*document : nullptr;
  if (document->is_object() && document->contains("tokens") && (*document)["tokens"].is_array())
    tokens = &(*document)["tokens"];
  if (tokens == nullptr) {
    return make_error(ErrorCode::invalid_argument,
                      "is no inventory: write one with keytrail inventory export --format json", place);
  }
  Reader reader(place);
  for (const json& entry : *tokens) situation.put_token(read_status(reader, entry));
  if (reader.problem()) return *reader.problem();
  situation.with_inventory = true;
  situation.whole_inventory = true;
  return {};
}

}  // namespace keytrail::ticket
