#include "scanner/scan/imported.h"

#include <algorithm>

#include "scanner/base/hash.h"
#include "scanner/base/text.h"
#include "scanner/scan/allow_comment.h"

namespace keytrail::scan {
namespace {

// Marks: two for each allowlist (a regex holds, a stop word holds), then one for each entry with a value.
std::uint32_t regex_mark(std::size_t allow) { return static_cast<std::uint32_t>(2 * allow); }
std::uint32_t word_mark(std::size_t allow) { return static_cast<std::uint32_t>(2 * allow + 1); }

bool has(const std::vector<std::uint32_t>& marks, std::uint32_t mark) {
  return std::binary_search(marks.begin(), marks.end(), mark);
}

bool any_found(const std::vector<engine::TextPattern>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return pattern.found_in(text); });
}

// The lines of a match, as far as a rule's outcome may depend on them.
std::string_view lines_of(const core::Span& span, std::string_view text) {
  const std::uint64_t from = span.begin > kCommentReach ? span.begin - kCommentReach : 0;
  const std::string_view before = text.substr(from, span.begin - from);
  const std::uint64_t begin = span.begin - (before.size() - (before.rfind('\n') + 1));
  const std::string_view behind = text.substr(span.end, kCommentReach);
  const std::uint64_t end = span.end + std::min(behind.find('\n'), behind.size());
  return text.substr(begin, end - begin);
}

std::string hex_of(std::string_view text) {
  const Sha1Digest digest = sha1(text);
  return to_hex(digest.data(), digest.size());
}

// detect-secrets takes the header of a private key for its value: BEGIN … PRIVATE KEY without the dashes.
std::string_view header_of(std::string_view block) {
  std::string_view line = block.substr(0, block.find('\n'));
  const std::size_t begin = line.find("BEGIN ");
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin);
  return line.substr(0, line.find("-----"));
}

std::string commit_of(const core::Occurrence& occurrence) {
  return occurrence.home && occurrence.home->has_commit() ? occurrence.home->commit.hex() : std::string();
}

// gitleaks writes a member of an archive "archive!member".
std::string plain_path(std::string_view path) {
  std::string plain(path);
  for (std::size_t at = plain.find("!/"); at != std::string::npos; at = plain.find("!/", at)) plain.erase(at + 1, 1);
  return plain;
}

}  // namespace

Imported::Imported(ImportedFiles files) : files_(std::move(files)), used_(files_.entries.size(), false) {
  for (std::uint32_t i = 0; i < files_.entries.size(); ++i) {
    const ImportedEntry& entry = files_.entries[i];
    by_path_[plain_path(entry.path)].push_back(i);
    if (!entry.value.empty()) by_value_[entry.value].push_back(i);
  }
  digest_ = make_digest();
}

bool Imported::empty() const { return files_.allow.empty() && files_.entries.empty() && files_.paths.empty(); }

std::string Imported::make_digest() const {
  std::string text;
  const auto add = [&text](std::string_view part) {
    text += std::to_string(part.size()) + ":";
    text += part;
  };
  for (const ImportedAllow& allow : files_.allow) {
    text += "allow " + std::to_string(static_cast<int>(allow.target)) + " ";
    for (const auto& regex : allow.regexes) add(regex.text());
    text += "; ";
    for (const std::string& rule : allow.rules) add(rule);
    text += "; ";
    for (const std::string& word : allow.stopwords) add(word);
  }
  for (const ImportedEntry& entry : files_.entries) add(entry.value);
  if (text.empty()) return {};
  const Sha256Digest digest = sha256(text);
  return to_hex(digest.data(), digest.size());
}

std::vector<std::uint32_t> Imported::marks(const core::Match& match, const ruleset::RuleSet& rules,
                                           std::string_view text) const {
  std::vector<std::uint32_t> marks;
  const ruleset::Rule& rule = rules.rules()[match.rule];
  const std::string_view secret = text.substr(match.secret.begin, match.secret.size());
  const std::string small = files_.allow.empty() ? std::string() : lower(secret);
  for (std::size_t i = 0; i < files_.allow.size(); ++i) {
    const ImportedAllow& allow = files_.allow[i];
    if (!allow.rules.empty() && !contains(allow.rules, rule.id)) continue;
    const std::string_view target = allow.target == ImportedAllow::Target::secret ? secret
                                    : allow.target == ImportedAllow::Target::match
                                        ? text.substr(match.span.begin, match.span.size())
                                        : lines_of(match.span, text);
    if (any_found(allow.regexes, target)) marks.push_back(regex_mark(i));
    const auto is_part = [&](const std::string& word) { return small.find(word) != std::string::npos; };
    if (std::any_of(allow.stopwords.begin(), allow.stopwords.end(), is_part)) marks.push_back(word_mark(i));
  }
  if (by_value_.empty()) return marks;
  const auto first = static_cast<std::uint32_t>(2 * files_.allow.size());
  std::vector<std::string> values = {hex_of(secret)};
  if (rule.kind == ruleset::RuleKind::block) values.push_back(hex_of(header_of(secret)));
  for (const std::string& value : values) {
    const auto found = by_value_.find(value);
    if (found == by_value_.end()) continue;
    for (const std::uint32_t entry : found->second) marks.push_back(first + entry);
  }
  std::sort(marks.begin(), marks.end());
  return marks;
}

bool Imported::wants(std::string_view rule, std::string_view path) const {
  if (path.empty()) return true;
  return std::all_of(files_.paths.begin(), files_.paths.end(),
                     [&](const ImportedPath& only) { return only.rule != rule || only.path.found_in(path); });
}

bool Imported::holds(const ImportedAllow& allow, std::uint32_t number, const core::Occurrence& occurrence,
                     const std::vector<std::uint32_t>& marks) const {
  std::size_t asked = 0;
  std::size_t held = 0;
  const auto ask = [&](bool is_there, bool holds) {
    asked += is_there ? 1 : 0;
    held += is_there && holds ? 1 : 0;
  };
  const std::string commit = allow.commits.empty() ? std::string() : commit_of(occurrence);
  ask(!allow.commits.empty(), !commit.empty() && contains(allow.commits, commit));
  ask(!allow.paths.empty(), !occurrence.path.empty() && any_found(allow.paths, plain_path(occurrence.path)));
  ask(!allow.regexes.empty(), has(marks, regex_mark(number)));
  ask(!allow.stopwords.empty(), has(marks, word_mark(number)));
  return held > 0 && (!allow.needs_all || held == asked);
}

bool Imported::fits(std::uint32_t number, std::string_view rule, const std::vector<std::string>& related,
                    const core::Occurrence& occurrence, const std::vector<std::uint32_t>& marks) const {
  const ImportedEntry& entry = files_.entries[number];
  const auto named = [&](const std::string& id) { return id == rule || contains(related, id); };
  if (!entry.rules.empty() && std::none_of(entry.rules.begin(), entry.rules.end(), named)) return false;
  if (!entry.commit.empty() && entry.commit != commit_of(occurrence)) return false;
  const core::Position& position = occurrence.position;
  if (entry.line != 0 && (entry.line < position.start_line || entry.line > position.end_line)) return false;
  return entry.value.empty() || has(marks, static_cast<std::uint32_t>(2 * files_.allow.size()) + number);
}

std::optional<core::Suppression> Imported::find(std::string_view rule, const std::vector<std::string>& related,
                                                const core::Occurrence& occurrence,
                                                const std::vector<std::uint32_t>& marks) {
  for (std::uint32_t i = 0; i < files_.allow.size(); ++i) {
    const ImportedAllow& allow = files_.allow[i];
    if (!allow.rules.empty() && !contains(allow.rules, rule)) continue;
    if (!holds(allow, i, occurrence, marks)) continue;
    return core::Suppression{core::Suppression::Kind::configuration, allow.reason, {}};
  }
  const auto entries = by_path_.find(plain_path(occurrence.path));
  if (entries == by_path_.end()) return std::nullopt;
  for (const std::uint32_t number : entries->second) {
    if (!fits(number, rule, related, occurrence, marks)) continue;
    used_[number] = true;
    return core::Suppression{files_.entries[number].kind, files_.entries[number].reason, {}};
  }
  return std::nullopt;
}

std::vector<std::string> Imported::notes(bool whole) const {
  std::vector<std::string> notes = files_.notes;
  if (!whole) return notes;
  std::map<std::string, std::pair<std::size_t, std::size_t>> unused;  // source -> unused, all
  for (std::size_t i = 0; i < used_.size(); ++i) {
    auto& [idle, all] = unused[files_.entries[i].source];
    if (!used_[i]) ++idle;
    ++all;
  }
  for (const auto& [source, counts] : unused) {
    if (counts.first == 0) continue;
    notes.push_back(source + ": " + std::to_string(counts.first) + " of " + std::to_string(counts.second) +
                    " entries matched nothing in this scan");
  }
  return notes;
}

}  // namespace keytrail::scan
