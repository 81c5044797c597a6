// What the files of other scanners accept: gitleaks' allowlists and .gitleaksignore, baselines of gitleaks and of
// detect-secrets. Knows none of their formats; cli/ reads those.
//
// Conditions on text are tried when a match is recorded, where its text is at hand, and kept as marks; conditions on
// path, line and commit when findings are made. So nothing here changes what the engine finds, and a match that a copy
// inherits gets its marks from the text that it now stands in.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/core/finding.h"
#include "scanner/core/match.h"
#include "scanner/engine/text_pattern.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::scan {

// An allowlist in the manner of gitleaks: conditions of up to four kinds, of which one must hold, or each that is
// there.
struct ImportedAllow {
  enum class Target : std::uint8_t { secret, match, line };

  std::vector<std::string> rules;  // ids; empty: every rule
  bool needs_all = false;
  std::vector<std::string> commits;          // lower-case hexadecimal
  std::vector<engine::TextPattern> paths;    // one of them
  std::vector<engine::TextPattern> regexes;  // one of them, in `target`
  Target target = Target::secret;
  std::vector<std::string> stopwords;  // lower case; one of them is a part of the secret
  std::string reason;
};

// A secret that somebody accepted. All that is given must fit.
struct ImportedEntry {
  std::vector<std::string> rules;  // ids, one of which found it or is related; empty: any
  std::string path;                // exact
  std::string commit;              // lower-case hexadecimal
  std::uint64_t line = 0;          // on which the secret stands; 0: any
  std::string value;               // SHA-1 of the secret, hexadecimal; empty: any
  std::string reason;
  std::string source;  // ".gitleaksignore"
  core::Suppression::Kind kind = core::Suppression::Kind::baseline;
};

// Where a rule that came from outside looks at all: only at paths in which this is found.
struct ImportedPath {
  std::string rule;
  engine::TextPattern path;
};

struct ImportedFiles {
  std::vector<ImportedAllow> allow;
  std::vector<ImportedEntry> entries;
  std::vector<ImportedPath> paths;
  std::vector<std::string> notes;  // what could not be taken over, for the report
};

// Threads may call marks() at once; find() is for one.
class Imported {
 public:
  explicit Imported(ImportedFiles files);

  bool empty() const;
  // Numbers of what the text of a match says, ascending. `text` is all that is at hand of the text around it.
  std::vector<std::uint32_t> marks(const core::Match& match, const ruleset::RuleSet& rules,
                                   std::string_view text) const;
  // Whether the rule looks at this path.
  bool wants(std::string_view rule, std::string_view path) const;
  std::optional<core::Suppression> find(std::string_view rule, const std::vector<std::string>& related,
                                        const core::Occurrence& occurrence, const std::vector<std::uint32_t>& marks);
  // Names all that marks() goes by: with equal digests equal matches have equal marks.
  const std::string& digest() const { return digest_; }
  // What could not be taken over; and when everything was scanned how many entries were of no use.
  std::vector<std::string> notes(bool whole) const;

 private:
  bool holds(const ImportedAllow& allow, std::uint32_t number, const core::Occurrence& occurrence,
             const std::vector<std::uint32_t>& marks) const;
  bool fits(std::uint32_t entry, std::string_view rule, const std::vector<std::string>& related,
            const core::Occurrence& occurrence, const std::vector<std::uint32_t>& marks) const;
  std::string make_digest() const;

  ImportedFiles files_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_path_;   // entries
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_value_;  // entries
  std::vector<bool> used_;                                                // entries
  std::string digest_;
};

}  // namespace keytrail::scan
