#include "scanner/cli/workspace_checker.h"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "scanner/cli/environment.h"
#include "scanner/cli/scan_inventory.h"
#include "scanner/cli/scan_rules.h"
#include "scanner/cli/scan_setup.h"
#include "scanner/fs/start.h"
#include "scanner/git/ignore.h"
#include "scanner/scan/scan.h"

namespace keytrail::cli {
namespace {

// Folders that are ready at once: an editor has few open, and each takes some megabytes.
constexpr std::size_t kMaxWorkspaces = 8;

// One text that is in memory.
class TextSource : public core::Source {
 public:
  TextSource(std::string_view text, std::string path) : text_(text) { origin_.path = std::move(path); }

  Status run(core::Sink& sink, unsigned /*threads*/) override {
    sink.blob(0, {text_, &origin_});
    return {};
  }

 private:
  std::string_view text_;
  core::BlobOrigin origin_;
};

// Offsets of the places of reports: lines end with line feeds there, and columns count code points.
class Offsets {
 public:
  explicit Offsets(std::string_view text) : text_(text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      starts_.push_back(at + 1);
    }
  }

  std::uint64_t at(std::uint64_t line, std::uint64_t column) const {
    std::size_t offset = line - 1 < starts_.size() ? starts_[line - 1] : text_.size();
    while (column > 1 && offset < text_.size()) {
      ++offset;
      while (offset < text_.size() && (static_cast<std::uint8_t>(text_[offset]) & 0xC0U) == 0x80U) ++offset;
      --column;
    }
    return offset;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_{0};
};

std::string reason_of(const core::Finding& finding) {
  std::string reason;
  const auto add = [&](const std::string& sentence) { reason += (reason.empty() ? "" : " ") + sentence; };
  if (finding.token) {
    add(std::string(finding.token->probable ? "It is probably" : "It is") + " the token " + finding.token->token +
        " of the inventory.");
  }
  for (const auto& [name, value] : finding.facts) {
    if (name == "sample") add("It looks like a sample: " + value + ".");
    if (name == "expired") add("It has expired.");
    if (name == "encoding") add("It is encoded: " + value + ".");
  }
  if (finding.confidence != core::Confidence::high) {
    add("Confidence: " + std::string(core::to_string(finding.confidence)) + ".");
  }
  return reason;
}

std::string folder_of_file(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

struct WorkspaceChecker::Workspace {
  Config config;
  Target target;
  ruleset::RuleSet rules;
  std::optional<scan::Imported> imported;
  std::optional<scan::Suppressions> suppressions;
  std::optional<ScanInventory> inventory;
  std::optional<engine::Engine> engine;
  std::unique_ptr<core::IgnoreProvider> ignore;
  scan::ScanOptions options;

  static Result<std::unique_ptr<Workspace>> open(const ScanArguments& arguments);
  bool ignores(const std::string& path) const;
};

// The steps of perform() up to the scan.
Result<std::unique_ptr<WorkspaceChecker::Workspace>> WorkspaceChecker::Workspace::open(const ScanArguments& arguments) {
  auto made = std::make_unique<Workspace>();
  auto config = load_config_for(arguments, made->target);
  if (!config) return config.error();
  made->config = std::move(*config);
  auto rules = load_scan_rules(arguments, made->config, made->target);
  if (!rules) return rules.error();
  made->rules = std::move(rules->rules);
  made->imported.emplace(std::move(rules->imported));
  auto suppressions = load_suppressions(arguments, made->config);
  if (!suppressions) return suppressions.error();
  made->suppressions.emplace(std::move(*suppressions));
  auto inventory = ScanInventory::open(arguments, made->config, made->target);
  if (!inventory) return inventory.error();
  made->inventory.emplace(std::move(*inventory));
  if (Status added = made->inventory->add_rule(made->rules); !added) return added.error();
  engine::EngineOptions engine_options;
  engine_options.known = made->inventory->known();
  engine_options.cache_folder = cache_folder();
  auto engine = engine::Engine::build(made->rules, engine_options);
  if (!engine) return engine.error();
  made->engine.emplace(std::move(*engine));
  if (!arguments.no_ignore) made->ignore = git::make_ignore_provider();
  const std::string& confidence =
      arguments.min_confidence.empty() ? made->config.min_confidence : arguments.min_confidence;
  made->options.min_confidence = core::parse_confidence(confidence).value_or(core::Confidence::medium);
  made->options.exclude = made->config.exclude;
  made->options.imported = &*made->imported;
  made->options.limits.probe = made->inventory->probe();
  return made;
}

bool WorkspaceChecker::Workspace::ignores(const std::string& path) const {
  if (!ignore || path.empty()) return false;
  const auto found = ignore->containing(folder_of_file(path));
  const std::string root = found.root.ends_with('/') ? found.root : found.root + "/";
  return found.rules && path.starts_with(root) &&
         found.rules->ignored(std::string_view(path).substr(root.size()), false);
}

WorkspaceChecker::WorkspaceChecker(ScanArguments arguments) : arguments_(std::move(arguments)) {}
WorkspaceChecker::~WorkspaceChecker() = default;

void WorkspaceChecker::reload() { workspaces_.clear(); }

WorkspaceChecker::Made& WorkspaceChecker::workspace_of(const std::string& folder, const std::string& path) {
  std::string start = folder;
  if (start.empty() && !path.empty()) start = folder_of_file(path);
  // A file that is not there yet may be to be in a folder that is not there either.
  while (start.size() > 1 && ::access(start.c_str(), F_OK) != 0) start = folder_of_file(start);
  const auto known = workspaces_.find(start);
  if (known != workspaces_.end()) return known->second;
  if (workspaces_.size() >= kMaxWorkspaces) workspaces_.erase(workspaces_.begin());
  ScanArguments arguments = arguments_;
  if (!start.empty()) arguments.paths = {start};
  return workspaces_.emplace(start, Workspace::open(arguments)).first->second;
}

Result<std::vector<lsp::Issue>> WorkspaceChecker::check(const std::string& folder, const std::string& path,
                                                        std::string_view text) {
  Made& made = workspace_of(folder, path);
  if (!made) return made.error();
  Workspace& workspace = **made;
  const auto real = path.empty() ? Result<std::string>(path) : real_path(path);
  const std::string& file = real ? *real : path;
  if (workspace.ignores(file)) return std::vector<lsp::Issue>();
  TextSource source(text, file.empty() ? file : fs::reported_path(file, workspace.target.root));
  auto report = scan::run_scan(source, nullptr, nullptr, *workspace.engine, *workspace.suppressions, workspace.options);
  if (!report) return report.error();
  std::vector<lsp::Issue> issues;
  if (report->findings.empty()) return issues;
  if (Status added = workspace.rules.add_texts(); !added) return added.error();
  const Offsets offsets(text);
  for (const core::Finding& finding : report->findings) {
    if (finding.suppressed) continue;
    const ruleset::Rule* const rule = workspace.rules.find(finding.rule);
    lsp::Issue issue;
    issue.severity = finding.severity;
    issue.rule = finding.rule;
    issue.masked = finding.masked;
    issue.reason = reason_of(finding);
    issue.fingerprint = finding.fingerprint;
    if (rule != nullptr) issue.name = rule->name;
    if (rule != nullptr) issue.rotate = rule->rotate;
    for (const core::Occurrence& occurrence : finding.occurrences) {
      const core::Position& at = occurrence.position;
      issue.secret = {offsets.at(at.start_line, at.start_column), offsets.at(at.end_line, at.end_column)};
      issues.push_back(issue);
    }
  }
  std::sort(issues.begin(), issues.end(), [](const lsp::Issue& a, const lsp::Issue& b) { return a.secret < b.secret; });
  return issues;
}

std::string WorkspaceChecker::accepted_file(const std::string& folder, const std::string& path) {
  Made& made = workspace_of(folder, path);
  if (!made || arguments_.no_config) return {};
  const Workspace& workspace = **made;
  if (!workspace.config.file.empty()) return workspace.config.file;
  return workspace.target.root == "/" ? std::string() : workspace.target.root + "/.keytrail.toml";
}

}  // namespace keytrail::cli
