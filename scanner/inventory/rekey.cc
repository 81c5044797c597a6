#include "scanner/inventory/rekey.h"

#include <algorithm>
#include <map>
#include <utility>

#include "scanner/inventory/import_apply.h"
#include "scanner/inventory/json_reader.h"

namespace keytrail::inventory {
namespace {

struct Given {
  std::string place;
  SecretString value;
};
using GivenById = std::map<std::string, std::vector<Given>, std::less<>>;

void read_tab_lines(std::string_view text, GivenById& given, std::vector<std::string>& problems) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const std::string place = "line " + std::to_string(number);
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos || tab == 0) {
      problems.push_back(place + ": an id, a tab and a value are due here");
      continue;
    }
    given[std::string(line.substr(0, tab))].push_back({place, SecretString(line.substr(tab + 1))});
  }
}

Status read_json_lines(SecretString text, GivenById& given, std::vector<std::string>& problems) {
  const auto document = JsonDocument::parse(std::move(text), "standard input");
  if (!document) return document.error();
  const JsonView root = document->root();
  for (JsonView item = root.is_array() ? root.first() : root; item.exists(); item = item.next()) {
    const std::string place = "line " + std::to_string(item.line());
    if (!item["id"].is_string() || !item["value"].is_string()) {
      problems.push_back(place + ": an object with \"id\" and \"value\" is due here");
      continue;
    }
    given[std::string(item["id"].text())].push_back({place, SecretString(item["value"].text())});
  }
  return {};
}

class Rekeyer {
 public:
  Rekeyer(Store& store, const Fingerprinter* old_key, const Fingerprinter& new_key, GivenById given)
      : store_(store), old_key_(old_key), new_key_(new_key), given_(std::move(given)) {}

  Result<RekeyResult> run(const std::string& old_check, std::vector<std::string> problems) {
    result_.problems = std::move(problems);
    retired_.name = std::string(kOwnScheme) + "-" + old_check;
    retired_.retired_key_check = old_check;
    const auto tokens = ids_with_values();
    if (!tokens) return tokens.error();
    for (const std::string& id : *tokens) {
      if (Status done = one(id); !done) return done.error();
    }
    for (const auto& [id, values] : given_) {
      for (const Given& value : values) {
        result_.problems.push_back(value.place + ": no token " + id + " with a fingerprint");
      }
    }
    return std::move(result_);
  }

 private:
  Result<std::vector<std::string>> ids_with_values() const {
    std::vector<std::string> ids;
    const auto list = store_.list({});
    if (!list) return list.error();
    for (const TokenSummary& token : *list) {
      if (token.has_fingerprint) ids.push_back(token.id);
    }
    return ids;
  }

  Status one(const std::string& id) {
    auto found = store_.find_record(id);
    if (!found) return found.error();
    if (!*found) return {};
    TokenRecord& record = **found;
    record.probes.resize(record.token.values.size(), 0);
    std::vector<bool> done(record.token.values.size(), false);
    const auto values = given_.find(id);
    if (values != given_.end()) {
      for (std::size_t i = 0; i < values->second.size(); ++i) place_value(record, values->second[i], i, done);
      given_.erase(values);
    }
    bool retired = false;
    for (std::size_t i = 0; i < done.size(); ++i) {
      core::TokenValue& value = record.token.values[i];
      if (done[i] || value.scheme != kOwnScheme || value.fingerprint.empty()) continue;
      value.scheme = retired_.name;
      record.probes[i] = 0;  // made with the old key
      retired = true;
      if (i == 0) result_.missing.push_back(id);
    }
    if (retired && !retired_is_put_) {
      retired_is_put_ = true;
      if (Status put = store_.put_scheme(retired_); !put) return put;
    }
    return store_.put(record);
  }

  // Which of the token's values it is.
  void place_value(TokenRecord& record, const Given& given, std::size_t number, std::vector<bool>& done) {
    const std::string_view text = given.value.view();
    std::vector<core::TokenValue>& values = record.token.values;
    std::size_t at = values.size();
    if (old_key_ != nullptr) {
      const std::string old = to_hex(old_key_->fingerprint(text));
      at = static_cast<std::size_t>(std::find_if(values.begin(), values.end(),
                                                 [&](const core::TokenValue& value) {
                                                   return value.scheme == kOwnScheme && value.fingerprint == old;
                                                 }) -
                                    values.begin());
    } else if (number < values.size() && values[number].length == text.size() &&
               values[number].last_four == last_four(text)) {
      at = number;
    }
    if (at == values.size() || done[at]) {
      result_.problems.push_back(given.place + ": this is not a value that " + record.token.id + " has or had");
      return;
    }
    core::TokenValue kept = new_key_.describe(text);
    kept.valid_from = values[at].valid_from;
    kept.valid_until = values[at].valid_until;
    values[at] = std::move(kept);
    record.probes[at] = new_key_.probe(text);
    done[at] = true;
    ++result_.values;
  }

  Store& store_;
  const Fingerprinter* old_key_;
  const Fingerprinter& new_key_;
  GivenById given_;
  HashScheme retired_;
  bool retired_is_put_ = false;
  RekeyResult result_;
};

}  // namespace

Result<RekeyResult> rekey(Store& store, SecretString lines, const Fingerprinter* old_key, const Fingerprinter& new_key,
                          const Actor& actor) {
  GivenById given;
  std::vector<std::string> problems;
  const std::size_t first = lines.view().find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && lines.view()[first] == '{') {
    if (Status read = read_json_lines(std::move(lines), given, problems); !read) return read.error();
  } else {
    read_tab_lines(lines.view(), given, problems);
  }
  auto transaction = store.begin();
  if (!transaction) return transaction.error();
  const auto old_check = store.key_check();
  if (!old_check) return old_check.error();
  if (old_check->empty()) {
    return make_error(ErrorCode::invalid_argument, "the inventory has no fingerprints yet: any key can be used",
                      store.path());
  }
  if (*old_check == new_key.key_check()) {
    return make_error(ErrorCode::invalid_argument, "the new key is the one that the inventory has", store.path());
  }
  if (old_key != nullptr) {
    if (Status same = check_key(store, *old_key); !same) return same.error();
  }
  auto result = Rekeyer(store, old_key, new_key, std::move(given)).run(*old_check, std::move(problems));
  if (!result || !result->problems.empty()) return result;
  AuditEvent event;
  event.kind = "rekey";
  event.operator_name = actor.operator_name;
  event.requester = actor.requester;
  event.approver = actor.approver;
  event.reason = actor.reason;
  event.details = {{"old_key_check", *old_check},
                   {"new_key_check", new_key.key_check()},
                   {"values", std::to_string(result->values)},
                   {"missing", std::to_string(result->missing.size())}};
  Status done = store.set_key_check(new_key.key_check());
  if (done) done = store.record(event);
  if (done) done = transaction->commit();
  if (!done) return done.error();
  return result;
}

}  // namespace keytrail::inventory
