#include "scanner/cli/arguments_more.h"

#include <CLI/CLI.hpp>

#include <iostream>

#include "scanner/cli/ci_system.h"
#include "scanner/cli/command_tree.h"
#include "scanner/cli/exit_code.h"

namespace keytrail::cli {
namespace {

constexpr const char* kScanExamples = R"(
Examples:
  keytrail scan .                                  files that git does not ignore
  keytrail scan --history .                        every object of a repository
  keytrail scan --staged                           what the next commit would bring
  keytrail scan --range main..HEAD                 what a branch brings
  keytrail scan --ci auto --format github          what the change of a CI job brings
  keytrail scan --history --since 30d .            what was committed in the last 30 days
  keytrail scan . --format json | jq .findings     for programs
  keytrail scan . --report sarif=keytrail.sarif --report junit=keytrail.xml
  keytrail scan . --baseline .keytrail.baseline    only what is new
  git diff | keytrail scan -                       standard input)";

constexpr const char* kManualExamples = R"(
Examples:
  keytrail man | man -l -                          keytrail(1)
  keytrail man scan > keytrail-scan.1)";

constexpr const char* kCompletionExamples = R"text(
Examples:
  eval "$(keytrail completions bash)"              in ~/.bashrc
  keytrail completions zsh > ~/.zfunc/_keytrail    with ~/.zfunc in fpath
  keytrail completions fish > ~/.config/fish/completions/keytrail.fish)text";

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
  scan.footer(kScanExamples);
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

void add_setup_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* init = app.add_subcommand("init", "Set a repository up: configuration, baseline, pre-commit hook");
  init->add_flag("-y,--yes", arguments.init.yes, "Ask nothing");
  init->add_flag("--no-hook", arguments.init.no_hook, "Install no hook");
  init->add_flag("--no-baseline", arguments.init.no_baseline, "Accept nothing of what is there");
  init->callback([&] { arguments.command = Command::init; });
  CLI::App* doctor = app.add_subcommand("doctor", "Say what keytrail runs with here, and what is wrong with it");
  doctor->callback([&] { arguments.command = Command::doctor; });
}

void add_manual_commands(CLI::App& app, ManualArguments& manual) {
  CLI::App* shells = app.add_subcommand("completions", "Print completions for a shell");
  shells->footer(kCompletionExamples);
  shells->add_option("SHELL", manual.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("");
  CLI::App* page = app.add_subcommand("man", "Print a manual page");
  page->footer(kManualExamples);
  page->add_option("COMMAND", manual.page, "Of this command (default: of keytrail itself)")->type_name("");
}

bool print_manual(const CLI::App& app, const ManualArguments& arguments, int& exit_code) {
  const bool shell = app.got_subcommand("completions");
  if (!shell && !app.got_subcommand("man")) return false;
  const CommandTree tree = command_tree(app);
  const std::string text = shell ? completions(tree, arguments.shell) : manual(tree, arguments.page, version());
  if (text.empty()) std::cerr << "keytrail: there is no such command; keytrail --help lists them\n";
  std::cout << text << std::flush;
  exit_code = text.empty() ? kUsage : kClean;
  return true;
}

std::string first_steps() {
  return R"(keytrail finds credentials in files and in the whole history of git repositories.

  keytrail scan                look at the files here
  keytrail scan --history      look at everything that was ever committed here
  keytrail init                set this repository up: configuration, baseline, pre-commit hook
  keytrail doctor              see what it runs with, and what is wrong
  keytrail --help              all commands, with examples; keytrail scan --help: all of scan
)";
}

}  // namespace keytrail::cli
