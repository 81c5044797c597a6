#include "scanner/ruleset/gitleaks_rules.h"

#include <algorithm>
#include <utility>

#include "scanner/ruleset/gitleaks_ids.h"
#include "scanner/ruleset/go_pattern.h"
#include "scanner/ruleset/pattern.h"

namespace keytrail::ruleset {
namespace {

// gitleaks asks for a keyword anywhere in the file.
constexpr std::uint32_t kKeywordDistance = 256;
constexpr std::size_t kMinAnchor = 3;
constexpr std::size_t kMaxNameBytes = 120;

Error not_expressed(const GitleaksRule& rule, std::string reason) {
  return make_error(ErrorCode::unsupported, std::move(reason), rule.place);
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  if (text.size() <= kMaxNameBytes) return text;
  std::size_t end = kMaxNameBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not inside of a code point
  return text.substr(0, end);
}

RuleDraft draft_of(const GitleaksRule& from, const BoundedPattern& bounded) {
  RuleDraft draft;
  Rule& rule = draft.rule;
  rule.id = imported_id(from.id);
  rule.name = one_line(from.description.empty() ? from.id : from.description);
  rule.provider = "Custom";
  rule.description = one_line(from.description);
  rule.kind = RuleKind::token;
  rule.severity = core::Severity::high;
  rule.confidence = core::Confidence::medium;
  rule.pattern = bounded.pattern;
  rule.min_entropy = from.entropy;
  rule.negative_examples = {"${SECRET}"};
  rule.source = from.place;
  if (from.secret_group && *from.secret_group > 0) draft.secret_group = from.secret_group;
  draft.run = bounded.run;
  draft.wants_borders = false;
  return draft;
}

std::vector<std::string> usable_keywords(const GitleaksRule& rule) {
  std::vector<std::string> words;
  for (const std::string& word : rule.keywords) {
    if (word.size() >= kMinAnchor) words.push_back(word);
  }
  return words.size() == rule.keywords.size() ? words : std::vector<std::string>();
}

// Where every match has one of the keywords, they are anchors.
bool keywords_in_pattern(const BoundedPattern& bounded, const std::vector<std::string>& words) {
  if (words.empty()) return false;
  const Result<Pattern> pattern = Pattern::parse(bounded.pattern);
  return pattern && pattern->places_of(words, true).has_value();
}

}  // namespace

Result<ImportedRule> import_rule(const GitleaksRule& from) {
  if (from.regex.empty()) {
    return not_expressed(from, from.path.empty() ? "it has no regex" : "it names files by their path alone");
  }
  Result<BoundedPattern> bounded = bound_pattern(from.regex);
  if (!bounded) return not_expressed(from, bounded.error().message);
  ImportedRule imported;
  imported.draft = draft_of(from, *bounded);
  imported.bounds = std::move(bounded->changes);
  if (from.skip_report) {
    imported.draft.rule.severity = core::Severity::info;
    imported.draft.rule.confidence = core::Confidence::low;
    imported.changes.emplace_back("skipReport: it has low confidence, so that only --min-confidence low shows it");
  }
  const std::vector<std::string> words = usable_keywords(from);
  if (keywords_in_pattern(*bounded, words)) {
    imported.draft.anchors = words;
    imported.draft.anchors_caseless = true;
  }
  Result<Rule> rule = derive_rule(imported.draft);
  if (rule && !imported.draft.anchors && !from.keywords.empty()) {
    imported.changes.emplace_back("its keywords are not in every match; it is looked for without them");
  }
  if (!rule && !imported.draft.anchors && !words.empty()) {
    imported.draft.rule.kind = RuleKind::context;
    imported.draft.rule.context = words;
    imported.draft.rule.context_distance = kKeywordDistance;
    imported.changes.push_back("no text of 3 bytes stands in every match: a keyword must stand within " +
                               std::to_string(kKeywordDistance) + " bytes");
    rule = derive_rule(imported.draft);
  }
  if (!rule) {
    const bool no_anchor = words.empty() && rule.error().message.find("no literal") != std::string::npos;
    return not_expressed(from, no_anchor ? "no text of 3 bytes stands in every match, and no keyword of 3 bytes says "
                                           "where to look: add keywords"
                                         : rule.error().message);
  }
  imported.rule = std::move(*rule);
  imported.rule.source = from.place;
  return imported;
}

Companion companion_for(const GitleaksRequired& required, const std::string& id, std::string& change) {
  constexpr std::uint32_t kLineBytes = 100;
  constexpr std::uint32_t kAnywhereBytes = 4096;
  constexpr std::uint32_t kMost = 16384;  // a rule's window grows by it
  Companion companion;
  companion.rule = id;
  if (required.within_lines) {
    companion.within = static_cast<std::uint32_t>(
        std::min<std::uint64_t>((std::uint64_t{*required.within_lines} + 1) * kLineBytes, kMost));
  } else {
    companion.within = std::clamp(required.within_columns.value_or(kAnywhereBytes), 1U, kMost);
  }
  change = "it counts where " + id + " matches within " + std::to_string(companion.within) + " bytes";
  return companion;
}

bool is_required(const std::vector<GitleaksRule>& rules, const std::string& id) {
  return std::any_of(rules.begin(), rules.end(), [&](const GitleaksRule& rule) {
    return std::any_of(rule.required.begin(), rule.required.end(),
                       [&](const GitleaksRequired& required) { return required.id == id; });
  });
}

}  // namespace keytrail::ruleset
