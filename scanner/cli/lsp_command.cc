#include "scanner/cli/lsp_command.h"

#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <memory>
#include <vector>

#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/workspace_checker.h"
#include "scanner/lsp/server.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

constexpr const char* kLspExamples = R"(
Editors start it: docs/editors.md has settings for VS Code, Neovim, Emacs and Helix.

Exit codes: 0 after shutdown and exit, 1 when the client goes without, 2 wrong usage, 4 internal error.)";

struct LspArguments {
  ScanArguments scan;
  bool stdio = false;
};

void write_all(std::string_view bytes, bool& closed) {
  while (!bytes.empty() && !closed) {
    const ssize_t put = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (put >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno == EAGAIN) {
      pollfd ready{STDOUT_FILENO, POLLOUT, 0};
      (void)::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      closed = true;
    }
  }
}

// Whether there is something to read; waits for it unless something is due.
bool can_read(bool is_due) {
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  const int count = ::poll(&ready, 1, is_due ? 0 : -1);
  return count > 0;
}

int run_lsp(const LspArguments& arguments) {
  // A client that went away is an error of writing like any other.
  ::signal(SIGPIPE, SIG_IGN);
  WorkspaceChecker checker(arguments.scan);
  bool closed = false;
  lsp::Server server(checker, version(), [&closed](std::string_view message) { write_all(message, closed); });
  std::vector<char> buffer(kReadBytes);
  while (!server.exit_code() && !closed) {
    if (!can_read(server.has_due())) {
      server.idle();
      continue;
    }
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) break;
    server.receive({buffer.data(), static_cast<std::size_t>(got)});
  }
  return server.exit_code().value_or(kFindings);
}

}  // namespace

void add_lsp_command(CLI::App& app, Arguments& arguments) {
  auto lsp = std::make_shared<LspArguments>();
  CLI::App* command = app.add_subcommand("lsp", "Serve editors: diagnostics while somebody types (LSP, on stdio)");
  command->footer(kLspExamples);
  // Some clients always say so.
  command->add_flag("--stdio", lsp->stdio, "Speak over standard input and output: what it does anyway");
  command
      ->add_option("--min-confidence", lsp->scan.min_confidence,
                   "Show findings of at least this confidence (default medium)")
      ->check(CLI::IsMember({"low", "medium", "high"}));
  command->add_option("--rules", lsp->scan.rules, "Add the rules of a TOML file (repeatable)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command
      ->add_option("--config", lsp->scan.config,
                   "Configuration (default: .keytrail.toml, looked for upwards from each folder)")
      ->type_name("FILE");
  command->add_flag("--no-config", lsp->scan.no_config, "Read no configuration");
  command->add_option("--baseline", lsp->scan.baseline, "Accepted findings")->type_name("FILE");
  command->add_flag("--no-ignore", lsp->scan.no_ignore, "Check what .gitignore leaves out as well");
  command->add_option("--inventory", lsp->scan.inventory, "Token inventory (default: looked for upwards)")
      ->type_name("FILE");
  command->add_flag("--no-inventory", lsp->scan.no_inventory, "Use no inventory");
  command->add_option("--key-file", lsp->scan.key_file, "Key of the inventory (default: KEYTRAIL_HASH_SECRET)")
      ->type_name("FILE");
  command->callback([lsp, &arguments] { arguments.run = [lsp] { return run_lsp(*lsp); }; });
}

}  // namespace keytrail::cli
