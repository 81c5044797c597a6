// What tickets are made from: the findings and tokens of a JSON report, and where there is one, the whole inventory.
//
// Read from what `keytrail scan --inventory … --report json=FILE` writes (docs/formats.md), with the names of
// core/token.h for tokens and verdicts. Members that are not known are passed over; ones of the wrong type are an
// error. No value is kept: `value`, which --show-secrets adds, is used to keep it out of every other text and then
// dropped, and texts that people write are scrubbed (text.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/core/finding.h"
#include "scanner/core/token.h"

namespace keytrail::ticket {

// One place of a secret.
struct Place {
  std::size_t source = 0;  // of a ticket: index of its source
  std::string path;        // empty of messages and of blobs that no commit has
  std::string kind;        // "file", "git-blob", "commit-message", …
  std::uint64_t line = 0;
  std::string blob;
  std::string commit;
  std::string author;
  std::optional<core::Instant> date;
  std::string removed_by;
  bool in_history = false;  // the report says which commit, or that none is known
  bool at_tip = false;
  bool reachable = false;
  std::vector<std::string> refs;
  std::string held_by;

  friend bool operator==(const Place&, const Place&) = default;
};

struct Secret {
  std::string rule;
  std::string rule_name;
  std::string provider;
  std::string severity;
  std::string fingerprint;
  std::string masked;
  std::vector<Place> places;
  std::vector<std::pair<std::string, std::string>> facts;
  bool suppressed = false;
  std::optional<core::TokenLink> token;
  std::optional<core::Verdict> verdict;
};

struct Situation {
  std::string mode;
  std::vector<std::string> targets;  // as the user named them
  std::string root;
  std::string repository;
  std::string revision;
  bool complete = true;          // neither incomplete nor interrupted
  bool narrowed = false;         // options left something out
  std::string visibility;        // of the repository: "public", "private" or empty
  bool with_inventory = false;   // verdicts were given
  bool whole_inventory = false;  // `tokens` holds every token, not only those with a verdict
  std::vector<Secret> secrets;
  std::vector<core::TokenStatus> tokens;                             // through put_token
  std::map<std::string, std::size_t, std::less<>> places_of_tokens;  // in `tokens`, by id

  // Null when there is none with that id.
  const core::TokenStatus* find_token(std::string_view id) const;
  // Adds a token, or gives the entry that has its id new facts and leaves its verdicts.
  void put_token(core::TokenStatus status);
  // All tokens of the inventory's store, as judged now: their facts and dates go before the report's, whose verdicts on
  // findings stay. Their texts are scrubbed like the report's.
  void add_whole_inventory(std::vector<core::TokenStatus> statuses);
  // What is scanned: a ticket of another repository is not closed by this report.
  std::string target() const { return repository.empty() ? root : repository; }
};

Result<Situation> parse_report(std::string_view json, const std::string& place);
// An exported inventory: {"tokens": […]} or […]. Adds tokens and fills in what the report did not have of others.
Status add_inventory(Situation& situation, std::string_view json, const std::string& place);

}  // namespace keytrail::ticket
