#include "scanner/cli/arguments_more.h"

#include <CLI/CLI.hpp>

#include "scanner/cli/ci_system.h"

namespace keytrail::cli {
namespace {

constexpr const char* kHookExamples = R"(
Examples:
  keytrail hook install                            stop commits that bring secrets, in this repository
  keytrail hook install --global                   the same in all repositories of this user
  keytrail hook install pre-push
  keytrail hook install pre-receive --repository /srv/git/project.git
  keytrail hook uninstall                          what was there before comes back)";

void add_type(CLI::App& command, HookArguments& hook) {
  command.add_option("TYPE", hook.type, "pre-commit (default), pre-push, pre-receive or update")
      ->check(CLI::IsMember({"pre-commit", "pre-push", "pre-receive", "update"}))
      ->type_name("");
}

void add_place(CLI::App& command, HookArguments& hook) {
  command.add_option("--repository", hook.repository, "The repository (default: that of the current folder)")
      ->type_name("FOLDER");
  command.add_flag("--global", hook.global, "For all repositories of this user: pre-commit and pre-push");
}

}  // namespace

void add_ci_options(CLI::App& scan, ScanArguments& arguments) {
  std::vector<std::string> systems = ci_systems();
  systems.insert(systems.begin(), "auto");
  scan.add_option("--ci", arguments.ci,
                  "Scan what the change of this CI job brings; the range comes from the system's variables")
      ->check(CLI::IsMember(systems));
  scan.add_flag("--ci-fetch", arguments.ci_fetch, "With --ci: fetch what a shallow clone lacks for that");
}

void add_hook_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* hooks = app.add_subcommand("hook", "Stop commits and pushes that bring secrets")->require_subcommand(1);
  hooks->footer(kHookExamples);
  HookArguments& hook = arguments.hook;
  CLI::App* install = hooks->add_subcommand("install", "Install a git hook; one that is there already runs as well");
  add_type(*install, hook);
  add_place(*install, hook);
  install->callback([&] { arguments.command = Command::hook_install; });
  CLI::App* uninstall = hooks->add_subcommand("uninstall", "Take the hook out and put back what was there before");
  add_type(*uninstall, hook);
  add_place(*uninstall, hook);
  uninstall->callback([&] { arguments.command = Command::hook_uninstall; });
  CLI::App* run = hooks->add_subcommand("run", "What the installed hook calls, with the arguments that git gives it");
  add_type(*run, hook);
  run->add_option("ARGUMENT", hook.arguments, "Those of git")->type_name("");
  run->callback([&] { arguments.command = Command::hook_run; });
}

}  // namespace keytrail::cli
