#include "scanner/cli/redact_command.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <memory>
#include <random>
#include <vector>

#include "scanner/base/file.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/scan_inventory.h"
#include "scanner/cli/scan_rules.h"
#include "scanner/cli/scan_setup.h"
#include "scanner/scan/redact.h"

namespace keytrail::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Nothing came for so long: whoever watches wants to see the lines that are there.
constexpr int kPauseMilliseconds = 20;
// A signal that comes just before a wait does not end it: it is asked for so often.
constexpr int kSignalMilliseconds = 250;
// Text that trickles without a pause is passed on after this all the same.
constexpr std::chrono::milliseconds kLongestWait{500};
constexpr std::size_t kReadBytes = std::size_t{256} << 10;

constexpr const char* kRedactExamples = R"(
Examples:
  tail -f service.log | keytrail redact              line by line
  keytrail redact build.log > build.clean.log
  keytrail redact --style tag < prompt.txt           [keytrail:RULE:1], the same number for the same secret
  keytrail redact --exit-code < prompt.txt > /dev/null || echo "there is a secret in it"

Exit codes: 0 also when something was masked; with --exit-code 1 then; 2 wrong usage, a file that cannot be read, or
text that cannot be judged, of which nothing is passed on; 4 internal error, 130 interrupted.)";

struct RedactArguments {
  std::vector<std::string> files;
  ScanArguments scan;  // rules, configuration, inventory, confidence
  std::string style = "mask";
  bool exact = false;
  bool exit_code = false;
  bool stats = false;
};

bool is_kind(int fd, mode_t kind) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && (info.st_mode & S_IFMT) == kind;
}

// Standard output, which others may have made non-blocking. A reader that went away has what it wants.
class Output {
 public:
  bool is_closed() const { return closed_; }

  Status write(std::string& bytes) {
    std::string_view rest = bytes;
    while (!rest.empty() && !closed_) {
      const ssize_t put = ::write(STDOUT_FILENO, rest.data(), rest.size());
      if (put >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(put));
      } else if (errno == EAGAIN) {
        pollfd ready{STDOUT_FILENO, POLLOUT, 0};
        (void)::poll(&ready, 1, -1);
      } else if (errno == EPIPE) {
        closed_ = true;
      } else if (errno != EINTR) {
        return errno_error(errno, "write", "standard output");
      }
    }
    bytes.clear();
    return {};
  }

 private:
  bool closed_ = false;
};

// One text from its descriptor to the output.
class Pump {
 public:
  Pump(scan::Redactor& redactor, Output& output, const std::atomic<bool>& interrupted, bool exact)
      : redactor_(redactor), output_(output), interrupted_(interrupted), exact_(exact) {}

  Status run(int fd, const std::string& name) {
    const bool waits = !is_kind(fd, S_IFREG);
    std::vector<char> buffer(kReadBytes);
    while (!output_.is_closed()) {
      if (waits && !wait(fd)) {
        if (interrupted_.load()) return stop();
        if (Status passed = pending_ && !exact_ ? pause() : Status(); !passed) return passed;
        continue;
      }
      if (interrupted_.load()) return stop();
      const ssize_t got = ::read(fd, buffer.data(), buffer.size());
      if (got < 0 && errno == EAGAIN) {
        pollfd ready{fd, POLLIN, 0};
        (void)::poll(&ready, 1, -1);
        continue;
      }
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno_error(errno, "read", name);
      if (got == 0) break;
      if (Status taken = take({buffer.data(), static_cast<std::size_t>(got)}, waits); !taken) return taken;
    }
    if (Status finished = redactor_.finish(out_); !finished) return finished;
    return output_.write(out_);
  }

 private:
  // Whether there is something to read; false when it is time to pass on what there is.
  bool wait(int fd) const {
    pollfd ready{fd, POLLIN, 0};
    return ::poll(&ready, 1, pending_ && !exact_ ? kPauseMilliseconds : kSignalMilliseconds) > 0;
  }

  Status take(std::string_view bytes, bool waits) {
    if (!pending_) since_ = Clock::now();
    pending_ = waits;
    if (Status added = redactor_.add(bytes, out_); !added) return added;
    if (!out_.empty()) {
      since_ = Clock::now();
      return output_.write(out_);
    }
    return waits && !exact_ && Clock::now() - since_ > kLongestWait ? pause() : Status();
  }

  Status pause() {
    pending_ = false;
    if (Status paused = redactor_.pause(out_); !paused) return paused;
    return output_.write(out_);
  }

  // What is not complete is not judged: it does not leave.
  Status stop() {
    if (Status paused = pause(); !paused) return paused;
    return make_error(ErrorCode::cancelled, "interrupted; a line that had not ended was not passed on");
  }

  scan::Redactor& redactor_;
  Output& output_;
  const std::atomic<bool>& interrupted_;
  bool exact_;
  bool pending_ = false;  // something came that has not been passed on
  Clock::time_point since_;
  std::string out_;
};

SipKey random_key() {
  std::random_device random;
  const auto word = [&] { return std::uint64_t{random()} << 32U | random(); };
  return {word(), word()};
}

scan::RedactOptions redact_options(const RedactArguments& arguments, const Config& config) {
  scan::RedactOptions options;
  const std::string& confidence =
      arguments.scan.min_confidence.empty() ? config.min_confidence : arguments.scan.min_confidence;
  options.min_confidence = core::parse_confidence(confidence).value_or(core::Confidence::medium);
  if (arguments.style == "stars") options.style = scan::RedactStyle::stars;
  if (arguments.style == "tag") options.style = scan::RedactStyle::tag;
  options.key = random_key();
  return options;
}

void print_stats(const scan::RedactCounts& counts, const ruleset::RuleSet& rules) {
  std::cerr << "bytes       " << counts.bytes << "\nmasked      " << counts.masked << "\ndistinct    "
            << counts.distinct << "\n";
  for (const auto& [rule, count] : counts.by_rule) {
    std::cerr << "  " << rules.rules()[rule].id << " " << count << "\n";
  }
  if (counts.undecoded > 0) std::cerr << "of long encoded text only the first part was decoded\n";
}

// As a scan of standard input is set up; but a configuration has to be named: the folder that a filter happens to run
// in must not switch its rules off.
struct Setup {
  Config config;
  ruleset::RuleSet rules;
  std::optional<ScanInventory> inventory;
};

Result<std::unique_ptr<Setup>> set_up(const ScanArguments& given) {
  auto setup = std::make_unique<Setup>();
  ScanArguments arguments = given;
  arguments.paths = {"-"};
  arguments.no_config = arguments.config.empty();
  Target target;
  auto config = load_config_for(arguments, target);
  if (!config) return config.error();
  setup->config = std::move(*config);
  auto rules = load_scan_rules(arguments, setup->config, target);
  if (!rules) return rules.error();
  setup->rules = std::move(rules->rules);
  auto inventory = ScanInventory::open(arguments, setup->config, target);
  if (!inventory) return inventory.error();
  setup->inventory = std::move(*inventory);
  if (Status added = setup->inventory->add_rule(setup->rules); !added) return added.error();
  return setup;
}

Status redact_all(const RedactArguments& arguments, scan::Redactor& redactor) {
  const std::atomic<bool>& interrupted = watch_signals();
  Output output;
  Pump pump(redactor, output, interrupted, arguments.exact);
  const std::vector<std::string> input = {"-"};
  for (const std::string& name : arguments.files.empty() ? input : arguments.files) {
    if (output.is_closed()) break;
    if (name == "-") {
      redactor.begin({});
      if (Status done = pump.run(STDIN_FILENO, "standard input"); !done) return done;
      continue;
    }
    const FileDescriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return errno_error(errno, "open", name);
    if (is_kind(file.get(), S_IFDIR)) {
      return make_error(ErrorCode::invalid_argument, "this is a folder; redact takes files", name);
    }
    redactor.begin(name);
    if (Status done = pump.run(file.get(), name); !done) return done;
  }
  return {};
}

int run_redact(const RedactArguments& arguments) {
  const auto setup = set_up(arguments.scan);
  if (!setup) return fail(setup.error());
  engine::EngineOptions engine_options;
  engine_options.known = (*setup)->inventory->known();
  if (!arguments.scan.no_cache) engine_options.cache_folder = cache_folder();
  const auto engine = engine::Engine::build((*setup)->rules, engine_options);
  if (!engine) return fail(engine.error());
  auto redactor = scan::Redactor::make(*engine, redact_options(arguments, (*setup)->config));
  if (!redactor) return fail(redactor.error());
  const Status done = redact_all(arguments, *redactor);
  if (arguments.stats) print_stats(redactor->counts(), (*setup)->rules);
  if (!done) return fail(done.error());
  return arguments.exit_code && redactor->counts().masked > 0 ? kFindings : kClean;
}

void add_options(CLI::App& command, RedactArguments& redact) {
  command.add_option("FILE", redact.files, "What to read (default, and -: standard input)")->type_name("");
  command.add_option("--style", redact.style, "mask (default): ghp_****abcd; stars: the same length; tag: which rule")
      ->check(CLI::IsMember({"mask", "stars", "tag"}));
  command
      .add_option("--min-confidence", redact.scan.min_confidence,
                  "Mask findings of at least this confidence (default medium)")
      ->check(CLI::IsMember({"low", "medium", "high"}));
  command.add_flag("--exact", redact.exact,
                   "Pass nothing on before all that rules look at has come, also when the input pauses");
  command.add_flag("--exit-code", redact.exit_code, "Exit code 1 when something was masked");
  command.add_flag("--stats", redact.stats, "Print counts to standard error");
  command.add_option("--rules", redact.scan.rules, "Add the rules of a TOML file (repeatable)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command.add_option("--config", redact.scan.config, "Configuration with rules and confidence (default: none)")
      ->type_name("FILE");
  command
      .add_option("--inventory", redact.scan.inventory,
                  "Token inventory, whose values are masked too (default: .keytrail/inventory.db, looked for upwards)")
      ->type_name("FILE");
  command.add_flag("--no-inventory", redact.scan.no_inventory, "Use no inventory");
  command.add_option("--key-file", redact.scan.key_file, "Key of the inventory (default: KEYTRAIL_HASH_SECRET)")
      ->type_name("FILE");
  command.add_flag("--no-cache", redact.scan.no_cache, "Neither read nor write the cache folder");
}

}  // namespace

void add_redact_command(CLI::App& app, Arguments& arguments) {
  auto redact = std::make_shared<RedactArguments>();
  CLI::App* command = app.add_subcommand("redact", "Pass text on with its secrets masked");
  command->footer(kRedactExamples);
  add_options(*command, *redact);
  command->callback([redact, &arguments] { arguments.run = [redact] { return run_redact(*redact); }; });
}

}  // namespace keytrail::cli
