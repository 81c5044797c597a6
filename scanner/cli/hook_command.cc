#include "scanner/cli/hook_command.h"

#include <iostream>
#include <sstream>

#include "scanner/base/text.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/hook_install.h"
#include "scanner/cli/hook_message.h"
#include "scanner/cli/scan_run.h"

namespace keytrail::cli {
namespace {

Result<HookFolder> folder_of(const HookArguments& arguments) {
  return arguments.global ? global_hooks() : repository_hooks(arguments.repository);
}

HookType type_of(const HookArguments& arguments) {
  return parse_hook_type(arguments.type).value_or(HookType::pre_commit);
}

Error wrong_input(const std::string& what, const std::string& line) {
  return make_error(ErrorCode::invalid_argument, "this hook is run by git, which gives it " + what, line);
}

// pre-push: "LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID" a line.
Result<git::Push> pushed_from_here(const HookArguments& arguments, std::istream& input) {
  git::Push push;
  // The first argument is the remote's name, or its URL where it has none: that has no references of its own here.
  if (!arguments.arguments.empty()) push.known_references = "refs/remotes/" + arguments.arguments.front() + "/";
  for (std::string line; std::getline(input, line);) {
    std::istringstream words(line);
    std::string local_ref, local_id, remote_ref, remote_id, more;
    if (line.empty()) continue;
    if (!(words >> local_ref >> local_id >> remote_ref >> remote_id) || words >> more) {
      return wrong_input("lines of four words on standard input", line);
    }
    if (!is_zeros(local_id)) push.tips.push_back(local_id);
    if (!is_zeros(remote_id)) push.known.push_back(remote_id);
  }
  return push;
}

// pre-receive: "OLD-ID NEW-ID REF" a line.
Result<git::Push> received(std::istream& input) {
  git::Push push;
  push.known_references = "refs/";
  for (std::string line; std::getline(input, line);) {
    std::istringstream words(line);
    std::string old_id, new_id, reference, more;
    if (line.empty()) continue;
    if (!(words >> old_id >> new_id >> reference) || words >> more) {
      return wrong_input("lines of three words on standard input", line);
    }
    if (!is_zeros(new_id)) push.tips.push_back(new_id);
    if (!is_zeros(old_id)) push.known.push_back(old_id);
  }
  return push;
}

// update: REF OLD-ID NEW-ID as arguments.
Result<git::Push> updated(const HookArguments& arguments) {
  if (arguments.arguments.size() != 3) return wrong_input("a reference and two ids as arguments", arguments.type);
  git::Push push;
  push.known_references = "refs/";
  if (!is_zeros(arguments.arguments[2])) push.tips.push_back(arguments.arguments[2]);
  if (!is_zeros(arguments.arguments[1])) push.known.push_back(arguments.arguments[1]);
  return push;
}

// The pre-commit framework tells its hooks by variables, and of one reference only; of everything that leads to it
// where the other side has nothing.
bool is_run_by_framework(const HookArguments& arguments) {
  return arguments.arguments.empty() && variable("PRE_COMMIT") == "1";
}

Status pushed_by_framework(ScanArguments& scan) {
  const std::string tip = variable("PRE_COMMIT_TO_REF");
  const std::string branch = variable("PRE_COMMIT_LOCAL_BRANCH");
  if (tip.empty() && branch.empty()) return wrong_input("its variables through pre-commit", "PRE_COMMIT_TO_REF");
  if (tip.empty()) {
    scan.range = std::string(40, '0') + ".." + branch;
    return {};
  }
  scan.push.emplace();
  scan.push->tips = {tip};
  scan.push->known = {variable("PRE_COMMIT_FROM_REF")};
  scan.push->known_references = "refs/remotes/" + variable("PRE_COMMIT_REMOTE_NAME") + "/";
  return {};
}

Result<git::Push> push_of(HookType type, const HookArguments& arguments) {
  if (type == HookType::pre_push) return pushed_from_here(arguments, std::cin);
  return type == HookType::pre_receive ? received(std::cin) : updated(arguments);
}

int stopped(HookType type, const Error& error) {
  const int code = fail(error);
  std::cerr << "keytrail: the " << what_is_stopped(type)
            << " was stopped, because it was not looked at. `keytrail doctor` helps to find out why.\n";
  return code;
}

}  // namespace

int run_hook_install(const HookArguments& arguments) {
  const auto folder = folder_of(arguments);
  if (!folder) return fail(folder.error());
  const auto program = real_path("/proc/self/exe");
  if (!program) return fail(program.error());
  std::string said;
  const Status installed = install_hook(*folder, type_of(arguments), *program, said);
  std::cout << said << std::flush;
  return installed ? kClean : fail(installed.error());
}

int run_hook_uninstall(const HookArguments& arguments) {
  const auto folder = folder_of(arguments);
  if (!folder) return fail(folder.error());
  std::string said;
  const Status gone = uninstall_hook(*folder, type_of(arguments), said);
  std::cout << said << std::flush;
  return gone ? kClean : fail(gone.error());
}

int run_hook(const HookArguments& arguments) {
  const HookType type = type_of(arguments);
  ScanArguments scan;
  scan.self_test = true;
  scan.progress = "never";
  if (type == HookType::pre_commit) {
    scan.staged = true;
  } else if (type == HookType::pre_push && is_run_by_framework(arguments)) {
    if (Status told = pushed_by_framework(scan); !told) return stopped(type, told.error());
  } else {
    auto push = push_of(type, arguments);
    if (!push) return stopped(type, push.error());
    if (push->tips.empty()) return kClean;  // only deletions
    scan.push = std::move(*push);
    scan.progress = is_server_hook(type) ? "never" : "auto";
  }
  static const auto* const kept = new Result<Outcome>(perform(scan));
  const Result<Outcome>& outcome = *kept;
  if (!outcome) return stopped(type, outcome.error());
  const int code = exit_code_of(outcome->report, outcome->config.fail_on);
  if (code != kClean) write_hook_message({type, *outcome, code}, std::cerr);
  return code;
}

}  // namespace keytrail::cli
