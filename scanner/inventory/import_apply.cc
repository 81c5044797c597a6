#include "scanner/inventory/import_apply.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace keytrail::inventory {
namespace {

constexpr std::size_t kMaxShownText = 60;

std::string shown(const std::string& text) {
  if (text.empty()) return "(none)";
  if (text.size() <= kMaxShownText) return text;
  std::size_t end = kMaxShownText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

template <auto Member>
void copy_member(const core::Token& from, core::Token& to) {
  to.*Member = from.*Member;
}

// What one source knows of a token stays when another one tells more.
template <auto Member>
void add_members(const core::Token& from, core::Token& to) {
  for (const auto& [name, value] : from.*Member) (to.*Member)[name] = value;
}

using Copier = void (*)(const core::Token& from, core::Token& to);
constexpr std::array<std::pair<Field, Copier>, 24> kCopies = {{
    {Field::service, copy_member<&core::Token::service>},
    {Field::provider, copy_member<&core::Token::provider>},
    {Field::kind, copy_member<&core::Token::kind>},
    {Field::environment, copy_member<&core::Token::environment>},
    {Field::purpose, copy_member<&core::Token::purpose>},
    {Field::owner, copy_member<&core::Token::owner>},
    {Field::backup_owner, copy_member<&core::Token::backup_owner>},
    {Field::access, copy_member<&core::Token::access>},
    {Field::scopes, copy_member<&core::Token::scopes>},
    {Field::reaches_production, copy_member<&core::Token::reaches_production>},
    {Field::regulated, copy_member<&core::Token::regulated>},
    {Field::can_write, copy_member<&core::Token::can_write>},
    {Field::compliance, copy_member<&core::Token::compliance>},
    {Field::storage, copy_member<&core::Token::storage>},
    {Field::approver, copy_member<&core::Token::approver>},
    {Field::created, copy_member<&core::Token::created>},
    {Field::expires, copy_member<&core::Token::expires>},
    {Field::last_rotated, copy_member<&core::Token::last_rotated>},
    {Field::last_used, copy_member<&core::Token::last_used>},
    {Field::rotation_days, copy_member<&core::Token::rotation_days>},
    {Field::state, copy_member<&core::Token::state>},
    {Field::dependents, copy_member<&core::Token::dependents>},
    {Field::identifiers, add_members<&core::Token::identifiers>},
    {Field::labels, add_members<&core::Token::labels>},
}};

class Applier {
 public:
  Applier(Store& store, const ApplyOptions& options) : store_(store), options_(options) {}

  Result<ImportResult> run(const ImportBatch& batch) {
    if (Status ready = prepare(batch); !ready) return ready.error();
    std::unordered_map<std::string_view, const ImportedToken*> seen;
    for (const ImportedToken& token : batch.tokens) {
      const auto [other, fresh] = seen.emplace(token.token.id, &token);
      if (!fresh) {
        problem(token, "the id " + token.token.id + " stands in " + other->second->place + " too");
        continue;
      }
      if (Status done = apply(token); !done) return done.error();
    }
    return std::move(result_);
  }

 private:
  void problem(const ImportedToken& token, const std::string& text) {
    result_.problems.push_back(token.place + ": " + text);
  }

  // The key and the schemes that the batch needs.
  Status prepare(const ImportBatch& batch) {
    const bool has_values = std::any_of(batch.tokens.begin(), batch.tokens.end(),
                                        [](const ImportedToken& token) { return !token.value.empty(); });
    if (has_values && options_.fingerprinter == nullptr) {
      return make_error(ErrorCode::invalid_argument,
                        "it holds values, and there is no key to fingerprint them with: set KEYTRAIL_HASH_SECRET or "
                        "--key-file");
    }
    if (options_.fingerprinter != nullptr) {
      if (Status used = use_key(store_, *options_.fingerprinter); !used) return used;
    }
    const auto check = store_.key_check();
    if (!check) return check.error();
    key_check_ = *check;
    const auto known = store_.schemes();
    if (!known) return known.error();
    for (const HashScheme& scheme : *known) schemes_.push_back(scheme.name);
    for (const HashScheme& scheme : batch.schemes) {
      if (Status put = need_scheme(scheme); !put) return put;
    }
    for (const ImportedToken& token : batch.tokens) {
      for (const core::TokenValue& value : token.token.values) {
        HashScheme scheme;
        scheme.name = value.scheme;
        if (Status put = need_scheme(scheme); !put) return put;
      }
    }
    return {};
  }

  Status need_scheme(const HashScheme& scheme) {
    if (scheme.name == kOwnScheme || std::find(schemes_.begin(), schemes_.end(), scheme.name) != schemes_.end()) {
      return {};
    }
    schemes_.push_back(scheme.name);
    return store_.put_scheme(scheme);
  }

  Status apply(const ImportedToken& token) {
    auto found = store_.find_record(token.token.id);
    if (!found) return found.error();
    const bool fresh = !*found;
    TokenRecord record = fresh ? TokenRecord() : std::move(**found);
    record.token.id = token.token.id;
    std::string difference = merge_fields(token, record.token);
    if (!merge_values(token, record, difference)) return {};
    if (fresh) {
      ++result_.added;
      if (options_.want_differences) result_.differences.push_back("+ " + token.token.id);
    } else if (!difference.empty()) {
      ++result_.changed;
      if (options_.want_differences) result_.differences.push_back("~ " + token.token.id + ": " + difference);
    } else {
      ++result_.unchanged;
      return {};
    }
    return store_.put(record);
  }

  // What changed, as a person reads it; empty: nothing.
  static std::string merge_fields(const ImportedToken& from, core::Token& to) {
    std::string difference;
    for (std::size_t i = 1; i < kTokenFields; ++i) {
      const auto field = static_cast<Field>(i);
      if (!from.has(field)) continue;
      const std::string before = field_text(to, field);
      copy_field(from.token, to, field);
      const std::string after = field_text(to, field);
      if (before == after) continue;
      difference += (difference.empty() ? "" : ", ") + std::string(field_name(field)) + ": " + shown(before) + " -> " +
                    shown(after);
    }
    return difference;
  }

  static void copy_field(const core::Token& from, core::Token& to, Field field);

  // false: a problem.
  bool merge_values(const ImportedToken& from, TokenRecord& record, std::string& difference) {
    const auto since = since_of(from);
    bool changed = false;
    if (from.has(Field::values)) {
      if (!from.key_check.empty() && !key_check_.empty() && from.key_check != key_check_) {
        problem(from, "its fingerprints were made with another key: export without them, or use that key");
        return false;
      }
      if (!from.key_check.empty() && key_check_.empty()) key_check_to_set_ = from.key_check;
      changed = merge_listed(from, record);
    }
    if (!from.value.empty()) {
      ++result_.fingerprints;
      const std::string_view value = from.value.view();
      changed |= replace_value(record, options_.fingerprinter->describe(value), options_.fingerprinter->probe(value),
                               since, options_.now);
    } else if (!from.fingerprint.empty()) {
      ++result_.fingerprints;
      core::TokenValue value;
      value.scheme = options_.scheme;
      value.fingerprint = from.fingerprint;
      value.last_four = from.last_four;
      changed |= replace_value(record, value, 0, since, options_.now);
    } else if (!from.last_four.empty() &&
               (record.token.values.empty() || record.token.values.front().last_four != from.last_four)) {
      core::TokenValue value;
      value.scheme = kOwnScheme;
      value.last_four = from.last_four;
      changed |= replace_value(record, value, 0, since, options_.now);
    }
    if (changed) difference += std::string(difference.empty() ? "" : ", ") + "value: another one";
    return true;
  }

  static std::optional<core::Instant> since_of(const ImportedToken& from) {
    if (from.has(Field::last_rotated) && from.token.last_rotated) return from.token.last_rotated;
    if (from.has(Field::created) && from.token.created) return from.token.created;
    return std::nullopt;
  }

  // An export lists all values: they are taken as they stand.
  static bool merge_listed(const ImportedToken& from, TokenRecord& record) {
    const auto same = [](const core::TokenValue& a, const core::TokenValue& b) {
      return a.scheme == b.scheme && a.fingerprint == b.fingerprint && a.length == b.length &&
             a.last_four == b.last_four && a.valid_from == b.valid_from && a.valid_until == b.valid_until;
    };
    if (std::equal(from.token.values.begin(), from.token.values.end(), record.token.values.begin(),
                   record.token.values.end(), same)) {
      return false;
    }
    record.token.values = from.token.values;
    record.probes = from.probes;
    return true;
  }

  Store& store_;
  const ApplyOptions& options_;
  ImportResult result_;
  std::string key_check_;
  std::vector<std::string> schemes_;

 public:
  std::string key_check_to_set_;
};

void Applier::copy_field(const core::Token& from, core::Token& to, Field field) {
  const auto known =
      std::find_if(kCopies.begin(), kCopies.end(), [&](const auto& copy) { return copy.first == field; });
  if (known != kCopies.end()) known->second(from, to);
}

}  // namespace

Result<ImportResult> apply_import(Store& store, const ImportBatch& batch, const ApplyOptions& options) {
  Applier applier(store, options);
  auto result = applier.run(batch);
  if (result && !applier.key_check_to_set_.empty()) {
    if (Status set = store.set_key_check(applier.key_check_to_set_); !set) return set.error();
  }
  return result;
}

bool replace_value(TokenRecord& record, core::TokenValue value, std::uint64_t probe, std::optional<core::Instant> since,
                   core::Instant now) {
  std::vector<core::TokenValue>& values = record.token.values;
  record.probes.resize(values.size(), 0);
  const bool is_hash = !value.fingerprint.empty();
  // One that it had before is a source that has not heard of the rotation.
  for (std::size_t i = 0; i < values.size(); ++i) {
    const core::TokenValue& known = values[i];
    if (is_hash && known.scheme == value.scheme && known.fingerprint == value.fingerprint) {
      // One of an earlier version of this program has no probe yet.
      return probe != 0 && std::exchange(record.probes[i], probe) != probe;
    }
    if (!is_hash && known.last_four == value.last_four) return false;
  }
  const core::Instant begin = since.value_or(now);
  // A value of which nothing or the last four characters were known is not another one when its fingerprint comes.
  const bool completes = !values.empty() && values.front().fingerprint.empty() && is_hash &&
                         (values.front().last_four.empty() || values.front().last_four == value.last_four);
  value.valid_from = since;
  if (completes) {
    value.valid_from = values.front().valid_from;
    values.erase(values.begin());
    record.probes.erase(record.probes.begin());
  } else if (!values.empty()) {
    if (!values.front().valid_until) values.front().valid_until = begin;
    value.valid_from = begin;
    if (!record.token.last_rotated || *record.token.last_rotated < begin) record.token.last_rotated = begin;
  }
  value.valid_until.reset();
  values.insert(values.begin(), std::move(value));
  record.probes.insert(record.probes.begin(), probe);
  return true;
}

Status check_key(const Store& store, const Fingerprinter& fingerprinter) {
  const auto known = store.key_check();
  if (!known) return known.error();
  if (known->empty() || *known == fingerprinter.key_check()) return {};
  return make_error(ErrorCode::invalid_argument,
                    "this is not the key that the inventory's fingerprints were made with (key check " +
                        fingerprinter.key_check() + ", the inventory has " + *known +
                        "): use that key, or replace it with keytrail inventory rekey",
                    store.path());
}

Status use_key(Store& store, const Fingerprinter& fingerprinter) {
  if (Status same = check_key(store, fingerprinter); !same) return same;
  const auto known = store.key_check();
  if (!known) return known.error();
  return known->empty() ? store.set_key_check(fingerprinter.key_check()) : Status();
}

}  // namespace keytrail::inventory
