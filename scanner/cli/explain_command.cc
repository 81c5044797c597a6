#include "scanner/cli/explain_command.h"

#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/explain_place.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/scan_rules.h"
#include "scanner/cli/scan_setup.h"
#include "scanner/fs/standard_input.h"
#include "scanner/fs/start.h"
#include "scanner/git/ignore.h"
#include "scanner/report/unicode.h"

namespace keytrail::cli {
namespace {

struct Answer {
  std::string path;          // as it is shown
  std::string tracked_path;  // what globs are compared with
  std::uint64_t line = 0;
  ruleset::RuleSet rules;
  std::vector<std::string> notes;
  std::vector<scan::Explained> candidates;
};

Error refusal(std::string message, const std::string& subject = {}) {
  return make_error(ErrorCode::invalid_argument, std::move(message), subject);
}

Status check_arguments(const ScanArguments& arguments) {
  if (arguments.staged || !arguments.range.empty() || !arguments.since_ref.empty()) {
    return refusal("--explain looks at files, and with --history at COMMIT:FILE:LINE");
  }
  if (arguments.format != "text" && arguments.format != "json") {
    return refusal("--explain answers in the formats text and json", arguments.format);
  }
  if (!arguments.reports.empty()) return refusal("--explain writes no reports: leave --report out");
  return {};
}

// A file that a scan would not look at.
std::optional<std::string> ignored(const ScanArguments& arguments, const std::string& file) {
  if (arguments.no_ignore) return std::nullopt;
  const auto provider = git::make_ignore_provider();
  const auto found = provider->containing(file.substr(0, std::max<std::size_t>(file.rfind('/'), 1)));
  const std::string root = found.root.ends_with('/') ? found.root : found.root + "/";
  if (!found.rules || !file.starts_with(root)) return std::nullopt;
  if (!found.rules->ignored(std::string_view(file).substr(root.size()), false)) return std::nullopt;
  return "a scan leaves this file out: .gitignore names it (--no-ignore scans it)";
}

// The file of which the folder's configuration counts.
std::string file_to_name(const std::string& file) { return real_path(file) ? file : split_member(file).archive; }

Result<std::string> history_text(const ExplainPlace& place, const Target& target, Answer& answer) {
  answer.path = place.file;
  answer.tracked_path = path_in_history(place.file);
  return read_explained_history(target.paths.front(), place.file);
}

Result<std::string> file_text(const ExplainPlace& place, const Target& target, const ScanArguments& arguments,
                              Answer& answer) {
  if (place.file == "-") {
    answer.path = fs::kStandardInputPath;
  } else {
    const std::string name = file_to_name(place.file);
    const auto file = real_path(name);
    if (!file) return file.error();
    answer.path = fs::reported_path(*file, target.root) + place.file.substr(name.size());
    if (auto note = ignored(arguments, *file)) answer.notes.push_back(std::move(*note));
  }
  answer.tracked_path = answer.path;
  return read_explained_text(place.file);
}

Result<Answer> answer(const ScanArguments& arguments) {
  if (Status checked = check_arguments(arguments); !checked) return checked.error();
  const ExplainPlace place = parse_explain_place(arguments.explain);
  ScanArguments scan = arguments;
  if (scan.paths.empty()) scan.paths = {scan.history ? "." : file_to_name(place.file)};
  Target target;
  auto config = load_config_for(scan, target);
  if (!config) return config.error();
  auto loaded = load_scan_rules(scan, *config, target);
  if (!loaded) return loaded.error();
  auto suppressions = load_suppressions(scan, *config);
  if (!suppressions) return suppressions.error();
  Answer answer;
  answer.line = place.line;
  answer.rules = std::move(loaded->rules);
  auto text = scan.history ? history_text(place, target, answer) : file_text(place, target, arguments, answer);
  if (!text) return text.error();
  engine::EngineOptions engine_options;
  if (!arguments.no_cache) engine_options.cache_folder = cache_folder();
  auto engine = engine::Engine::build(answer.rules, engine_options);
  if (!engine) return engine.error();
  scan::Imported imported(std::move(loaded->imported));
  scan::ExplainOptions options;
  const std::string& confidence = arguments.min_confidence.empty() ? config->min_confidence : arguments.min_confidence;
  options.min_confidence = core::parse_confidence(confidence).value_or(core::Confidence::medium);
  options.exclude = config->exclude;
  options.exclude.insert(options.exclude.end(), arguments.exclude.begin(), arguments.exclude.end());
  options.suppressions = &*suppressions;
  options.imported = &imported;
  options.line = place.line;
  auto candidates = scan::explain(*engine, *text, answer.tracked_path, options);
  if (!candidates) return candidates.error();
  answer.candidates = std::move(*candidates);
  return answer;
}

nlohmann::ordered_json to_json(const scan::Explained& item, const ruleset::RuleSet& rules) {
  nlohmann::ordered_json json;
  json["rule"] = rules.rules()[item.rule].id;
  json["outcome"] = item.outcome;
  json["filter"] = item.filter.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(item.filter);
  json["why"] = item.why;
  json["secret"] =
      item.masked.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(report::visible(item.masked));
  json["start_line"] = item.position.start_line;
  json["start_column"] = item.position.start_column;
  json["end_line"] = item.position.end_line;
  json["end_column"] = item.position.end_column;
  if (!item.fingerprint.empty()) json["fingerprint"] = item.fingerprint;
  return json;
}

void print_json(const Answer& answer) {
  nlohmann::ordered_json json;
  json["schema_version"] = 1;
  json["path"] = report::visible(answer.path);
  json["line"] = answer.line == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(answer.line);
  json["notes"] = answer.notes;
  json["candidates"] = nlohmann::ordered_json::array();
  for (const scan::Explained& item : answer.candidates) json["candidates"].push_back(to_json(item, answer.rules));
  std::cout << json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

void print_text(const Answer& answer) {
  const std::string path = report::visible(answer.path);
  for (const std::string& note : answer.notes) std::cout << path << ": " << note << "\n";
  for (const scan::Explained& item : answer.candidates) {
    std::cout << path << ":" << item.position.start_line << ":" << item.position.start_column << "  "
              << answer.rules.rules()[item.rule].id << "  " << item.outcome
              << (item.filter.empty() ? "" : " (" + item.filter + ")");
    if (!item.masked.empty()) std::cout << "  " << report::visible(item.masked);
    std::cout << "\n    " << item.why << "\n";
  }
  if (!answer.candidates.empty()) return;
  std::cout << path << (answer.line == 0 ? "" : ":" + std::to_string(answer.line))
            << ": no candidate: no anchor of any rule stands " << (answer.line == 0 ? "in it" : "on this line") << "\n";
}

}  // namespace

int run_explain_command(const ScanArguments& arguments) {
  const auto answered = answer(arguments);
  if (!answered) return fail(answered.error());
  if (arguments.format == "json") {
    print_json(*answered);
  } else {
    print_text(*answered);
  }
  std::cout.flush();
  return kClean;
}

}  // namespace keytrail::cli
