#include "tests/unit/report/sample.h"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <utility>

namespace keytrail::test {
namespace {

constexpr std::string_view kRules = R"toml(
[[rule]]
id = "acme-token"
name = "Acme access token"
provider = "Acme"
description = "Opens every door of an Acme account"
rotate = "https://acme.example/settings/tokens?tab=active"
severity = "critical"
pattern = 'acme_([0-9]{20})'
negative = ["acme_1"]

[[rule]]
id = "boring-password"
name = "Boring [legacy] {pass} *word*"
provider = "Boring, Inc."
description = "A password of the \"Boring\" service."
rotate = "Ask the operators for a new one"
severity = "medium"
confidence = "medium"
pattern = 'boring_([0-9]{20})'
negative = ["boring_1"]

[[rule]]
id = "plain-value"
name = "Plain value"
provider = "Plain"
severity = "low"
confidence = "low"
pattern = 'plain_([0-9]{20})'
negative = ["plain_1"]
)toml";

core::Home home(const std::string& path, char commit_digit, std::int64_t time, std::int32_t offset) {
  core::Home result;
  result.path = path;
  result.commit = object_id(commit_digit);
  result.author = "Ann Example <ann@example.org>";
  result.author_time = time;
  result.author_offset_minutes = offset;
  result.committer = result.author;
  result.commit_time = time;
  result.commit_offset_minutes = offset;
  result.reachable = true;
  return result;
}

std::shared_ptr<const core::Reach> reached_by(std::vector<std::string> refs, std::uint64_t count) {
  return std::make_shared<const core::Reach>(core::Reach{std::move(refs), count, {}});
}

std::shared_ptr<const core::Reach> held_by(std::string holder) {
  return std::make_shared<const core::Reach>(core::Reach{{}, 0, std::move(holder)});
}

core::Occurrence git_occurrence(core::BlobKind kind, std::string path, char object_digit, std::uint64_t line) {
  core::Occurrence result = file_occurrence(std::move(path), line, 7);
  result.kind = kind;
  result.object = object_id(object_digit);
  return result;
}

core::ScanReport files_sample() {
  core::ScanReport report;
  report.targets = {"."};
  report.mode = "files";
  report.root = "/home/ann/work tree";
  report.repository_uri = "https://github.com/example/project";
  report.revision = object_id('9').hex();
  report.rules_digest = std::string(32, 'd');

  core::Finding token = finding("acme-token", core::Severity::critical, 'a');
  token.facts = {{"account", "Ann"}, {"scope", "read, write"}};
  token.related = {"plain-value"};
  for (std::uint64_t line = 1; line <= 8; ++line) token.occurrences.push_back(file_occurrence("src/a.py", line * 3, 5));
  token.occurrences.push_back(file_occurrence("src/b c.py", 1, 2));
  core::Finding password = finding("boring-password", core::Severity::medium, 'b');
  password.confidence = core::Confidence::low;
  password.occurrences = {file_occurrence("old.zip!/conf/app.ini", 12, 3)};
  core::Finding unknown = finding("known-token", core::Severity::high, 'c');
  unknown.occurrences = {file_occurrence("settings.conf", 2, 1)};
  core::Finding allowed = finding("plain-value", core::Severity::low, 'e');
  allowed.occurrences = {file_occurrence("tests/data.txt", 4, 1)};
  allowed.suppressed = core::Suppression{core::Suppression::Kind::comment, "keytrail:allow plain-value", ""};
  core::Finding accepted = finding("plain-value", core::Severity::low, 'f');
  accepted.occurrences = {file_occurrence("tests/more.txt", 4, 1)};
  accepted.suppressed = core::Suppression{core::Suppression::Kind::baseline, "a test account", "ann@example.org"};
  report.findings = {token, unknown, password, allowed, accepted};

  report.skips = {{core::SkipReason::ignored, "build", ""},
                  {core::SkipReason::ignored, "dist", ""},
                  {core::SkipReason::git_folder, ".git", ""}};
  report.notes = {"baseline: 1 entry was not used, `keytrail baseline create` drops it"};
  report.stats = {1239, 1236, 12'345'678, 3, 1, 0, 40, 9, 8};
  return report;
}

core::ScanReport history_sample() {
  core::ScanReport report;
  report.targets = {"project.git"};
  report.mode = "history";
  report.root = "/srv/project.git";
  report.repository_uri = "https://github.com/example/project.git";
  report.revision = object_id('9').hex();
  report.rules_digest = std::string(32, 'd');

  core::Finding token = finding("acme-token", core::Severity::critical, 'a');
  core::Occurrence tip = git_occurrence(core::BlobKind::git_blob, "src/a.py", '1', 3);
  tip.home = home("src/a.py", '2', 1'700'000'000, 330);
  tip.home->at_tip = true;
  tip.home->reach = reached_by({"main", "origin/main", "v1.0", "v1.1", "notes/x"}, 912);
  core::Occurrence removed = git_occurrence(core::BlobKind::git_blob, "src/a.py", '3', 3);
  removed.home = home("src/a.py", '4', 1'600'000'000, -210);
  removed.home->removed_by = object_id('5');
  removed.home->removed_time = 1'601'000'000;
  removed.home->removed_offset_minutes = 60;
  removed.home->committer = "Cy Committer <cy@example.org>";
  removed.home->commit_time += 86400;
  removed.home->reach = reached_by({"main", "v1.0"}, 2);
  core::Occurrence lost = git_occurrence(core::BlobKind::git_blob, "", '6', 1);
  core::Occurrence member = git_occurrence(core::BlobKind::git_blob, "!/inner.txt", '6', 1);
  core::Occurrence branch = git_occurrence(core::BlobKind::git_blob, "x.txt", '7', 1);
  branch.home = home("x.txt", '8', 1'650'000'000, 0);
  core::Occurrence dropped = git_occurrence(core::BlobKind::git_blob, "x.txt", '7', 1);
  dropped.home = home("x.txt", 'e', 1'650'000'001, 0);
  dropped.home->reachable = false;
  dropped.home->reach = held_by("stash@{1}");
  core::Occurrence staged = git_occurrence(core::BlobKind::git_blob, "y.txt", 'f', 1);
  staged.home = core::Home();
  staged.home->path = "y.txt";
  staged.home->reach = held_by("index");
  token.occurrences = {tip, removed, lost, member, branch, dropped};

  core::Finding message = finding("boring-password", core::Severity::medium, 'b');
  core::Occurrence commit = git_occurrence(core::BlobKind::commit_message, "", 'c', 2);
  commit.home = home("", 'c', -1, 0);
  commit.home->reachable = false;
  message.occurrences = {commit, staged, git_occurrence(core::BlobKind::tag_message, "", 'd', 1)};
  report.findings = {token, message};
  report.stats = {4000, 4000, 5'000'000'000, 0, 0, 1234, 40, 9, 8};
  return report;
}

core::ScanReport incomplete_sample() {
  core::ScanReport report;
  report.targets = {"a", "b"};
  report.mode = "files";
  report.root = "/srv";
  for (int i = 10; i < 22; ++i) {
    report.skips.push_back({core::SkipReason::unreadable, "a/" + std::to_string(i), "Permission denied"});
  }
  report.skips.push_back({core::SkipReason::archive_corrupt, "b/x.zip", "{0} [bad](1) header"});
  report.skips.push_back({core::SkipReason::missing_object, object_id('7').hex(), ""});
  report.stats = {15, 1, 1023, 14, 0, 0, 0, 0, 0};
  report.interrupted = true;
  return report;
}

core::ScanReport outside_sample() {
  core::ScanReport report;
  report.targets = {".", "/etc/outside [1].conf"};
  report.mode = "files";
  report.root = "/";
  report.repository_uri = "https://github.com/example/project";
  core::Finding token = finding("acme-token", core::Severity::high, 'a');
  token.occurrences = {file_occurrence("/etc/outside [1].conf", 2, 1), file_occurrence("inside.conf", 2, 1)};
  report.findings = {token};
  return report;
}

core::ScanReport clean_sample() {
  core::ScanReport report;
  report.targets = {"-"};
  report.mode = "files";
  report.stats.blobs_seen = 1;
  report.stats.blobs_scanned = 1;
  report.stats.bytes_scanned = 1;
  return report;
}

core::ScanReport hostile_sample() {
  core::ScanReport report;
  report.mode = "history";
  report.root = "/srv/50% \xff";
  report.repository_uri = "git@example.org:no url";
  report.targets = {"\x1b]0;title\x07"};

  core::Finding names = finding("acme-token", core::Severity::critical, 'a');
  for (const std::string_view path :
       {"=cmd|' /C calc'!A0", "+1", "-1", "@sum", "\tx", "a,b \"quoted\".txt", "new\nline\r.txt",
        "\x1b[2J\x1b]8;;http://evil.example\x1b\\x", "bad\xff\xc3(.txt", "c1\xc2\x9b.txt", "bidi\xe2\x80\xae.txt",
        "M\xc3\xbcnchen/\xf0\x9f\x94\x91.env", "50%25.txt", "a:b?c#d[e]{f}",
        "\xef\xbc\x9d"
        "1"}) {
    names.occurrences.push_back(file_occurrence(std::string(path), 1, 1));
  }
  names.facts = {{"=fact", "\x1b[31m</script>"}, {"=fact", "again"}};

  core::Finding authors = finding("unknown\"rule", core::Severity::info, 'b');
  authors.masked = "****\"{0}[x](1)";
  core::Occurrence odd = git_occurrence(core::BlobKind::git_blob, "x", '1', 1);
  odd.home = home("x", '2', 9'000'000'000'000'000'000, 100'000);
  odd.home->author = "=Evil, \"E\" <e\x1b[0m\n\xfe>";
  core::Occurrence input = file_occurrence("-", 1, 1);
  input.kind = core::BlobKind::standard_input;
  authors.occurrences = {odd, input};
  authors.suppressed = core::Suppression{core::Suppression::Kind::configuration, "\x1b=\xff\n", "\"o,o\""};
  core::Finding nowhere = finding("plain-value", core::Severity::low, 'c');
  report.findings = {names, nowhere, authors};
  report.skips = {{core::SkipReason::symlink, "a\x1b\n\xff", "to \x1b[2J"},
                  {core::SkipReason::vanished, "a\x1b\n\xff", "\x1b[2J]"}};
  report.notes = {"a note with \x1b[2J and \xff"};
  return report;
}

}  // namespace

core::ObjectId object_id(char digit) { return core::ObjectId::from_hex(std::string(40, digit)).value(); }

core::Occurrence file_occurrence(std::string path, std::uint64_t line, std::uint64_t column) {
  core::Occurrence result;
  result.path = std::move(path);
  result.position = {line, column, line, column + 25};
  return result;
}

core::Finding finding(std::string rule, core::Severity severity, char fingerprint_digit) {
  core::Finding result;
  result.rule = std::move(rule);
  result.severity = severity;
  result.confidence = core::Confidence::high;
  result.fingerprint = std::string(32, fingerprint_digit);
  result.masked = "acme_****7890";
  return result;
}

std::vector<Sample> samples() {
  return {{"files", files_sample()},
          {"history", history_sample()},
          {"incomplete", incomplete_sample()},
          {"outside", outside_sample()},
          {"clean", clean_sample()},
          {"hostile", hostile_sample()},
          {"inventory", inventory_sample(files_sample())}};
}

core::ScanReport sample(std::string_view name) {
  for (Sample& candidate : samples()) {
    if (candidate.name == name) return std::move(candidate.report);
  }
  std::cerr << "no sample " << name << '\n';
  std::abort();
}

ruleset::RuleSet sample_rules() {
  Result<ruleset::RuleSet> rules = ruleset::RuleSet::parse(kRules, "sample.toml");
  if (!rules) {
    std::cerr << rules.error().describe() << '\n';
    std::abort();
  }
  return std::move(rules).value();
}

report::RenderOptions sample_options() {
  report::RenderOptions options;
  options.tool_version = "0.1.0";
  return options;
}

std::string rendered(report::Format format, const core::ScanReport& report, const report::RenderOptions& options) {
  std::ostringstream out;
  const Status status = report::write(format, report, sample_rules(), options, out);
  if (!status) return "error: " + status.error().describe();
  return out.str();
}

}  // namespace keytrail::test
