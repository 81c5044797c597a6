#include <CLI/CLI.hpp>
#include <iostream>

#include "scanner/base/file.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/ticket_common.h"

namespace keytrail::cli {
namespace {

int run_runbook(const TicketArguments& arguments) {
  const ticket::RunbookRequest& wanted = arguments.runbook;
  const int ways = (wanted.tokens.empty() ? 0 : 1) + (wanted.service.empty() ? 0 : 1) + (wanted.all ? 1 : 0);
  if (ways != 1) {
    return fail(
        make_error(ErrorCode::invalid_argument, "name tokens, or --service, or --all: one of these", "runbook"));
  }
  const auto material = load_material(arguments);
  if (!material) return fail(material.error());
  const Tools& tools = material->tools;
  const auto made = ticket::make_runbook(material->situation, tools.guides, tools.settings, tools.composer, wanted,
                                         material->request);
  if (!made) return fail(made.error());
  const std::string name = arguments.format == "html" ? "runbook.html" : "runbook.md";
  const std::string text = tools.composer.render(name, ticket::runbook_value(*made));
  if (arguments.output.empty()) {
    std::cout << text;
    return kClean;
  }
  const Status written = write_file_atomically(arguments.output, text);
  return written ? kClean : fail(written.error());
}

}  // namespace

void add_runbook(CLI::App& app, Arguments& arguments) {
  const SharedTicketArguments shared = std::make_shared<TicketArguments>();
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

}  // namespace keytrail::cli
