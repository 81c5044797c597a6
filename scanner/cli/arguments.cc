#include "scanner/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "scanner/cli/arguments_more.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/inventory_command.h"
#include "scanner/cli/lsp_command.h"
#include "scanner/cli/redact_command.h"
#include "scanner/cli/ticket_command.h"
#include "scanner/report/report.h"

#ifndef KEYTRAIL_VERSION
#define KEYTRAIL_VERSION "0.0.0"
#endif

namespace keytrail::cli {
namespace {

constexpr const char* kAbout =
    "Finds credentials in files and in the whole history of git repositories, and says what must be rotated.";
constexpr const char* kExamples = R"(
Examples:
  keytrail scan .                       files and folders, ignored ones left out
  keytrail scan --history .             every object of a repository, unreachable ones too
  keytrail scan --range main..HEAD      what a branch brings: for merge gates
  keytrail scan --staged                what the next commit would bring: for hooks
  keytrail scan release.tar.gz          archives are opened
  git diff | keytrail scan -            standard input
  keytrail init                         configuration, baseline and hook for a repository
  keytrail hook install                 stop commits that bring secrets
  keytrail scan . --report sarif=keytrail.sarif --report json=keytrail.json
  keytrail baseline create .            accept what is there; only new findings block from then on

Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage, 3 nothing blocking found but the scan is
incomplete, 4 internal error, 130 interrupted.)";

// A script whose variable is not set must not get another scan than it asked for.
std::string not_empty(const std::string& text) { return text.empty() ? "a range of commits is missing here" : ""; }

void add_rule_options(CLI::App& app, ScanArguments& scan) {
  app.add_option("--rules", scan.rules, "Add the rules of a TOML file; one with a known id replaces it (repeatable)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  app.add_option("--only-rules", scan.only_rules, "Use these rules alone (ids, separated by commas)")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->type_name("IDS");
  app.add_option("--skip-rules", scan.skip_rules, "Do not use these rules (ids, separated by commas)")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->type_name("IDS");
}

void add_narrowing_options(CLI::App& app, ScanArguments& scan) {
  app.add_option("--since", scan.since, "With --history: report what was committed then or later (2026-01-31, 30d, 6m)")
      ->type_name("DATE");
  app.add_option("--until", scan.until, "With --history: report what was committed then or earlier")->type_name("DATE");
  app.add_option("--branch", scan.branches,
                 "With --history: report what this branch, tag or glob of them leads to (repeatable)")
      ->allow_extra_args(false)
      ->type_name("REF");
  app.add_option("--author", scan.authors, "With --history: report what came from authors that hold this (repeatable)")
      ->allow_extra_args(false)
      ->type_name("TEXT");
}

void add_scan_options(CLI::App& app, ScanArguments& scan) {
  app.add_option("PATH", scan.paths,
                 "Files and folders, archives, - for standard input; with --history, --range and --staged a repository")
      ->type_name("");
  app.add_flag("--history", scan.history,
               "Scan every object of the repository at PATH (default .), all branches and more");
  add_narrowing_options(app, scan);
  app.add_option("--range", scan.range,
                 "Scan what the commits of A..B (A...B, REV^! for one) bring to the repository at PATH")
      ->check(not_empty)
      ->type_name("A..B");
  app.add_option("--since-ref", scan.since_ref, "The same as --range REF..HEAD")->check(not_empty)->type_name("REF");
  app.add_flag("--staged", scan.staged, "Scan what is staged for the next commit; unstaged edits do not count");
  app.add_option("--exclude", scan.exclude, "Leave out paths that match, as in .gitignore (repeatable)")
      ->allow_extra_args(false)
      ->type_name("GLOB");
  app.add_flag("--no-ignore", scan.no_ignore, "Scan what .gitignore leaves out as well");
  add_rule_options(app, scan);
  app.add_option("--min-confidence", scan.min_confidence,
                 "Report findings of at least this confidence (default medium)")
      ->check(CLI::IsMember({"low", "medium", "high"}));
  app.add_option("--baseline", scan.baseline, "Accepted findings, from `keytrail baseline create`")->type_name("FILE");
  app.add_option("--config", scan.config, "Configuration (default: .keytrail.toml, looked for upwards)")
      ->type_name("FILE");
  app.add_flag("--no-config", scan.no_config, "Read no configuration");
  app.add_option("--threads", scan.threads, "Threads (default: one for each processor)")
      ->check(CLI::Range(1U, 256U))
      ->type_name("N");
  app.add_flag("--exhaustive", scan.exhaustive, "Scan every blob of a history whole: the same result, for comparison");
  app.add_option("--reader", scan.reader, "packs, or libgit2: reads a history's objects the slow way, for comparison")
      ->check(CLI::IsMember({"packs", "libgit2"}));
  app.add_flag("--no-cache", scan.no_cache, "Neither read nor write the cache folder");
  app.add_flag("--stats", scan.stats, "Print counts and times to standard error");
  app.add_option("--progress", scan.progress, "auto (when standard error is a terminal), always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

void add_report_options(CLI::App& app, ScanArguments& scan) {
  std::vector<std::string> formats;
  for (const std::string_view name : report::format_names()) formats.emplace_back(name);
  app.add_option("--format", scan.format, "Report on standard output (default text)")->check(CLI::IsMember(formats));
  app.add_option("--report", scan.reports, "Write another report to a file (repeatable)")
      ->allow_extra_args(false)
      ->type_name("FORMAT=FILE");
  app.add_option("--fail-on", scan.fail_on, "Lowest severity that makes the exit code 1 (default low)")
      ->check(CLI::IsMember({"info", "low", "medium", "high", "critical", "never"}));
  CLI::Option* shows =
      app.add_flag("--show-secrets", scan.show_secrets, "Print secrets in full: mind who reads the output");
  app.add_option("--tickets", scan.tickets, "Bring the rotation tickets in a folder up to date with what was found")
      ->excludes(shows)
      ->type_name("DIR");
  app.add_flag("-v,--verbose", scan.verbose, "List every place and everything that was not scanned");
  app.add_option("--color", scan.colour, "auto (when standard output is a terminal), always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

void add_scan_inventory_options(CLI::App& app, ScanArguments& scan) {
  app.add_option("--inventory", scan.inventory, "Token inventory (default: .keytrail/inventory.db, looked for upwards)")
      ->type_name("FILE");
  app.add_flag("--no-inventory", scan.no_inventory, "Use no inventory");
  app.add_option("--key-file", scan.key_file, "Key of the inventory (default: KEYTRAIL_HASH_SECRET)")
      ->type_name("FILE");
  app.add_option("--policy", scan.policy, "Policy (default: policy.toml beside the inventory, else the built-in one)")
      ->type_name("FILE");
  app.add_option("--now", scan.now, "Judge tokens as of this time (default: the clock's)")->type_name("DATE");
  app.add_flag("--public", scan.is_public, "What is scanned is public: what is found there is urgent");
}

void add_rules_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* rules = app.add_subcommand("rules", "List, show, check, test and import rules")->require_subcommand(1);
  const auto common = [&](CLI::App* command) {
    command->add_option("--rules", arguments.rules.rules, "Add the rules of a TOML file")
        ->allow_extra_args(false)
        ->type_name("FILE");
  };
  CLI::App* list = rules->add_subcommand("list", "One line for each rule");
  common(list);
  list->add_flag("--json", arguments.rules.json, "As JSON");
  list->callback([&] { arguments.command = Command::rules_list; });
  CLI::App* show = rules->add_subcommand("show", "All about one rule");
  common(show);
  show->add_option("ID", arguments.rules.id, "The rule's id")->required()->type_name("");
  show->callback([&] { arguments.command = Command::rules_show; });
  CLI::App* check =
      rules->add_subcommand("check", "Check the built-in rules, or those of files, through the whole engine");
  check->add_option("FILE", arguments.rules.files, "Rule files to check instead of the built-in rules")->type_name("");
  check->callback([&] { arguments.command = Command::rules_check; });
  CLI::App* test = rules->add_subcommand("test", "What rules find in a file, and what they drop and why");
  common(test);
  test->add_option("FILE", arguments.rules.files, "The text to try them on, - for standard input")
      ->required()
      ->expected(1)
      ->type_name("");
  test->add_option("--rule", arguments.rules.only, "Try this rule alone (repeatable, \"provider-*\" for several)")
      ->allow_extra_args(false)
      ->type_name("ID");
  test->callback([&] { arguments.command = Command::rules_test; });
  CLI::App* import = rules->add_subcommand("import", "Write the rules of a gitleaks configuration as a rule file");
  import->add_option("FILE", arguments.rules.files, "A .gitleaks.toml")->required()->expected(1)->type_name("");
  import->add_option("--output", arguments.rules.output, "File or folder to write to (default: standard output)")
      ->type_name("FILE");
  import->callback([&] { arguments.command = Command::rules_import;
});
}  // namespace

void add_baseline_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* baseline = app.add_subcommand("baseline", "Accept findings")->require_subcommand(1);
  CLI::App* create = baseline->add_subcommand("create", "Scan, and write every finding to a file of accepted ones");
  BaselineArguments& options = arguments.baseline;
  add_scan_options(*create, options.scan);
  create->add_option("--output", options.output, "File to write (default .keytrail.baseline, - for standard output)")
      ->type_name("FILE");
  create->add_option("--reason", options.reason, "Why they are accepted");
  create->add_option("--owner", options.owner, "Who accepts them");
  create->add_option("--expires", options.expires, "Last day on which they are accepted, such as 2027-01-31")
      ->type_name("DATE");
  create->callback([&] { arguments.command = Command::baseline_create; });
}

void add_scan_command(CLI::App& app, Arguments& arguments) {
  CLI::App* scan =
      app.add_subcommand("scan", "Scan files, folders, archives, standard input, a history, or what changes bring");
  add_scan_options(*scan, arguments.scan);
  add_report_options(*scan, arguments.scan);
  scan->add_option("--explain", arguments.scan.explain,
                   "Say of each candidate of a file, or of one line of it, what became of it and why (- reads standard "
                   "input; ARCHIVE!/MEMBER:LINE; with --history COMMIT:FILE:LINE; text or json)")
      ->check(
          CLI::Validator([](std::string& text) { return text.empty() ? std::string("a file is missing") : ""; }, ""))
      ->type_name("PLACE[:LINE]");
  add_ci_options(*scan, arguments.scan);
  add_scan_inventory_options(*scan, arguments.scan);
  scan->callback([&arguments] { arguments.command = Command::scan; });
}

}  // namespace keytrail::cli

std::string version() { return KEYTRAIL_VERSION; }

std::optional<Arguments> parse_arguments(int argc, char** argv, int& exit_code) {
  Arguments arguments;
  CLI::App app(kAbout, "keytrail");
  app.footer(kExamples);
  app.set_version_flag("--version", "keytrail " + version());
  app.get_formatter()->column_width(32);
  // One command: what comes behind it is never another, also when a folder has the name of one.
  app.require_subcommand(0, 1);
  ManualArguments manual;
  add_scan_command(app, arguments);
  // The tree of all commands costs a hook 0.4 ms at each commit: scan goes without the others.
  const bool scan_alone = argc > 1 && std::string_view(argv[1]) == "scan";
  if (!scan_alone) {
    add_baseline_commands(app, arguments);
    add_rules_commands(app, arguments);
    add_hook_commands(app, arguments);
    add_setup_commands(app, arguments);
    add_manual_commands(app, manual);
    add_inventory_commands(app, arguments);
    add_ticket_commands(app, arguments);
    add_redact_command(app, arguments);
    add_lsp_command(app, arguments);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    exit_code = kClean;
    return std::nullopt;
  } catch (const CLI::CallForVersion& call) {
    std::cout << call.what() << "\n";
    exit_code = kClean;
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    std::cerr << "keytrail: " << error.what() << "\nkeytrail --help tells what there is.\n";
    exit_code = kUsage;
    return std::nullopt;
  }
  if (!scan_alone && print_manual(app, manual, exit_code)) return std::nullopt;
  if (arguments.command == Command::none && !arguments.run) {
    std::cout << first_steps();
    exit_code = kUsage;
    return std::nullopt;
  }
  return arguments;
}

}  // namespace keytrail::cli
