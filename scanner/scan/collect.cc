#include "scanner/scan/collect.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "scanner/base/glob.h"
#include "scanner/core/known_values.h"

namespace keytrail::scan {
namespace {

using core::Finding;
using core::Occurrence;
using core::Suppression;

bool any_matches(const std::vector<std::string>& globs, std::string_view path) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return glob_matches(glob, path); });
}

struct Key {
  core::RuleIndex rule;
  std::string fingerprint;
  // Nothing, or how it was suppressed.
  int kind;
  std::string reason;
  std::string owner;

  friend auto operator<=>(const Key&, const Key&) = default;
};

Key key_of(const Record& record, const std::optional<Suppression>& suppression) {
  if (!suppression) return {record.rule, record.fingerprint, -1, {}, {}};
  return {record.rule, record.fingerprint, static_cast<int>(suppression->kind), suppression->reason,
          suppression->owner};
}

std::vector<std::string> ids_of(const std::vector<core::RuleIndex>& indexes, const ruleset::RuleSet& rules) {
  std::vector<std::string> ids;
  ids.reserve(indexes.size());
  for (const core::RuleIndex index : indexes) ids.push_back(rules.rules()[index].id);
  return ids;
}

class Builder {
 public:
  Builder(const ruleset::RuleSet& rules, std::map<Key, Finding>& findings) : rules_(rules), findings_(findings) {}

  void add(const Record& record, Occurrence occurrence, const std::optional<Suppression>& suppression) {
    const auto [entry, is_new] = findings_.try_emplace(key_of(record, suppression));
    Finding& finding = entry->second;
    if (is_new) {
      finding.rule = rules_.rules()[record.rule].id;
      finding.severity = record.severity;
      finding.confidence = record.confidence;
      finding.fingerprint = record.fingerprint;
      finding.masked = record.masked;
      finding.secret = record.secret;
      finding.facts = record.facts;
      finding.token = record.token;
      finding.suppressed = suppression;
    }
    // Equal values have equal facts, but for how they were encoded: that is told when it is so everywhere.
    std::erase_if(finding.facts, [&](const core::Fact& fact) {
      return std::find(record.facts.begin(), record.facts.end(), fact) == record.facts.end();
    });
    finding.severity = std::max(finding.severity, record.severity);
    finding.confidence = std::max(finding.confidence, record.confidence);
    for (const core::RuleIndex related : record.related) {
      const std::string& id = rules_.rules()[related].id;
      if (id == core::kKnownRule) continue;  // the finding's token says so
      const auto at = std::lower_bound(finding.related.begin(), finding.related.end(), id);
      if (at == finding.related.end() || *at != id) finding.related.insert(at, id);
    }
    finding.occurrences.push_back(std::move(occurrence));
  }

 private:
  const ruleset::RuleSet& rules_;
  std::map<Key, Finding>& findings_;
};

}  // namespace

bool rule_wants(const ruleset::Rule& rule, std::string_view path) {
  if (path.empty()) return true;
  return (rule.include_paths.empty() || any_matches(rule.include_paths, path)) &&
         !any_matches(rule.exclude_paths, path);
}

std::vector<Occurrence> occurrences_of(const Record& record, const core::Homes& homes) {
  const auto known = record.occurrence.object ? homes.find(*record.occurrence.object) : homes.end();
  if (known == homes.end() || known->second.empty()) return {record.occurrence};
  std::vector<Occurrence> occurrences;
  for (const core::Home& home : known->second) {
    Occurrence occurrence = record.occurrence;
    occurrence.path = home.path + record.occurrence.path;  // members of an archive follow its path
    occurrence.home = home;
    occurrences.push_back(std::move(occurrence));
  }
  return occurrences;
}

std::vector<core::ObjectId> objects_of(const std::vector<Record>& records) {
  std::vector<core::ObjectId> objects;
  for (const Record& record : records) {
    if (record.occurrence.object) objects.push_back(*record.occurrence.object);
  }
  std::sort(objects.begin(), objects.end());
  objects.erase(std::unique(objects.begin(), objects.end()), objects.end());
  return objects;
}

namespace {

// A token whose own date has passed opens nothing any more. The engine knows no date: it is told here, once for all.
void mark_expired(const Suppressions& today, Finding& finding) {
  const auto exp = std::find_if(finding.facts.begin(), finding.facts.end(),
                                [](const core::Fact& fact) { return fact.first == "exp"; });
  if (exp == finding.facts.end() || !today.is_past(exp->second)) return;
  finding.severity = std::min(finding.severity, core::Severity::low);
  finding.facts.emplace_back("expired", "true");
}

}  // namespace

Collected collect(std::vector<Record> records, const core::Homes& homes, const ruleset::RuleSet& rules,
                  Suppressions& suppressions, const CollectOptions& options) {
  // Threads deliver in any order; masked forms of equal values are equal, so only the order matters.
  // Records that were placed in a history already (introduced()) may be equal here: they keep their order.
  std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) {
    const auto key = [](const Record& r) {
      return std::tie(r.occurrence.path, r.occurrence.object, r.occurrence.position, r.rule, r.fingerprint);
    };
    return key(a) < key(b);
  });
  std::map<Key, Finding> findings;
  Builder builder(rules, findings);
  const auto known_rule = rules.index_of(core::kKnownRule);
  for (const Record& record : records) {
    const ruleset::Rule& rule = rules.rules()[record.rule];
    // What was recognised by its value needs no path that fits the rule.
    const bool is_known =
        known_rule && std::find(record.related.begin(), record.related.end(), *known_rule) != record.related.end();
    for (Occurrence& occurrence : occurrences_of(record, homes)) {
      if ((!is_known && !rule_wants(rule, occurrence.path)) || any_matches(options.exclude, occurrence.path)) continue;
      std::optional<Suppression> suppression = record.comment;
      if (!suppression) suppression = suppressions.find(rule.id, record.fingerprint, occurrence.path);
      if (options.imported != nullptr) {
        if (!options.imported->wants(rule.id, occurrence.path)) continue;
        if (!suppression) {
          suppression = options.imported->find(rule.id, ids_of(record.related, rules), occurrence, record.marks);
        }
      }
      for (const std::string& alias : rule.aliases) {
        if (!suppression) suppression = suppressions.find(alias, record.fingerprint, occurrence.path);
      }
      builder.add(record, std::move(occurrence), suppression);
    }
  }
  Collected collected;
  for (auto& [key, finding] : findings) {
    mark_expired(suppressions, finding);
    if (finding.confidence < options.min_confidence) {
      ++collected.below_confidence;
    } else {
      collected.findings.push_back(std::move(finding));
    }
  }
  core::sort_findings(collected.findings);
  return collected;
}

}  // namespace keytrail::scan
