// What the ticket commands share: options, and loading what they name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/cli/arguments.h"
#include "scanner/cli/ticket_inventory.h"
#include "scanner/ticket/composer.h"
#include "scanner/ticket/guide.h"
#include "scanner/ticket/plan.h"
#include "scanner/ticket/runbook.h"
#include "scanner/ticket/store.h"

namespace CLI {
class App;
}

namespace keytrail::cli {

struct TicketArguments {
  std::string from;
  std::string inventory;
  std::string policy;
  bool no_inventory = false;
  bool no_evidence = false;
  std::string out = "tickets";
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
  bool dry_run = false;
  bool resend = false;
};

// Everything that making tickets needs beside the report.
struct Tools {
  ticket::Guides guides;
  ticket::Settings settings;
  ticket::Composer composer;
};

Result<core::Instant> time_of(const TicketArguments& arguments);
Result<Tools> load_tools(const TicketArguments& arguments);
// What tickets and runbooks are made from: what a report says, what the inventory says, or both.
struct Material {
  Tools tools;
  ticket::Situation situation;
  ticket::Request request;  // the time, and the policy's response times
};
Result<Material> load_material(const TicketArguments& arguments);
// The ticket of the command, or the error that there is none.
Result<ticket::Ticket> wanted(const ticket::Store& store, const std::string& id);

// Options live as long as the command that was parsed.
using SharedTicketArguments = std::shared_ptr<TicketArguments>;
void add_folder(CLI::App& app, const SharedTicketArguments& shared);
void add_tools(CLI::App& app, const SharedTicketArguments& shared);
void add_source(CLI::App& app, const SharedTicketArguments& shared);

// The commands of the other files.
void add_ticket_changes(CLI::App& tickets, Arguments& arguments);  // approve, close
void add_ticket_sending(CLI::App& tickets, Arguments& arguments);  // sync, metrics
void add_runbook(CLI::App& app, Arguments& arguments);

}  // namespace keytrail::cli
