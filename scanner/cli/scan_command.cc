#include "scanner/cli/scan_command.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>

#include "scanner/base/file.h"
#include "scanner/base/thread.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/failure.h"
#include "scanner/cli/progress_line.h"
#include "scanner/cli/scan_inventory.h"
#include "scanner/cli/scan_rules.h"
#include "scanner/cli/scan_run.h"
#include "scanner/cli/scan_setup.h"
#include "scanner/cli/self_test.h"
#include "scanner/cli/ticket_command.h"
#include "scanner/fs/archive.h"
#include "scanner/git/ignore.h"
#include "scanner/report/report.h"
#include "scanner/scan/scan.h"

namespace keytrail::cli {
namespace {

// What is staged is little, and each thread has to be made ready first.
constexpr unsigned kMaxStagedThreads = 4;

struct ReportFile {
  report::Format format = report::Format::text;
  std::string path;
};

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

scan::ScanOptions scan_options(const ScanArguments& arguments, const Config& config, const Target& target) {
  scan::ScanOptions options;
  options.threads = arguments.threads > 0 ? arguments.threads : available_processors();
  // One file needs no second thread, and a thread costs more than a small file.
  const bool single =
      target.standard_input || (!is_repository(target) && target.paths.size() == 1 && !arguments.paths.empty() &&
                                ::access((target.paths.front() + "/.").c_str(), F_OK) != 0);
  if (single) options.threads = 1;
  if (target.staged) options.threads = std::min(options.threads, kMaxStagedThreads);
  options.limits.keep_secrets = arguments.show_secrets;
  const std::string& confidence = arguments.min_confidence.empty() ? config.min_confidence : arguments.min_confidence;
  options.min_confidence = core::parse_confidence(confidence).value_or(core::Confidence::medium);
  options.exhaustive = arguments.exhaustive;
  options.exclude = joined(config.exclude, arguments.exclude);
  options.interrupted = &watch_signals();
  const std::string cache = cache_folder();
  if (!arguments.no_cache && !cache.empty() && !target.slow_reader) {
    options.memory = {cache + "/sweeps", version() + " " + program_stamp()};
    // A program that cannot be told from others believes none.
    if (program_stamp().empty()) options.memory.folder.clear();
  }
  return options;
}

bool wants_progress(const ScanArguments& arguments) {
  if (arguments.progress != "auto") return arguments.progress == "always";
  return is_terminal(STDERR_FILENO);
}

const char* mode_of(const Target& target) {
  if (target.staged) return "staged";
  if (!target.range.empty() || target.push) return "range";
  return target.history ? "history" : "files";
}

void describe_target(Outcome& outcome, const core::HistorySource* history) {
  core::ScanReport& report = outcome.report;
  report.targets = outcome.target.named;
  report.mode = mode_of(outcome.target);
  report.root = outcome.target.root;
  if (history != nullptr) {
    report.repository_uri = history->remote_uri();
    report.revision = history->tip();
  }
}

}  // namespace

Result<Outcome> perform(const ScanArguments& arguments) {
  Outcome outcome;
  auto narrowing = load_narrowing(arguments, now());
  if (!narrowing) return narrowing.error();
  auto config = load_config_for(arguments, outcome.target);
  if (!config) return config.error();
  outcome.config = std::move(*config);

  auto rules = load_scan_rules(arguments, outcome.config, outcome.target);
  if (!rules) return rules.error();
  outcome.rules = std::move(rules->rules);
  scan::Imported imported(std::move(rules->imported));

  auto suppressions = load_suppressions(arguments, outcome.config);
  if (!suppressions) return suppressions.error();

  const auto inventory = ScanInventory::open(arguments, outcome.config, outcome.target);
  if (!inventory) return inventory.error();

  if (Status added = inventory->add_rule(outcome.rules); !added) return added.error();
  engine::EngineOptions engine_options;
  engine_options.known = inventory->known();
  if (!arguments.no_cache) engine_options.cache_folder = cache_folder();
  auto engine = engine::Engine::build(outcome.rules, engine_options);
  if (!engine) return engine.error();
  if (arguments.self_test) {
    if (Status good = self_test(*engine); !good) return good.error();
  }

  scan::ScanOptions options = scan_options(arguments, outcome.config, outcome.target);
  options.limits.probe = inventory->probe();
  options.narrowing = std::move(*narrowing);
  if (!imported.empty() || !imported.notes(false).empty()) options.imported = &imported;
  if (arguments.stats) options.rule_costs = &outcome.rule_costs;
  const auto ignore = arguments.no_ignore ? nullptr : git::make_ignore_provider();
  auto source = open_source(outcome.target, options.exclude, ignore.get());
  if (!source) return source.error();

  std::optional<ProgressLine> progress;
  if (wants_progress(arguments)) {
    progress.emplace(is_repository(outcome.target) ? "objects" : "files");
    options.on_progress = [&progress](const scan::Progress& state) { progress->show(state); };
  }
  const auto expander = fs::make_archive_expander({});
  auto report = scan::run_scan(*source->source, source->history, expander.get(), *engine, *suppressions, options);
  if (!report) return report.error();
  outcome.report = std::move(*report);
  if (Status judged = inventory->judge(outcome.report); !judged) return judged.error();
  // How it was scanned, not what was: reports are the same whichever way.
  if (!arguments.stats) outcome.report.stats.fresh_bytes = 0;
  if (!outcome.report.findings.empty()) {
    if (Status added = outcome.rules.add_texts(); !added) return added.error();
  }
  describe_target(outcome, source->history);
  return outcome;
}

namespace {

Result<std::vector<ReportFile>> parse_reports(const std::vector<std::string>& specs) {
  std::vector<ReportFile> files;
  for (const std::string& spec : specs) {
    const std::size_t equals = spec.find('=');
    const auto format = report::parse_format(std::string_view(spec).substr(0, equals));
    if (equals == std::string::npos || equals + 1 == spec.size() || !format) {
      return make_error(ErrorCode::invalid_argument, "--report takes FORMAT=FILE, such as sarif=keytrail.sarif", spec);
    }
    files.push_back({*format, spec.substr(equals + 1)});
    // Said before an hour of scanning, not after.
    const std::size_t slash = files.back().path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : files.back().path.substr(0, slash + 1);
    if (::access(folder.c_str(), W_OK) != 0) return errno_error(errno, "write", files.back().path);
  }
  return files;
}

report::RenderOptions render_options(const ScanArguments& arguments, std::int64_t started) {
  report::RenderOptions options;
  options.tool_version = version();
  options.verbose = arguments.verbose;
  options.current_folder = current_folder();
  options.started = started;
  options.ended = report_time();
  return options;
}

Status write_report_file(const ReportFile& file, const Outcome& outcome, const report::RenderOptions& options) {
  const std::string temporary = file.path + ".tmp." + std::to_string(::getpid());
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    if (!out) return errno_error(errno, "write", file.path);
    if (Status written = report::write(file.format, outcome.report, outcome.rules, options, out); !written)
      return written;
    out.close();
    if (!out) return errno_error(errno, "write", file.path);
  }
  if (::rename(temporary.c_str(), file.path.c_str()) != 0) return errno_error(errno, "write", file.path);
  return {};
}

// A reader that closed its end (`| head`) has what it wants: that is no error.
Status write_standard_output(report::Format format, const Outcome& outcome, report::RenderOptions options,
                             const std::string& colour) {
  options.colour = wants_colour(colour, STDOUT_FILENO);
  options.hyperlinks = options.colour && is_terminal(STDOUT_FILENO);
  options.width = terminal_width(STDOUT_FILENO);
  errno = 0;
  const Status written = report::write(format, outcome.report, outcome.rules, options, std::cout);
  std::cout.flush();
  if (!std::cout && errno != EPIPE) return errno_error(errno, "write", "standard output");
  return std::cout ? written : Status();
}

void print_stats(const core::ScanReport& report, double seconds) {
  const core::Stats& s = report.stats;
  std::cerr << "scanned     " << s.blobs_scanned << " blobs, " << s.bytes_scanned << " bytes, " << s.archives_opened
            << " archives, " << s.commits << " commits\n"
            << "known       " << report.known_blobs << " of these blobs from an earlier sweep\n"
            << "skipped     " << s.blobs_skipped << "\n"
            << "fresh       " << s.fresh_bytes << " bytes that stage one looked at\n"
            << "candidates  " << s.candidates << "\n"
            << "patterns    " << s.pattern_matches << "\n"
            << "matches     " << s.matches << "\n"
            << "findings    " << report.findings.size() << "\n"
            << "seconds     " << seconds << "\n";
}

// The rules whose patterns, checks and filters took longest, over all threads.
void print_rule_costs(const Outcome& outcome, double seconds_per_tick) {
  constexpr std::size_t kShown = 10;
  std::vector<std::pair<engine::RuleCost, std::string>> costs;
  for (std::size_t i = 0; i < outcome.rule_costs.size(); ++i) {
    if (outcome.rule_costs[i].windows > 0) costs.emplace_back(outcome.rule_costs[i], outcome.rules.rules()[i].id);
  }
  std::sort(costs.begin(), costs.end(), [](const auto& a, const auto& b) {
    return std::pair(b.first.ticks, a.second) < std::pair(a.first.ticks, b.second);
  });
  if (costs.empty()) return;
  std::cerr << "dearest rules (milliseconds confirming, windows, bytes of them, pattern matches, matches):\n";
  for (std::size_t i = 0; i < std::min(kShown, costs.size()); ++i) {
    const auto& [cost, id] = costs[i];
    char line[96];
    std::snprintf(line, sizeof line, "  %10.3f %9llu %11llu %9llu %9llu  ",
                  static_cast<double>(cost.ticks) * seconds_per_tick * 1000,
                  static_cast<unsigned long long>(cost.windows), static_cast<unsigned long long>(cost.bytes),
                  static_cast<unsigned long long>(cost.pattern_matches), static_cast<unsigned long long>(cost.matches));
    std::cerr << line << id << "\n";
  }
}

}  // namespace

int exit_code_of(const core::ScanReport& report, const std::string& fail_on) {
  if (report.interrupted) return kInterrupted;
  const auto blocks = [&](const core::Finding& finding) {
    return !finding.suppressed && fail_on != "never" &&
           finding.severity >= core::parse_severity(fail_on).value_or(core::Severity::low);
  };
  if (std::any_of(report.findings.begin(), report.findings.end(), blocks)) return kFindings;
  return report.incomplete() ? kIncomplete : kClean;
}

namespace {

std::vector<scan::BaselineEntry> baseline_entries(const core::ScanReport& report, const BaselineArguments& arguments) {
  std::map<std::string, scan::BaselineEntry> entries;
  for (const core::Finding& finding : report.findings) {
    // What a comment or the configuration allows needs no second leave; what the baseline accepts stays.
    if (finding.suppressed && finding.suppressed->kind != core::Suppression::Kind::baseline) continue;
    scan::BaselineEntry entry{finding.fingerprint, finding.rule,      {}, arguments.owner,
                              arguments.reason,    arguments.expires, 0};
    if (!finding.occurrences.empty()) entry.path = finding.occurrences.front().path;
    if (finding.suppressed) {
      entry.owner = finding.suppressed->owner;
      entry.reason = finding.suppressed->reason;
    }
    entries.emplace(finding.fingerprint, std::move(entry));
  }
  std::vector<scan::BaselineEntry> list;
  list.reserve(entries.size());
  for (auto& [fingerprint, entry] : entries) list.push_back(std::move(entry));
  return list;
}

ScanTickets tickets_of(const ScanArguments& arguments, const Outcome& outcome) {
  ScanTickets tickets;
  tickets.directory = arguments.tickets;
  tickets.inventory = outcome.report.inventory;
  tickets.policy = arguments.policy;
  if (tickets.policy.empty() && !outcome.config.policy.empty()) {
    const bool absolute = outcome.config.policy.front() == '/';
    tickets.policy = absolute ? outcome.config.policy : outcome.config.folder + "/" + outcome.config.policy;
  }
  tickets.now = arguments.now;
  tickets.is_public = arguments.is_public || outcome.config.is_public;
  tickets.narrowed = !arguments.since.empty() || !arguments.until.empty() || !arguments.branches.empty() ||
                     !arguments.authors.empty() || !arguments.only_rules.empty() || !arguments.skip_rules.empty();
  return tickets;
}

}  // namespace

int run_scan_command(const ScanArguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const std::uint64_t start_ticks = engine::ticks();
  const std::int64_t started = report_time();
  const auto files = parse_reports(arguments.reports);
  if (!files) return fail(files.error());
  // Never taken apart: the process ends, and to free the rules one by one takes a good part of a small scan's time.
  static const auto* const kept = new Result<Outcome>(perform(arguments));
  const Result<Outcome>& outcome = *kept;
  if (!outcome) return fail(outcome.error());

  const report::RenderOptions options = render_options(arguments, started);
  for (const ReportFile& file : *files) {
    if (Status written = write_report_file(file, *outcome, options); !written) return fail(written.error());
  }
  const auto format = report::parse_format(arguments.format).value_or(report::Format::text);
  if (Status written = write_standard_output(format, *outcome, options, arguments.colour); !written) {
    return fail(written.error());
  }
  if (!arguments.tickets.empty()) {
    std::ostringstream json;
    if (Status s = report::write(report::Format::json, outcome->report, outcome->rules, options, json); !s)
      return fail(s.error());
    if (Status s = emit_tickets(json.view(), tickets_of(arguments, *outcome)); !s) return fail(s.error());
  }
  if (arguments.stats) {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    print_stats(outcome->report, seconds);
    print_rule_costs(*outcome,
                     seconds / static_cast<double>(std::max<std::uint64_t>(engine::ticks() - start_ticks, 1)));
  }
  return exit_code_of(outcome->report, arguments.fail_on.empty() ? outcome->config.fail_on : arguments.fail_on);
}

int run_baseline_create(const BaselineArguments& arguments) {
  if (!arguments.expires.empty() && !scan::is_date(arguments.expires)) {
    return fail(
        make_error(ErrorCode::invalid_argument, "--expires takes a date such as 2027-01-31", arguments.expires));
  }
  ScanArguments scan = arguments.scan;
  scan.no_inventory = true;  // what is accepted has nothing to do with it
  const auto outcome = perform(scan);
  if (!outcome) return fail(outcome.error());
  if (outcome->report.interrupted)
    return fail(make_error(ErrorCode::cancelled, "interrupted; no baseline was written"));
  const std::vector<scan::BaselineEntry> entries = baseline_entries(outcome->report, arguments);
  const std::string text = scan::format_baseline(entries);
  if (arguments.output == "-") {
    std::cout << text << std::flush;
  } else if (Status written = write_file_atomically(arguments.output, text); !written) {
    return fail(written.error());
  }
  std::cerr << "keytrail: " << entries.size() << " accepted findings written to " << arguments.output
            << (outcome->report.incomplete() ? "; the scan was incomplete, keytrail scan says what is missing" : "")
            << "\n";
  return outcome->report.incomplete() ? kIncomplete : kClean;
}

}  // namespace keytrail::cli
