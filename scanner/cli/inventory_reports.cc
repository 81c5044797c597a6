// `keytrail inventory due`, `audit` and `policy`.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <iostream>
#include <memory>
#include <sstream>
#include <string_view>

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

inventory::TokenFilter filter_of(const ReportArguments& arguments) {
  inventory::TokenFilter filter;
  filter.owner = arguments.owner;
  filter.service = arguments.service;
  filter.provider = arguments.provider;
  filter.environment = arguments.environment;
  return filter;
}

// All but the tokens.
Result<Judged> begin_judging(const ReportArguments& arguments) {
  Judged judged;
  judged.path = inventory_path(arguments.place.path);
  const auto time = time_of(arguments.now);
  if (!time) return time.error();
  judged.now = *time;
  auto policy = load_policy(arguments.policy, judged.path);
  if (!policy) return policy.error();
  judged.policy = std::move(*policy);
  return judged;
}

Status judge_tokens(const ReportArguments& arguments, Judged& judged) {
  const auto store = inventory::Store::open(judged.path, inventory::Store::Access::read);
  if (!store) return store.error();
  auto tokens = store->tokens(filter_of(arguments));
  if (!tokens) return tokens.error();
  judged.tokens = inventory::judge(std::move(*tokens), {}, judged.policy, judged.now).tokens;
  return {};
}

// Texts that live as long as this, in few allocations.
class Texts {
 public:
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < text.size()) {
      blocks_.emplace_back().reserve(std::max<std::size_t>(text.size(), std::size_t{256} << 10U));
    }
    std::string& block = blocks_.back();
    block += text;
    return std::string_view(block).substr(block.size() - text.size());
  }

 private:
  std::deque<std::string> blocks_;
};

// What is due, by dates and tiers alone: nothing else of 100,000 tokens is read.
Status find_due(const ReportArguments& arguments, const Judged& judged, Texts& texts, report::DueReport& due) {
  const auto store = inventory::Store::open(judged.path, inventory::Store::Access::read);
  if (!store) return store.error();
  const inventory::Policy& policy = judged.policy;
  const inventory::DueBound bound = inventory::due_bound(policy, due.now, due.until);
  core::TokenStatus status;
  Status read = store->each_due(filter_of(arguments), bound, status.token, [&] {
    status.tier = inventory::tier_alone(status.token, policy);
    status.rotate_by = inventory::rotate_by(status.token, policy, status.tier);
    status.verdicts.clear();
    // Who agreed to wait is said by verdicts.
    if (!policy.exceptions.empty()) inventory::add_token_verdicts(status, policy, due.now);
    auto item = report::due_item(status, due.now, due.until);
    if (!item) return;
    item->status = nullptr;
    for (std::string_view* text : {&item->token, &item->service, &item->environment, &item->owner}) {
      *text = texts.keep(*text);
    }
    due.items.push_back(std::move(*item));
  });
  report::sort_due(due.items);
  return read;
}

int write_out(std::string_view text) {
  std::cout << text << std::flush;
  return kClean;
}

int run_due(const ReportArguments& arguments) {
  auto judged = begin_judging(arguments);
  if (!judged) return fail(judged.error());
  const auto until = later(judged->now, arguments.within);
  if (!until) return fail(until.error());
  report::DueReport due{{}, judged->now, *until, judged->path, judged->policy.source};
  Texts texts;
  if (arguments.format == "text" || arguments.format == "markdown") {
    if (Status found = find_due(arguments, *judged, texts, due); !found) return fail(found.error());
  } else {
    if (Status done = judge_tokens(arguments, *judged); !done) return fail(done.error());
    due.items = report::due_items(judged->tokens, due.now, due.until);
  }
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
  return write_out(out.view());
}

int run_audit(const ReportArguments& arguments) {
  std::vector<report::ScannedSecret> scanned;
  if (!arguments.scan.empty()) {
    auto read = read_scanned_secrets(arguments.scan);
    if (!read) return fail(read.error());
    scanned = std::move(*read);
  }
  auto judged = begin_judging(arguments);
  if (!judged) return fail(judged.error());
  if (Status done = judge_tokens(arguments, *judged); !done) return fail(done.error());
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
  return write_out(out.view());
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
