// `keytrail inventory due`, `audit` and `policy`.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>

#include "scanner/base/dates.h"
#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/inventory_access.h"
#include "scanner/cli/inventory_command.h"
#include "scanner/cli/inventory_common.h"
#include "scanner/cli/scanned_secrets.h"
#include "scanner/inventory/verdicts.h"
#include "scanner/report/inventory_report.h"

namespace keytrail::cli {
namespace {

struct ReportArguments {
  InventoryPlace place;
  std::string policy;
  std::string now;
  std::string format = "text";
  std::string within = "30d";
  std::string owner, service, provider, environment;
  std::string scan;
  bool monthly = false;
  bool quarterly = false;
};

struct PolicyArguments {
  std::string file;
  InventoryPlace place;
};

// The inventory, judged.
struct Judged {
  std::string path;
  inventory::Policy policy;
  core::Instant now = 0;
  std::vector<core::TokenStatus> tokens;
};

// Days, weeks, months and years from `now` on: "30d". The dates of the past, mirrored, so that a month is a calendar's.
Result<core::Instant> later(core::Instant now, const std::string& within) {
  const auto earlier = within.empty() || within.back() < 'a' ? std::nullopt : parse_date(within, DateEnd::first, now);
  if (earlier) return now + (now - *earlier);
  if (const auto day = parse_date(within, DateEnd::last, now); day && *day >= now) return *day;
  return make_error(ErrorCode::invalid_argument, "--within takes a time such as 30d, 12w, 6m, or a day that is to come",
                    within);
}

// Tiers and dates alone: a list of 100,000 tokens is made of them in half the time that their verdicts take.
std::vector<core::TokenStatus> dates_of(std::vector<core::Token> tokens, const inventory::Policy& policy) {
  std::vector<core::TokenStatus> statuses(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    statuses[i].token = std::move(tokens[i]);
    statuses[i].tier = inventory::tier_of(statuses[i].token, policy).tier;
    statuses[i].rotate_by = inventory::rotate_by(statuses[i].token, policy, statuses[i].tier);
  }
  return statuses;
}

Result<Judged> judge_inventory(const ReportArguments& arguments, bool dates_suffice) {
  Judged judged;
  judged.path = inventory_path(arguments.place.path);
  const auto time = time_of(arguments.now);
  if (!time) return time.error();
  judged.now = *time;
  auto policy = load_policy(arguments.policy, judged.path);
  if (!policy) return policy.error();
  judged.policy = std::move(*policy);
  const auto store = inventory::Store::open(judged.path, inventory::Store::Access::read);
  if (!store) return store.error();
  inventory::TokenFilter filter;
  filter.owner = arguments.owner;
  filter.service = arguments.service;
  filter.provider = arguments.provider;
  filter.environment = arguments.environment;
  auto tokens = store->tokens(filter);
  if (!tokens) return tokens.error();
  if (dates_suffice && judged.policy.exceptions.empty()) {
    judged.tokens = dates_of(std::move(*tokens), judged.policy);
    return judged;
  }
  judged.tokens = inventory::judge(std::move(*tokens), {}, judged.policy, judged.now).tokens;
  return judged;
}

int write_out(const std::string& text) {
  std::cout << text << std::flush;
  return kClean;
}

int run_due(const ReportArguments& arguments) {
  auto judged = judge_inventory(arguments, arguments.format == "text" || arguments.format == "markdown");
  if (!judged) return fail(judged.error());
  const auto until = later(judged->now, arguments.within);
  if (!until) return fail(until.error());
  const report::DueReport due{report::due_items(judged->tokens, judged->now, *until), judged->now, *until, judged->path,
                              judged->policy.source};
  std::ostringstream out;
  if (arguments.format == "json") {
    report::write_due_json(due, out);
  } else if (arguments.format == "markdown") {
    report::write_due_markdown(due, out);
  } else if (arguments.format == "ics") {
    report::write_due_calendar(due, out);
  } else {
    report::write_due_text(due, out);
  }
  return write_out(out.str());
}

int run_audit(const ReportArguments& arguments) {
  std::vector<report::ScannedSecret> scanned;
  if (!arguments.scan.empty()) {
    auto read = read_scanned_secrets(arguments.scan);
    if (!read) return fail(read.error());
    scanned = std::move(*read);
  }
  auto judged = judge_inventory(arguments, false);
  if (!judged) return fail(judged.error());
  report::AuditReport audit =
      report::make_audit(judged->tokens, arguments.scan.empty() ? nullptr : &scanned, !arguments.monthly, judged->now);
  audit.inventory = judged->path;
  audit.policy = judged->policy.source;
  std::ostringstream out;
  if (arguments.format == "json") {
    report::write_audit_json(audit, out);
  } else if (arguments.format == "markdown") {
    report::write_audit_markdown(audit, out);
  } else {
    report::write_audit_text(audit, out);
  }
  return write_out(out.str());
}

int run_policy_show(const PolicyArguments& arguments) {
  const std::string path = inventory_path(arguments.place.path);
  const std::size_t slash = path.rfind('/');
  const std::string beside = (slash == std::string::npos ? "" : path.substr(0, slash + 1)) + "policy.toml";
  if (const auto text = read_file(beside, kMaxPolicyBytes)) return write_out(*text);
  return write_out(inventory::default_policy_text());
}

int run_policy_check(const PolicyArguments& arguments) {
  const auto policy = load_policy(arguments.file, {});
  if (!policy) return fail(policy.error());
  std::cout << arguments.file << ": a good policy, with " << policy->exceptions.size()
            << (policy->exceptions.size() == 1 ? " exception\n" : " exceptions\n");
  for (const inventory::PolicyException& exception : policy->exceptions) {
    if (exception.until >= now()) continue;
    std::cout << exception.source << ": this exception ended on " << utc_day(exception.until)
              << ": take it out, or have it approved anew\n";
  }
  return kClean;
}

void add_common(CLI::App& command, ReportArguments& arguments) {
  add_place_option(command, arguments.place);
  command
      .add_option("--policy", arguments.policy, "Policy (default: policy.toml beside the inventory, else the built-in)")
      ->type_name("FILE");
  command.add_option("--now", arguments.now, "As of this time (default: the clock's)")->type_name("DATE");
  command.add_option("--owner", arguments.owner, "Of this owner alone")->type_name("NAME");
  command.add_option("--service", arguments.service, "Of this service alone")->type_name("NAME");
  command.add_option("--provider", arguments.provider, "Of this provider alone")->type_name("NAME");
  command.add_option("--environment", arguments.environment, "Of this environment alone")->type_name("NAME");
}

void add_policy_commands(CLI::App& inventory, Arguments& arguments) {
  CLI::App* policy =
      inventory.add_subcommand("policy", "What makes a token risky, how often it rotates, what is urgent")
          ->require_subcommand(1);
  const auto options = std::make_shared<PolicyArguments>();
  CLI::App* show =
      policy->add_subcommand("show", "Print the policy in force; the built-in one where there is no other");
  add_place_option(*show, options->place);
  show->callback([&arguments, options] { arguments.run = [options] { return run_policy_show(*options); }; });
  CLI::App* check = policy->add_subcommand("check", "Say what is wrong in a policy");
  check->add_option("FILE", options->file, "The policy")->required()->type_name("");
  check->callback([&arguments, options] { arguments.run = [options] { return run_policy_check(*options); }; });
}

}  // namespace

void add_inventory_report_commands(CLI::App& inventory, Arguments& arguments) {
  const auto options = std::make_shared<ReportArguments>();
  CLI::App* due = inventory.add_subcommand("due", "What must be rotated or replaced, and by when");
  add_common(*due, *options);
  due->add_option("--within", options->within, "How far ahead to look: 30d, 12w, 6m, or a day (default 30d)")
      ->type_name("TIME");
  due->add_option("--format", options->format, "text, json, markdown or ics (a calendar)")
      ->check(CLI::IsMember({"text", "json", "markdown", "ics"}));
  due->callback([&arguments, options] { arguments.run = [options] { return run_due(*options); }; });
  CLI::App* audit =
      inventory.add_subcommand("audit", "What keeps to the policy and what does not, by owner and service");
  add_common(*audit, *options);
  CLI::Option* monthly =
      audit->add_flag("--monthly", options->monthly, "The quick check: leaks, due, overdue, expired");
  audit->add_flag("--quarterly", options->quarterly, "Everything (default)")->excludes(monthly);
  audit->add_option("--scan", options->scan, "A scan's JSON report (keytrail scan --report json=FILE), for what leaked")
      ->type_name("FILE");
  audit->add_option("--format", options->format, "text, json or markdown")
      ->check(CLI::IsMember({"text", "json", "markdown"}));
  audit->callback([&arguments, options] { arguments.run = [options] { return run_audit(*options); }; });
  add_policy_commands(inventory, arguments);
}

}  // namespace keytrail::cli
