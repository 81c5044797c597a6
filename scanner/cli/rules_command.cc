#include "scanner/cli/rules_command.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "scanner/base/file.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/scan_setup.h"
#include "scanner/engine/rule_check.h"
#include "scanner/engine/rule_overlap.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxRuleFileBytes = std::size_t{64} << 20;

nlohmann::ordered_json to_json(const ruleset::Rule& rule) {
  nlohmann::ordered_json json;
  json["id"] = rule.id;
  json["name"] = rule.name;
  json["provider"] = rule.provider;
  json["description"] = rule.description;
  json["aliases"] = rule.aliases;
  json["category"] = ruleset::to_string(rule.category);
  json["kind"] = ruleset::to_string(rule.kind);
  json["severity"] = core::to_string(rule.severity);
  json["confidence"] = core::to_string(rule.confidence);
  json["pattern"] = rule.pattern;
  json["rotate"] = rule.rotate;
  json["source"] = rule.source;
  return json;
}

template <typename Items, typename Text>
void print_list(std::string_view label, const Items& items, Text text) {
  bool first = true;
  for (const auto& item : items) {
    std::cout << (first ? std::string(label) : std::string(label.size(), ' ')) << text(item) << "\n";
    first = false;
  }
}

void print_rule(const ruleset::Rule& rule) {
  const auto same = [](const std::string& text) { return text; };
  std::cout << rule.id << "  " << rule.name << " (" << rule.provider << ")\n";
  if (!rule.description.empty()) std::cout << "  " << rule.description << "\n";
  print_list("  was called  ", rule.aliases, same);
  std::cout << "  category    " << ruleset::to_string(rule.category) << "\n"
            << "  kind        " << ruleset::to_string(rule.kind) << "\n"
            << "  severity    " << core::to_string(rule.severity) << "\n"
            << "  confidence  " << core::to_string(rule.confidence) << "\n"
            << "  pattern     " << rule.pattern << "\n"
            << "  width       " << rule.min_width << " to " << rule.max_width << " bytes; looks at most "
            << rule.window() << " bytes around an anchor\n";
  print_list("  anchors     ", rule.anchors, [](const ruleset::Anchor& anchor) {
    std::string line = anchor.text + (anchor.caseless ? "  (any case)" : "") + (anchor.is_pattern ? "  (pattern)" : "");
    for (const ruleset::AnchorLiteral& literal : anchor.literals) {
      line += (&literal == &anchor.literals.front() ? "  looked for by " : ", ") + literal.text;
    }
    return line;
  });
  print_list("  context     ", rule.context, same);
  if (!rule.context.empty()) std::cout << "  distance    " << rule.context_distance << " bytes\n";
  if (rule.min_entropy > 0) std::cout << "  entropy     " << rule.min_entropy << " bits a character\n";
  if (rule.check != ruleset::CheckId::none) {
    std::cout << "  check       " << ruleset::to_string(rule.check)
              << (rule.check_decides ? " (decides)" : " (a failure lowers the confidence)") << "\n";
  }
  print_list("  companion   ", rule.companions, [](const ruleset::Companion& companion) {
    return companion.rule + " within " + std::to_string(companion.within) + " bytes" +
           (companion.required ? "" : " (raises the confidence)");
  });
  print_list("  paths       ", rule.include_paths, same);
  print_list("  not in      ", rule.exclude_paths, same);
  print_list("  allowed     ", rule.allow, same);
  if (!rule.rotate.empty()) std::cout << "  rotate      " << rule.rotate << "\n";
  std::cout << "  defined in  " << rule.source << "\n";
}

Result<ruleset::RuleSet> rules_to_check(const std::vector<std::string>& files) {
  if (files.empty()) return ruleset::RuleSet::builtin();
  ruleset::RuleSet rules;
  for (const std::string& file : files) {
    const auto text = read_file(file, kMaxRuleFileBytes);
    if (!text) return text.error();
    auto parsed = ruleset::RuleSet::parse(*text, file);
    if (!parsed) return parsed.error();
    if (Status merged = rules.merge(std::move(*parsed)); !merged) return merged.error();
  }
  return rules;
}

std::string describe(const engine::RuleOverlap& overlap) {
  const std::string has = "; in a report " + overlap.winner + " has them";
  if (overlap.mutual)
    return "conflict: " + overlap.rule + " and " + overlap.other + " find each other's examples" + has;
  return "subsumed: " + overlap.other + " finds every example of " + overlap.rule + has;
}

}  // namespace

int run_rules_list(const RulesArguments& arguments) {
  const auto rules = load_rules(arguments.rules, {}, {});
  if (!rules) return fail(rules.error());
  if (arguments.json) {
    auto list = nlohmann::ordered_json::array();
    for (const ruleset::Rule& rule : rules->rules()) list.push_back(to_json(rule));
    std::cout << list.dump(2) << "\n";
    return kClean;
  }
  std::size_t width = 0;
  for (const ruleset::Rule& rule : rules->rules()) width = std::max(width, rule.id.size());
  for (const ruleset::Rule& rule : rules->rules()) {
    std::cout << std::left << std::setw(static_cast<int>(width)) << rule.id << "  " << std::setw(8)
              << core::to_string(rule.severity) << "  " << std::setw(6) << core::to_string(rule.confidence) << "  "
              << rule.name << "\n";
  }
  std::cout << rules->rules().size() << " rules; keytrail rules show ID tells all about one\n";
  return kClean;
}

int run_rules_show(const RulesArguments& arguments) {
  const auto rules = load_rules(arguments.rules, {}, {});
  if (!rules) return fail(rules.error());
  const ruleset::Rule* rule = rules->find(arguments.id);
  if (rule == nullptr) {
    return fail(make_error(ErrorCode::not_found, "no rule has this id; keytrail rules list shows all", arguments.id));
  }
  print_rule(*rule);
  return kClean;
}

int run_rules_check(const RulesArguments& arguments) {
  const auto rules = rules_to_check(arguments.files);
  if (!rules) return fail(rules.error());
  const auto problems = engine::check_rules(*rules);
  if (!problems) return fail(problems.error());
  for (const std::string& problem : *problems) std::cout << problem << "\n";
  const auto overlaps = engine::find_rule_overlaps(*rules);
  if (!overlaps) return fail(overlaps.error());
  for (const engine::RuleOverlap& overlap : *overlaps) std::cout << describe(overlap) << "\n";
  std::cout << rules->rules().size() << " rules checked, " << problems->size() << " problems";
  if (!overlaps->empty()) std::cout << ", " << overlaps->size() << " overlaps";
  std::cout << "\n";
  return problems->empty() ? kClean : kUsage;
}

}  // namespace keytrail::cli
