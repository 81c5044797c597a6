#include "scanner/cli/init_command.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/hook_install.h"
#include "scanner/cli/run_program.h"
#include "scanner/cli/scan_command.h"
#include "scanner/cli/scan_run.h"
#include "scanner/report/text_style.h"
#include "scanner/report/unicode.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kFindingsShown = 5;
constexpr const char* kConfigName = "/.keytrail.toml";
constexpr const char* kBaselineName = "/.keytrail.baseline";

std::string config_text(bool with_baseline) {
  std::string text =
      "# What holds for everybody who scans this repository with keytrail (`keytrail scan --help`).\n[scan]\n";
  text += with_baseline ? "# What was there when keytrail came: see to it and take its lines out.\nbaseline = "
                          "\".keytrail.baseline\"\n"
                        : "# baseline = \".keytrail.baseline\"  # accepted findings, from `keytrail baseline create`\n";
  return text +
         "# fail_on = \"low\"                 # the lowest severity that stops: info, low, medium, high, critical\n"
         "# min_confidence = \"medium\"       # low, medium, high\n"
         "# exclude = [\"third_party/\"]      # as in .gitignore\n\n"
         "# What is no secret, and why. All that is given must fit.\n"
         "# [[allow]]\n# paths = [\"tests/fixtures/**\"]\n# rules = [\"generic-password\"]\n"
         "# reason = \"made for tests\"\n# expires = 2027-12-31\n";
}

class Init {
 public:
  explicit Init(const InitArguments& arguments) : arguments_(arguments) {}

  int run() {
    find_folder();
    ScanArguments scan;
    scan.paths = {folder_};
    scan.progress = "auto";
    static const Result<Outcome>* const kept = new Result<Outcome>(perform(scan));
    if (!*kept) return fail(kept->error());
    const core::ScanReport& report = (*kept)->report;
    if (report.interrupted) return fail(make_error(ErrorCode::cancelled, "interrupted; nothing was written"));
    show(**kept);
    plan(report);
    if (steps_.empty()) {
      std::cout << "Everything is set up already.\n" << std::flush;
      return kClean;
    }
    std::cout << "\nTo do:\n";
    for (const std::string& step : steps_) std::cout << "  " << step << '\n';
    std::cout << std::flush;
    if (const int code = ask(); code != kClean) return code;
    return write();
  }

 private:
  // The top of the work tree; without one the current folder, and no hook.
  void find_folder() {
    folder_ = current_folder();
    const auto top = run_program({"git", "rev-parse", "--show-toplevel"}, Errors::hide);
    in_repository_ = top && top->exit_code == 0 && !top->output.empty();
    if (in_repository_) folder_ = top->output;
  }

  void show(const Outcome& outcome) const {
    std::vector<const core::Finding*> findings;
    for (const core::Finding& finding : outcome.report.findings) {
      if (!finding.suppressed) findings.push_back(&finding);
    }
    std::cout << report::visible(folder_) << ": "
              << report::counted(outcome.report.stats.blobs_scanned, "file", "files") << " scanned, "
              << report::counted(findings.size(), "secret", "secrets") << " found.\n";
    for (std::size_t i = 0; i < std::min(findings.size(), kFindingsShown); ++i) {
      const core::Finding& finding = *findings[i];
      std::cout << "  " << core::to_string(finding.severity) << "  " << report::visible(finding.rule) << "  "
                << report::visible(finding.masked);
      if (!finding.occurrences.empty()) {
        std::cout << "  " << report::visible(finding.occurrences.front().path) << ":"
                  << finding.occurrences.front().position.start_line;
      }
      std::cout << '\n';
    }
    if (findings.size() > kFindingsShown) std::cout << "  and " << findings.size() - kFindingsShown << " more\n";
    if (!findings.empty())
      std::cout << "`keytrail scan` tells all of them. Each wants rotating, whatever is accepted below.\n";
    if (outcome.report.incomplete()) std::cout << "Not everything could be read: `keytrail scan` says what.\n";
  }

  void plan(const core::ScanReport& report) {
    const auto is_open = [](const core::Finding& finding) { return !finding.suppressed; };
    const bool found = std::any_of(report.findings.begin(), report.findings.end(), is_open);
    const bool has_config = ::access((folder_ + kConfigName).c_str(), F_OK) == 0;
    const bool has_baseline = ::access((folder_ + kBaselineName).c_str(), F_OK) == 0;
    write_baseline_ = found && !has_baseline && !arguments_.no_baseline;
    write_config_ = !has_config;
    names_baseline_ = write_baseline_ || (has_baseline && !has_config);
    if (write_baseline_) steps_.push_back("write .keytrail.baseline: these are accepted, only new ones stop");
    if (write_config_) steps_.push_back("write .keytrail.toml");
    if (write_baseline_ && has_config) {
      steps_.push_back("then add `baseline = \".keytrail.baseline\"` to [scan] of your .keytrail.toml yourself");
    }
    if (!in_repository_ || arguments_.no_hook) return;
    const auto folder = repository_hooks(folder_);
    if (!folder || hook_state(*folder, HookType::pre_commit) == HookState::ours) return;
    hooks_ = *folder;
    steps_.push_back(
        "install the pre-commit hook in " + report::visible(hooks_->path) +
        (hook_state(*hooks_, HookType::pre_commit) == HookState::other ? "; the one that is there still runs" : ""));
  }

  int ask() const {
    if (arguments_.yes) return kClean;
    if (!is_terminal(STDIN_FILENO)) {
      std::cerr << "keytrail: nothing was written: this is no terminal to ask on; --yes does it\n";
      return kUsage;
    }
    std::cout << "Do it? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return kClean;
    std::cout << "Nothing was written.\n" << std::flush;
    return kUsage;
  }

  int write() const {
    if (write_baseline_) {
      BaselineArguments baseline;
      baseline.scan.paths = {folder_};
      baseline.scan.progress = "never";
      baseline.output = folder_ + kBaselineName;
      baseline.reason = "there before keytrail";
      if (const int code = run_baseline_create(baseline); code != kClean && code != kIncomplete) return code;
    }
    if (write_config_) {
      if (Status done = write_file_atomically(folder_ + kConfigName, config_text(names_baseline_)); !done) {
        return fail(done.error());
      }
      std::cout << report::visible(folder_) << kConfigName << " is written\n";
    }
    if (hooks_) {
      const auto program = real_path("/proc/self/exe");
      if (!program) return fail(program.error());
      std::string said;
      const Status installed = install_hook(*hooks_, HookType::pre_commit, *program, said);
      std::cout << said;
      if (!installed) return fail(installed.error());
    }
    std::cout << "Next: " << (in_repository_ ? "commit the files; `keytrail scan --history` looks at the past, " : "")
              << "`keytrail doctor` at how it runs here.\n"
              << std::flush;
    return kClean;
  }

  const InitArguments& arguments_;
  std::string folder_;
  bool in_repository_ = false;
  bool write_baseline_ = false;
  bool write_config_ = false;
  bool names_baseline_ = false;
  std::optional<HookFolder> hooks_;
  std::vector<std::string> steps_;
};

}  // namespace

int run_init(const InitArguments& arguments) { return Init(arguments).run(); }

}  // namespace keytrail::cli
