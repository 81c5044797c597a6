#include "scanner/cli/ticket_command.h"

#include <dirent.h>
#include <CLI/CLI.hpp>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "scanner/base/dates.h"
#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/ticket/composer.h"
#include "scanner/ticket/guide.h"
#include "scanner/ticket/runbook.h"
#include "scanner/ticket/store.h"
#include "scanner/ticket/text.h"
#include "scanner/ticket/ticket_json.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxReportBytes = std::size_t{1} << 30;
constexpr std::size_t kMaxTextBytes = std::size_t{4} << 20;
constexpr const char* kDefaultFolder = "tickets";

struct TicketArguments {
  std::string from;
  std::string inventory;
  std::string out = kDefaultFolder;
  std::string now;
  std::string settings;
  std::vector<std::string> providers;
  std::string templates;
  std::string language = "en";
  std::string visibility;
  std::string offboard;
  std::string provider_incident;
  bool hash_secret_exposed = false;
  std::string id;
  std::string state = "open";
  std::string by;
  std::string role;
  std::string reason;
  std::string format = "text";
  ticket::RunbookRequest runbook;
  std::string output;
};

Result<core::Instant> time_of(const TicketArguments& arguments) {
  if (arguments.now.empty()) return now();
  const auto parsed = parse_date(arguments.now, DateEnd::first, now());
  if (!parsed) return make_error(ErrorCode::invalid_argument, "is no time such as 2026-01-31T12:00", arguments.now);
  return *parsed;
}

struct DirectoryClose {
  void operator()(DIR* directory) const noexcept { closedir(directory); }
};

// Every file of the folder replaces the built-in template of its name.
Result<std::vector<ticket::Composer::File>> template_files(const std::string& folder) {
  std::vector<ticket::Composer::File> files;
  if (folder.empty()) return files;
  const std::unique_ptr<DIR, DirectoryClose> open(opendir(folder.c_str()));
  if (open == nullptr) return errno_error(errno, "read templates", folder);
  while (const dirent* entry = readdir(open.get())) {
    const std::string name = entry->d_name;
    if (name[0] == '.') continue;
    const std::string path = folder + "/" + name;
    auto text = read_file(path, kMaxTextBytes);
    if (!text) return text.error();
    files.push_back({name, std::move(*text), path});
  }
  return files;
}

// Everything that making tickets needs beside the report.
struct Tools {
  ticket::Guides guides;
  ticket::Settings settings;
  ticket::Composer composer;
};

Result<Tools> load_tools(const TicketArguments& arguments) {
  auto guides = ticket::Guides::builtin();
  if (!guides) return guides.error();
  for (const std::string& path : arguments.providers) {
    const auto text = read_file(path, kMaxTextBytes);
    if (!text) return text.error();
    if (Status added = guides->add(*text, path); !added) return added.error();
  }
  ticket::Settings settings = ticket::default_settings();
  if (!arguments.settings.empty()) {
    const auto text = read_file(arguments.settings, kMaxTextBytes);
    if (!text) return text.error();
    auto parsed = ticket::parse_settings(*text, arguments.settings);
    if (!parsed) return parsed.error();
    settings = std::move(*parsed);
  }
  if (!arguments.visibility.empty()) settings.visibility = arguments.visibility;
  const auto files = template_files(arguments.templates);
  if (!files) return files.error();
  auto composer = ticket::Composer::load(arguments.language, *files);
  if (!composer) return composer.error();
  return Tools{std::move(*guides), std::move(settings), std::move(*composer)};
}

Result<ticket::Situation> load_situation(const TicketArguments& arguments) {
  const auto report = read_file(arguments.from, kMaxReportBytes);
  if (!report) return report.error();
  auto situation = ticket::parse_report(*report, arguments.from);
  if (!situation || arguments.inventory.empty()) return situation;
  const auto inventory = read_file(arguments.inventory, kMaxReportBytes);
  if (!inventory) return inventory.error();
  if (Status added = ticket::add_inventory(*situation, *inventory, arguments.inventory); !added) return added.error();
  return situation;
}

void print_emitted(const ticket::Emitted& emitted, const std::string& directory, std::ostream& out) {
  for (const ticket::Emitted::Line& line : emitted.lines) {
    out << std::left << std::setw(9) << line.what << line.id << "  " << core::to_string(line.priority) << "  "
        << line.title << "\n";
    for (const std::string& change : line.changes) out << "         " << change << "\n";
  }
  out << emitted.lines.size() << " tickets written to " << directory << ", " << emitted.unchanged << " unchanged\n";
}

Result<ticket::Emitted> emit_to(const ticket::Situation& situation, const Tools& tools, const ticket::Request& request,
                                const std::string& directory) {
  auto store = ticket::Store::open(directory, true);
  if (!store) return store.error();
  const std::vector<ticket::Case> cases = ticket::plan(situation, tools.guides, tools.settings, request);
  return ticket::emit(*store, cases, situation, tools.settings, tools.composer, request.now);
}

int run_emit(const TicketArguments& arguments) {
  const auto at = time_of(arguments);
  if (!at) return fail(at.error());
  const auto tools = load_tools(arguments);
  if (!tools) return fail(tools.error());
  const auto situation = load_situation(arguments);
  if (!situation) return fail(situation.error());
  const ticket::Request request{*at, arguments.offboard, arguments.provider_incident, arguments.hash_secret_exposed};
  const auto emitted = emit_to(*situation, *tools, request, arguments.out);
  if (!emitted) return fail(emitted.error());
  print_emitted(*emitted, arguments.out, std::cout);
  return kClean;
}

int run_list(const TicketArguments& arguments) {
  const auto store = ticket::Store::open(arguments.out, false);
  if (!store) return fail(store.error());
  std::vector<const ticket::Ticket*> list;
  for (const auto& [id, one] : store->tickets()) {
    if (arguments.state == "all" || one.open == (arguments.state == "open")) list.push_back(&one);
  }
  std::sort(list.begin(), list.end(), [](const ticket::Ticket* a, const ticket::Ticket* b) {
    return std::tie(a->priority, a->due, a->id) < std::tie(b->priority, b->due, b->id);
  });
  if (arguments.format == "json") {
    auto out = nlohmann::ordered_json::array();
    for (const ticket::Ticket* one : list) out.push_back(nlohmann::ordered_json::parse(ticket::to_json(*one)));
    std::cout << out.dump(1) << "\n";
    return kClean;
  }
  for (const ticket::Ticket* one : list) {
    std::cout << one->id << "  " << core::to_string(one->priority) << "  " << (one->open ? "open  " : "closed") << "  "
              << (one->due ? ticket::time_text(*one->due) : "no deadline") << "  "
              << (one->owner.empty() ? "owner not known" : one->owner) << "  " << one->title << "\n";
  }
  std::cout << list.size() << " tickets in " << arguments.out << "\n";
  return kClean;
}

// The ticket of the command, or the error that there is none.
Result<ticket::Ticket> wanted(const ticket::Store& store, const std::string& id) {
  const ticket::Ticket* found = store.find(id);
  if (found == nullptr) {
    return make_error(ErrorCode::not_found, "no such ticket; keytrail tickets list shows all", id);
  }
  return *found;
}

int run_show(const TicketArguments& arguments) {
  const auto store = ticket::Store::open(arguments.out, false);
  if (!store) return fail(store.error());
  const auto found = wanted(*store, arguments.id);
  if (!found) return fail(found.error());
  if (arguments.format == "json") {
    std::cout << ticket::to_json(*found);
    return kClean;
  }
  const auto tools = load_tools(arguments);
  if (!tools) return fail(tools.error());
  std::cout << tools->composer.markdown(*found);
  return kClean;
}

// Changes one ticket of the directory.
template <typename Change>
int change_ticket(const TicketArguments& arguments, Change change) {
  const auto at = time_of(arguments);
  if (!at) return fail(at.error());
  const auto tools = load_tools(arguments);
  if (!tools) return fail(tools.error());
  auto store = ticket::Store::open(arguments.out, true);
  if (!store) return fail(store.error());
  auto found = wanted(*store, arguments.id);
  if (!found) return fail(found.error());
  if (Status changed = change(*found, tools->settings, *at); !changed) return fail(changed.error());
  const auto written = store->put(*found, tools->composer);
  return written ? kClean : fail(written.error());
}

Status approve(const TicketArguments& arguments, const ticket::Settings& settings, ticket::Ticket& one,
               core::Instant at) {
  const std::string by = ticket::lower(arguments.by);
  const auto refuse = [&](const std::string& why) {
    return make_error(ErrorCode::invalid_argument, why, arguments.id);
  };
  if (!one.open) return refuse("is closed");
  if (by == ticket::lower(settings.requester)) return refuse("who asked for it cannot approve it");
  if (by == ticket::lower(one.person)) return refuse("who leaves cannot approve it");
  for (const ticket::Approval& approval : one.approvals) {
    if (ticket::lower(approval.person) != by) continue;
    if (approval.role == "executor" || arguments.role == "executor") {
      return refuse("who executes cannot approve: two people are needed");
    }
    if (approval.role == arguments.role) return refuse("has this approval already");
  }
  one.approvals.push_back({arguments.role, ticket::scrubbed(arguments.by), at});
  one.history.push_back({at, (arguments.role == "executor" ? "executed by " : "approved by ") +
                                 ticket::scrubbed(arguments.by) + " (" + arguments.role + ")"});
  return {};
}

int run_approve(const TicketArguments& arguments) {
  return change_ticket(arguments, [&](ticket::Ticket& one, const ticket::Settings& settings, core::Instant at) {
    return approve(arguments, settings, one, at);
  });
}

int run_close(const TicketArguments& arguments) {
  return change_ticket(arguments, [&](ticket::Ticket& one, const ticket::Settings&, core::Instant at) -> Status {
    if (!one.open) return make_error(ErrorCode::invalid_argument, "is closed already", one.id);
    const bool approved = std::any_of(one.approvals.begin(), one.approvals.end(),
                                      [](const ticket::Approval& approval) { return approval.role != "executor"; });
    if (one.privileged && !approved) {
      return make_error(ErrorCode::invalid_argument,
                        "needs an approval first: keytrail tickets approve " + one.id + " --by PERSON --role ROLE",
                        one.id);
    }
    one.open = false;
    one.closed = at;
    one.close_reason = ticket::scrubbed(arguments.reason);
    one.history.push_back({at, "closed by hand" +
                                   (arguments.by.empty() ? "" : " by " + ticket::scrubbed(arguments.by)) + ": " +
                                   one.close_reason});
    return {};
  });
}

int run_runbook(const TicketArguments& arguments) {
  const ticket::RunbookRequest& wanted = arguments.runbook;
  const int ways = (wanted.tokens.empty() ? 0 : 1) + (wanted.service.empty() ? 0 : 1) + (wanted.all ? 1 : 0);
  if (ways != 1) {
    return fail(
        make_error(ErrorCode::invalid_argument, "name tokens, or --service, or --all: one of these", "runbook"));
  }
  const auto at = time_of(arguments);
  if (!at) return fail(at.error());
  const auto tools = load_tools(arguments);
  if (!tools) return fail(tools.error());
  const auto situation = load_situation(arguments);
  if (!situation) return fail(situation.error());
  const auto made = ticket::make_runbook(*situation, tools->guides, tools->settings, tools->composer, wanted, *at);
  if (!made) return fail(made.error());
  const std::string name = arguments.format == "html" ? "runbook.html" : "runbook.md";
  const std::string text = tools->composer.render(name, ticket::runbook_value(*made));
  if (arguments.output.empty()) {
    std::cout << text;
    return kClean;
  }
  const Status written = write_file_atomically(arguments.output, text);
  return written ? kClean : fail(written.error());
}

using Shared = std::shared_ptr<TicketArguments>;

void add_folder(CLI::App& app, const Shared& shared) {
  app.add_option("--out", shared->out, "Folder of the tickets (default tickets)")->type_name("DIR");
}

void add_tools(CLI::App& app, const Shared& shared) {
  app.add_option("--settings", shared->settings, "Who approves, who is told, where evidence goes (TOML)")
      ->type_name("FILE");
  app.add_option("--providers", shared->providers, "Add guides of providers; a known id is replaced (repeatable)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  app.add_option("--templates", shared->templates, "Templates that replace those of the same name")->type_name("DIR");
  app.add_option("--language", shared->language, "Language of the templates (default en)")->type_name("LANG");
  app.add_option("--now", shared->now, "Take this for the present time")->type_name("TIME");
}

void add_source(CLI::App& app, const Shared& shared) {
  app.add_option("--from", shared->from, "Report of keytrail scan --report json=FILE")->required()->type_name("FILE");
  app.add_option("--inventory", shared->inventory, "All tokens, from keytrail inventory export --format json")
      ->type_name("FILE");
  app.add_option("--visibility", shared->visibility, "Whether the repository is public or private")
      ->check(CLI::IsMember({"public", "private"}));
}

void add_emit(CLI::App& tickets, Arguments& arguments) {
  const Shared shared = std::make_shared<TicketArguments>();
  CLI::App* emit = tickets.add_subcommand("emit", "Write a ticket for each token or secret that needs work");
  add_source(*emit, shared);
  add_folder(*emit, shared);
  add_tools(*emit, shared);
  emit->add_option("--offboard", shared->offboard, "A person leaves: what they own or can read is rotated")
      ->type_name("PERSON");
  emit->add_option("--provider-incident", shared->provider_incident,
                   "A provider was broken into: all of theirs is rotated")
      ->type_name("NAME");
  emit->add_flag("--hash-secret-exposed", shared->hash_secret_exposed,
                 "The secret that API keys are hashed with is exposed");
  emit->callback([shared, &arguments] { arguments.run = [shared] { return run_emit(*shared); }; });
}

void add_reading(CLI::App& tickets, Arguments& arguments) {
  const Shared listed = std::make_shared<TicketArguments>();
  CLI::App* list = tickets.add_subcommand("list", "One line for each ticket, most urgent first");
  add_folder(*list, listed);
  list->add_option("--state", listed->state, "open (default), closed or all")
      ->check(CLI::IsMember({"open", "closed", "all"}));
  list->add_option("--format", listed->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  list->callback([listed, &arguments] { arguments.run = [listed] { return run_list(*listed); }; });

  const Shared shown = std::make_shared<TicketArguments>();
  CLI::App* show = tickets.add_subcommand("show", "A whole ticket");
  show->add_option("ID", shown->id, "The ticket's id")->required()->type_name("");
  add_folder(*show, shown);
  show->add_option("--format", shown->format, "text (Markdown) or json")->check(CLI::IsMember({"text", "json"}));
  show->callback([shown, &arguments] { arguments.run = [shown] { return run_show(*shown); }; });
}

void add_changing(CLI::App& tickets, Arguments& arguments) {
  const Shared approved = std::make_shared<TicketArguments>();
  CLI::App* approve = tickets.add_subcommand("approve", "Record who approved or executed; nobody does both");
  approve->add_option("ID", approved->id, "The ticket's id")->required()->type_name("");
  approve->add_option("--by", approved->by, "Who")->required()->type_name("PERSON");
  approve->add_option("--role", approved->role, "manager, owner, security or executor")
      ->required()
      ->check(CLI::IsMember({"manager", "owner", "security", "executor"}));
  add_folder(*approve, approved);
  add_tools(*approve, approved);
  approve->callback([approved, &arguments] { arguments.run = [approved] { return run_approve(*approved); }; });

  const Shared closed = std::make_shared<TicketArguments>();
  CLI::App* close = tickets.add_subcommand("close", "Close by hand; scans close what they see rotated by themselves");
  close->add_option("ID", closed->id, "The ticket's id")->required()->type_name("");
  close->add_option("--reason", closed->reason, "Why")->required()->type_name("TEXT");
  close->add_option("--by", closed->by, "Who")->type_name("PERSON");
  add_folder(*close, closed);
  add_tools(*close, closed);
  close->callback([closed, &arguments] { arguments.run = [closed] { return run_close(*closed); }; });
}

void add_runbook(CLI::App& app, Arguments& arguments) {
  const Shared shared = std::make_shared<TicketArguments>();
  shared->format = "markdown";
  CLI::App* runbook = app.add_subcommand("runbook", "How tokens are rotated, in which order, and what to check");
  runbook->add_option("TOKEN", shared->runbook.tokens, "Ids of tokens")->type_name("");
  runbook->add_option("--service", shared->runbook.service, "All tokens that a service uses")->type_name("NAME");
  runbook->add_flag("--all", shared->runbook.all, "The whole inventory, and untracked secrets");
  add_source(*runbook, shared);
  add_tools(*runbook, shared);
  runbook->add_option("--format", shared->format, "markdown (default) or html")
      ->check(CLI::IsMember({"markdown", "html"}));
  runbook->add_option("--output", shared->output, "File to write (default: standard output)")->type_name("FILE");
  runbook->callback([shared, &arguments] { arguments.run = [shared] { return run_runbook(*shared); }; });
}

}  // namespace

void add_ticket_commands(CLI::App& app, Arguments& arguments) {
  add_runbook(app, arguments);
  CLI::App* tickets = app.add_subcommand("tickets", "Tickets for what must be rotated")->require_subcommand(1);
  add_emit(*tickets, arguments);
  add_reading(*tickets, arguments);
  add_changing(*tickets, arguments);
}

Status emit_tickets(std::string_view json_report, const std::string& directory) {
  const auto situation = ticket::parse_report(json_report, "report");
  if (!situation) return situation.error();
  const auto tools = load_tools({});
  if (!tools) return tools.error();
  const auto emitted = emit_to(*situation, *tools, {now(), "", "", false}, directory);
  if (!emitted) return emitted.error();
  print_emitted(*emitted, directory, std::cerr);
  return {};
}

}  // namespace keytrail::cli
