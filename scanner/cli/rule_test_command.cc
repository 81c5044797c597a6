#include "scanner/cli/rule_test_command.h"

#include <iostream>
#include <map>
#include <utility>
#include <vector>

#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/explain_place.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/scan_setup.h"
#include "scanner/report/unicode.h"
#include "scanner/scan/explain.h"

namespace keytrail::cli {
namespace {

struct Tested {
  std::vector<const scan::Explained*> found;
  std::vector<const scan::Explained*> dropped;
  std::size_t anchors_alone = 0;
};

void print(const scan::Explained& item) {
  std::cout << "    " << item.position.start_line << ":" << item.position.start_column << "  " << item.outcome
            << (item.filter.empty() ? "" : " (" + item.filter + ")") << "  " << report::visible(item.masked) << "\n";
  if (item.outcome != "reported") std::cout << "        " << item.why << "\n";
}

void print(const std::string& id, const Tested& tested) {
  std::cout << id << ": " << tested.found.size() << " found, " << tested.dropped.size() << " dropped";
  if (tested.anchors_alone > 0) std::cout << ", on " << tested.anchors_alone << " lines an anchor without a match";
  std::cout << "\n";
  for (const scan::Explained* item : tested.found) print(*item);
  for (const scan::Explained* item : tested.dropped) print(*item);
}

bool is_found(const scan::Explained& item) { return !item.fingerprint.empty(); }

}  // namespace

int run_rules_test(const RulesArguments& arguments) {
  auto rules = load_rules(arguments.rules, arguments.only, {});
  if (!rules) return fail(rules.error());
  engine::EngineOptions options;
  options.cache_folder = cache_folder();
  auto engine = engine::Engine::build(*rules, options);
  if (!engine) return fail(engine.error());
  const std::string& file = arguments.files.front();
  const auto text = read_explained_text(file);
  if (!text) return fail(text.error());
  scan::ExplainOptions explain_options;
  explain_options.min_confidence = core::Confidence::low;
  // Rules are tried on the text wherever it stands: a path would switch some off.
  const auto items = scan::explain(*engine, *text, {}, explain_options);
  if (!items) return fail(items.error());
  std::map<core::RuleIndex, Tested> tested;
  for (const scan::Explained& item : *items) {
    Tested& rule = tested[item.rule];
    if (item.masked.empty()) {
      ++rule.anchors_alone;
    } else {
      (is_found(item) ? rule.found : rule.dropped).push_back(&item);
    }
  }
  for (const auto& [index, rule] : tested) print(rules->rules()[index].id, rule);
  if (tested.empty()) std::cout << "no anchor of any of " << rules->rules().size() << " rules stands in this file\n";
  std::cout.flush();
  return kClean;
}

}  // namespace keytrail::cli
