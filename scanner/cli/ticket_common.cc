#include "scanner/cli/ticket_common.h"

#include <dirent.h>
#include <CLI/CLI.hpp>

#include "scanner/base/dates.h"
#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/inventory_access.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxReportBytes = std::size_t{1} << 30;
constexpr std::size_t kMaxTextBytes = std::size_t{4} << 20;

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
    const std::string path = std::string(folder).append("/").append(name);
    auto text = read_file(path, kMaxTextBytes);
    if (!text) return text.error();
    files.push_back({name, std::move(*text), path});
  }
  return files;
}

}  // namespace

Result<core::Instant> time_of(const TicketArguments& arguments) {
  if (arguments.now.empty()) return now();
  const auto parsed = parse_date(arguments.now, DateEnd::first, now());
  if (!parsed) return make_error(ErrorCode::invalid_argument, "is no time such as 2026-01-31T12:00", arguments.now);
  return *parsed;
}

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

Result<Material> load_material(const TicketArguments& arguments) {
  const auto at = time_of(arguments);
  if (!at) return at.error();
  auto tools = load_tools(arguments);
  if (!tools) return tools.error();
  TicketInventory inventory;
  if (!arguments.no_inventory) {
    auto found = find_ticket_inventory(arguments.inventory, arguments.policy);
    if (!found) return found.error();
    inventory = std::move(*found);
  } else {
    auto policy = load_policy(arguments.policy, "");
    if (!policy) return policy.error();
    inventory.policy = std::move(*policy);
  }
  if (arguments.from.empty() && inventory.path.empty()) {
    return make_error(
        ErrorCode::invalid_argument,
        "there is nothing to make tickets of: name a report of keytrail scan --report json=FILE by --from, "
        "or an inventory by --inventory");
  }
  Material material{std::move(*tools), {}, {}};
  if (!arguments.from.empty()) {
    const auto report = read_file(arguments.from, kMaxReportBytes);
    if (!report) return report.error();
    auto situation = ticket::parse_report(*report, arguments.from);
    if (!situation) return situation.error();
    material.situation = std::move(*situation);
  }
  if (Status added = add_inventory(material.situation, inventory, *at); !added) return added.error();
  material.request.now = *at;
  material.request.respond_by = response_times(inventory.policy);
  return material;
}

Result<ticket::Ticket> wanted(const ticket::Store& store, const std::string& id) {
  const ticket::Ticket* found = store.find(id);
  if (found == nullptr) {
    return make_error(ErrorCode::not_found, "no such ticket; keytrail tickets list shows all", id);
  }
  return *found;
}

void add_folder(CLI::App& app, const SharedTicketArguments& shared) {
  app.add_option("--out", shared->out, "Folder of the tickets (default tickets)")->type_name("DIR");
}

void add_tools(CLI::App& app, const SharedTicketArguments& shared) {
  app.add_option("--settings", shared->settings, "Who approves, who is told, where evidence goes (TOML)")
      ->type_name("FILE");
  app.add_option("--providers", shared->providers, "Add guides of providers; a known id is replaced (repeatable)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  app.add_option("--templates", shared->templates, "Templates that replace those of the same name")->type_name("DIR");
  app.add_option("--language", shared->language, "Language of the templates (default en)")->type_name("LANG");
  app.add_option("--now", shared->now, "Take this for the present time")->type_name("TIME");
}

void add_source(CLI::App& app, const SharedTicketArguments& shared) {
  app.add_option("--from", shared->from, "Report of keytrail scan --report json=FILE; without it the inventory alone")
      ->type_name("FILE");
  CLI::Option* inventory = app.add_option("--inventory", shared->inventory,
                                          "Token inventory, or an export of it in JSON (default: as a scan finds it)");
  inventory->type_name("FILE");
  app.add_flag("--no-inventory", shared->no_inventory, "Use no inventory")->excludes(inventory);
  app.add_option("--policy", shared->policy,
                 "Policy (default: policy.toml beside the inventory, else the built-in one)")
      ->type_name("FILE");
  app.add_option("--visibility", shared->visibility, "Whether the repository is public or private")
      ->check(CLI::IsMember({"public", "private"}));
}

}  // namespace keytrail::cli
