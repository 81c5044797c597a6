#include "scanner/cli/ci_command.h"

#include <iostream>

#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/run_program.h"
#include "scanner/cli/scan_command.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxEventBytes = std::size_t{64} << 20;
const std::string kZeros(40, '0');

// What git knows of the clone that the job runs in.
class Clone {
 public:
  bool has(const std::string& revision) const {
    return !revision.empty() && says({"rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"});
  }
  bool is_shallow() const {
    const auto result = ask({"rev-parse", "--is-shallow-repository"}, Errors::hide);
    return result && result->output == "true";
  }
  bool is_related(const std::string& base, const std::string& head) const { return says({"merge-base", base, head}); }
  // The branch that the remote's HEAD names; empty where that is not known.
  std::string remote_default() const {
    const auto result = ask({"rev-parse", "--verify", "--quiet", "--abbrev-ref", "origin/HEAD"}, Errors::hide);
    if (!result || result->exit_code != 0 || !result->output.starts_with("origin/")) return {};
    return result->output.substr(std::string("origin/").size());
  }
  bool fetch(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = {"fetch", "--quiet", "--no-tags"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto result = ask(all, Errors::show);
    return result && result->exit_code == 0;
  }

 private:
  static Result<ProgramResult> ask(std::vector<std::string> arguments, Errors errors) {
    arguments.insert(arguments.begin(), "git");
    return run_program(arguments, errors);
  }
  static bool says(std::vector<std::string> arguments) {
    const auto result = ask(std::move(arguments), Errors::hide);
    return result && result->exit_code == 0;
  }
};

class RangeFinder {
 public:
  RangeFinder(const CiChange& change, bool fetch) : change_(change), fetch_(fetch) {}

  Result<std::string> find() {
    if (change_.kind == CiChange::Kind::tree) return std::string();
    default_ = change_.default_branch.empty() ? clone_.remote_default() : change_.default_branch;
    if (!clone_.has(change_.head) && fetch_) (void)clone_.fetch({"origin", change_.head});
    if (!clone_.has(change_.head)) return missing(change_.head, "the commit that this job is for is not here");
    if (everything_is_new()) return kZeros + ".." + change_.head;
    std::string base = first_base();
    if (base.empty() && fetch_) {
      bring();
      base = first_base();
    }
    if (base.empty()) return no_base();
    if (clone_.is_shallow() && !clone_.is_related(base, change_.head)) {
      if (fetch_) deepen(base);
      if (clone_.is_shallow() && !clone_.is_related(base, change_.head)) {
        return missing(target(), "this clone is shallow: it ends before the two sides meet");
      }
    }
    return base + ".." + change_.head;
  }

 private:
  // The default branch itself was pushed for the first time.
  bool everything_is_new() const {
    return change_.kind == CiChange::Kind::push && change_.is_new && !change_.branch.empty() &&
           change_.branch == default_;
  }

  std::string first_base() const {
    for (const std::string& base : change_.bases) {
      if (clone_.has(base)) return base;
    }
    if (change_.kind == CiChange::Kind::merge_request) {
      const std::string tracked = "refs/remotes/origin/" + change_.target_branch;
      return change_.target_branch.empty() || !clone_.has(tracked) ? std::string() : tracked;
    }
    // A branch is compared with the default one where its own past is not known. The default branch cannot be: it would
    // be compared with itself, and nothing would be new.
    if (!default_.empty() && change_.branch != default_) {
      const std::string tracked = "refs/remotes/origin/" + default_;
      return clone_.has(tracked) ? tracked : std::string();
    }
    if (!change_.knows_before && change_.branch == default_ && !default_.empty()) {
      const std::string parent = change_.head + "^1";
      return clone_.has(parent) ? parent : std::string();
    }
    return {};
  }

  // The branch that the change is compared with; empty where only a commit is known.
  std::string target() const {
    if (change_.kind == CiChange::Kind::merge_request) return change_.target_branch;
    return change_.branch == default_ ? std::string() : default_;
  }

  std::vector<std::string> what_to_fetch() const {
    std::vector<std::string> what = {"origin"};
    if (const std::string branch = target(); !branch.empty()) {
      what.push_back("+refs/heads/" + branch + ":refs/remotes/origin/" + branch);
    }
    return what;
  }

  void bring() const {
    for (const std::string& base : change_.bases) {
      if (clone_.fetch({"origin", base}) && clone_.has(base)) return;
    }
    if (!target().empty()) (void)clone_.fetch(what_to_fetch());
    if (clone_.is_shallow() && first_base().empty()) (void)clone_.fetch({"--unshallow", "origin"});
  }

  // Little by little: a merge request is seldom long.
  void deepen(const std::string& base) const {
    std::vector<std::string> what = what_to_fetch();
    what.push_back(change_.head == "HEAD" ? "HEAD" : change_.head);
    for (const char* step : {"--deepen=50", "--deepen=500", "--unshallow"}) {
      std::vector<std::string> arguments = {step};
      arguments.insert(arguments.end(), what.begin(), what.end());
      (void)clone_.fetch(arguments);
      if (!clone_.is_shallow() || clone_.is_related(base, change_.head)) return;
    }
  }

  Error missing(const std::string& subject, const std::string& what) const {
    std::string command = "git fetch";
    if (clone_.is_shallow()) command += " --unshallow";
    const std::string branch = target();
    command += " origin";
    if (!branch.empty()) {
      command += " +refs/heads/" + branch + ":refs/remotes/origin/" + branch;
    } else if (!change_.bases.empty()) {
      command += " " + change_.bases.front();
    }
    return make_error(ErrorCode::not_found,
                      what + "; `" + command + "` brings it, or " + ci_deeper(change_.system) +
                          ", or --ci-fetch has keytrail fetch it",
                      subject.empty() ? change_.system : subject);
  }

  Error no_base() const {
    if (!change_.bases.empty())
      return missing(change_.bases.front(), "the commit that this change begins at is not here");
    if (!target().empty()) return missing("origin/" + target(), "the branch to compare with is not here");
    if (!change_.knows_before && !default_.empty())
      return missing(change_.head + "^1", "the commit before this one is not here");
    return make_error(ErrorCode::invalid_argument,
                      "the variables do not say what to compare with; set KEYTRAIL_CI_BASE to a revision, or "
                      "`git remote set-head origin --auto`",
                      change_.system);
  }

  const CiChange& change_;
  bool fetch_;
  Clone clone_;
  std::string default_;
};

void tell(const CiChange& change, const std::string& range) {
  std::cerr << "keytrail: " << change.system << ": ";
  if (range.empty()) {
    std::cerr << "this job is for no change; all files are scanned\n";
    return;
  }
  std::cerr << (change.kind == CiChange::Kind::merge_request ? "merge request" : "push") << ", range " << range << "\n";
  if (range.find("^1..") != std::string::npos) {
    std::cerr
        << "keytrail: " << change.system
        << " does not tell where a push begins: of this branch only the last step is scanned; set KEYTRAIL_CI_BASE "
           "to scan more\n";
  }
}

}  // namespace

Result<std::string> ci_range(const CiChange& change, bool fetch) { return RangeFinder(change, fetch).find(); }

int run_ci_scan(const ScanArguments& arguments) {
  if (arguments.history || arguments.staged || !arguments.range.empty() || !arguments.since_ref.empty()) {
    return fail(
        make_error(ErrorCode::invalid_argument,
                   "--ci finds the range itself; it goes with none of --history, --staged, --range, --since-ref"));
  }
  if (!arguments.paths.empty() && (arguments.paths.size() > 1 || arguments.paths.front() != ".")) {
    return fail(make_error(ErrorCode::invalid_argument, "--ci scans the repository of the current folder",
                           arguments.paths.front()));
  }
  const CiEnvironment environment = {[](const std::string& name) { return variable(name); },
                                     [](const std::string& path) { return read_file(path, kMaxEventBytes); }};
  const auto change = ci_change(arguments.ci, environment);
  if (!change) return fail(change.error());
  const auto range = ci_range(*change, arguments.ci_fetch);
  if (!range) return fail(range.error());
  tell(*change, *range);
  ScanArguments scan = arguments;
  scan.range = *range;
  return run_scan_command(scan);
}

}  // namespace keytrail::cli
