// The compiled-in rules, those of files that replace or add to them, and what follows from each rule's pattern.
//
// A RuleSet is immutable once built and shared by all threads. Its digest names it: two sets with equal digests find
// the same matches. Nothing here compiles a regular expression: patterns are parsed for their width, anchors and
// borders when the program is built (or when a rule file is given) and compiled by the engine when first needed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/rule.h"

namespace keytrail::ruleset {

class RuleSet {
 public:
  RuleSet() = default;

  // The rules that were compiled into the program. Reads the image that the build made: no TOML, no patterns.
  static Result<RuleSet> builtin();

  // The same to scan with: names, descriptions, examples and places are empty until add_texts(). Its digest is that of
  // builtin().
  static Result<RuleSet> builtin_without_texts();
  // Nothing for rules that have theirs, or are none of the compiled-in ones.
  Status add_texts();

  // Parses one TOML file. Errors name file, line and remedy. Unknown keys, bad patterns, unbounded windows, anchors
  // that a match could lack and duplicate ids are errors. Companions are not looked up before merge().
  static Result<RuleSet> parse(std::string_view toml, const std::string& file_name);

  // A set of these rules. Duplicate ids and aliases and companions that are not there are errors.
  static Result<RuleSet> from_rules(std::vector<Rule> rules);

  // Adds the rules of `other`; one with the id, or an alias, of a rule here takes its place. Then companions are looked
  // up.
  Status merge(RuleSet other);

  // Keeps what `keep` lists (all when empty) less what `drop` lists: ids, or "provider-*" for all that begin so. What
  // names no rule is an error, and so is a kept rule that requires one that went.
  Status select(const std::vector<std::string>& keep, const std::vector<std::string>& drop);

  // Sorted by id.
  const std::vector<Rule>& rules() const { return rules_; }
  // By id or alias.
  const Rule* find(std::string_view id) const;
  std::optional<core::RuleIndex> index_of(std::string_view id) const;

  // 32 hexadecimal digits over everything that a rule says, but not over where it was read.
  const std::string& digest() const { return digest_; }

  // The form in which the set is compiled into the program, and back. `serialise` is for the build step.
  std::string serialise() const;
  static Result<RuleSet> deserialise(std::string_view image);

 private:
  // Sorts, refuses duplicate ids, computes the digest.
  Status finish();
  Status check_companions() const;

  // Fills aliases_; an alias that is taken, by an id or another alias, is an error.
  Status index_aliases();

  std::vector<Rule> rules_;
  std::vector<std::pair<std::string, core::RuleIndex>> aliases_;  // sorted
  std::string digest_;
};

}  // namespace keytrail::ruleset
