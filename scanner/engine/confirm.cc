#include "scanner/engine/confirm.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "scanner/base/text.h"
#include "scanner/engine/compiled.h"
#include "scanner/engine/decoded_text.h"
#include "scanner/engine/made_up.h"
#include "scanner/ruleset/checks.h"

namespace keytrail::engine {
namespace {

using core::Span;
using ruleset::CheckId;
using ruleset::CheckOutcome;
using ruleset::Rule;
using ruleset::RuleKind;

constexpr int kMaxGroups = 10;

// What a pattern may look at in one window, in bytes. Real text uses less than twice the window's size. The budget
// belongs to the window, not to the text, so that the outcome follows from the bytes near it alone.
constexpr std::int64_t kWorkPerByte = 256;
constexpr std::string_view kWrongChecksum = "wrong checksum";
constexpr std::int64_t kWorkFloor = std::int64_t{64} << 10;

bool holds(const ruleset::ByteSet& set, char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return (set[byte >> 6] >> (byte & 63) & 1U) != 0;
}

// Whether the byte before `at` ends an escape sequence (\n, \x3d, \u003d, %3D): then it is no part of a word, though it
// looks like a letter.
bool behind_escape(std::string_view text, std::uint64_t at) {
  const auto back = [&](std::uint64_t count) { return at >= count ? text[at - count] : '\0'; };
  if (back(2) == '\\' && std::string_view("nrtbfv0a").find(back(1)) != std::string_view::npos) {
    return back(3) != '\\';  // "\\n" is a backslash and an n
  }
  if (!is_hex(back(1)) || !is_hex(back(2))) return false;
  if (back(3) == '%') return true;
  if (back(3) == 'x' && back(4) == '\\') return true;
  return is_hex(back(3)) && is_hex(back(4)) && back(5) == 'u' && back(6) == '\\';
}

// Whether the byte before `at` joins a name to its value: "acmeSECRET-", "ACME_KEY=", where the value could begin with
// it.
bool behind_name(std::string_view text, std::uint64_t at) {
  constexpr std::uint64_t kLongest = 8;
  if (at < 4 || std::string_view("-_=.+/").find(text[at - 1]) == std::string_view::npos) return false;
  const std::uint64_t from = at - 1 > kLongest ? at - 1 - kLongest : 0;
  const std::string_view name = text.substr(from, at - 1 - from);
  for (const std::string_view word : {"key", "token", "secret", "private", "access"}) {
    if (name.size() < word.size()) continue;
    const std::string_view end = name.substr(name.size() - word.size());
    if (std::equal(end.begin(), end.end(), word.begin(), [](char a, char b) { return lower(a) == b; })) return true;
  }
  return false;
}

bool left_border_holds(const Rule& rule, std::string_view text, std::uint64_t begin) {
  if (begin == 0 || !holds(rule.border_before, text[begin - 1])) return true;
  return behind_escape(text, begin) || (rule.kind == RuleKind::context && behind_name(text, begin));
}

bool right_border_holds(const Rule& rule, std::string_view text, std::uint64_t end) {
  return rule.has_run || end >= text.size() || !holds(rule.border_behind, text[end]);
}

// Where the run behind `end` ends. A full stop that ends a sentence is no part of a value.
std::uint64_t end_of_run(const Rule& rule, std::string_view text, std::uint64_t end) {
  const std::uint64_t limit = std::min<std::uint64_t>(text.size(), end + rule.block_bytes);
  std::uint64_t at = end;
  while (at < limit && holds(rule.run, text[at])) ++at;
  while (at > end && text[at - 1] == '.') --at;
  return at;
}

// Whether a word can begin at `at`: not within another ("meraki" in CameraKit), but behind aB and the end of an escape.
bool begins_word(std::string_view text, std::uint64_t at) {
  if (at == 0 || !is_letter(text[at - 1]) || !is_letter(text[at])) return true;
  const bool upper = text[at] <= 'Z';
  return (upper && text[at - 1] >= 'a') || behind_escape(text, at);
}

// Whether `span` of `text` holds one of `words` (lower case), whatever its case.
bool holds_word(std::string_view text, Span span, const std::vector<std::string>& words) {
  const auto same = [](char a, char b) { return lower(a) == b; };
  const std::string_view part = text.substr(span.begin, span.size());
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    for (const auto* at = part.begin(); at != part.end(); ++at) {
      at = std::search(at, part.end(), word.begin(), word.end(), same);
      if (at == part.end()) return false;
      if (begins_word(text, span.begin + static_cast<std::uint64_t>(at - part.begin()))) return true;
    }
    return false;
  });
}

// Checks of a checksum, as opposed to a structure.
bool is_checksum(CheckId check) {
  switch (check) {
    case CheckId::github_crc32:
    case CheckId::npm_crc32:
    case CheckId::gitlab_routable:
    case CheckId::grafana_crc32:
    case CheckId::issuer_checksum:
    case CheckId::azure_marvin:
      return true;
    default:
      return false;
  }
}

// Passed, it leaves nothing to chance, and no filter has a say.
bool has_integrity(CheckId check) {
  return is_checksum(check) || check == CheckId::jwt || check == CheckId::base64_json || check == CheckId::bip39;
}

// One step down, and still reported where the rule is sure: providers change the forms of their tokens.
core::Confidence less_sure(core::Confidence confidence) {
  return confidence == core::Confidence::high ? core::Confidence::medium : core::Confidence::low;
}

std::string_view line_before(std::string_view text, std::uint64_t begin) {
  const std::uint64_t from = begin > kLineReach ? begin - kLineReach : 0;
  const std::string_view reach = text.substr(from, begin - from);
  const std::size_t line_end = reach.rfind('\n');
  return line_end == std::string_view::npos ? reach : reach.substr(line_end + 1);
}

std::string_view line_behind(std::string_view text, std::uint64_t end) {
  const std::string_view reach = text.substr(end, kLineReach);
  return reach.substr(0, reach.find('\n'));
}

// Of several lines, unlike the two above.
std::string_view text_around(std::string_view text, Span span) {
  const std::uint64_t from = span.begin > kLineReach ? span.begin - kLineReach : 0;
  return text.substr(from, span.end - from + kLineReach);
}

}  // namespace

Confirmer::Confirmer(const Rule& rule) : rule_(rule) {}
Confirmer::~Confirmer() = default;

Status Confirmer::compile() const {
  std::call_once(compiled_, [this] {
    pattern_ = compile_pattern(rule_.pattern);
    for (const std::string& allow : rule_.allow) allow_.push_back(compile_pattern(allow));
  });
  const auto refused = [this](const re2::RE2& pattern) {
    return make_error(ErrorCode::invalid_argument,
                      "pattern refused by RE2: " + pattern.error() + " (rule " + rule_.id + ")", rule_.source);
  };
  if (!pattern_->ok()) return refused(*pattern_);
  for (const auto& allow : allow_) {
    if (!allow->ok()) return refused(*allow);
  }
  return {};
}

bool Confirmer::has_context(std::string_view text, Span span) const {
  if (rule_.context.empty()) return true;
  const std::uint64_t reach = rule_.context_distance;
  const std::uint64_t from = span.begin > reach ? span.begin - reach : 0;
  const std::uint64_t to = std::min<std::uint64_t>(text.size(), span.end + reach);
  return holds_word(text, {from, span.begin}, rule_.context) || holds_word(text, {span.end, to}, rule_.context);
}

// From a header to the end of its block. Without an end the block is what looks like a body: a key that was cut off, or
// pasted without its last line, is a leak all the same.
Span Confirmer::block_span(std::string_view text, Span header) const {
  const std::string_view rest = text.substr(header.end, rule_.block_bytes);
  if (rule_.check == CheckId::ppk) {
    const std::size_t mac = rest.find("Private-MAC:");
    const std::size_t line = mac == std::string_view::npos ? mac : rest.find('\n', mac);
    return {header.begin, line == std::string_view::npos ? header.end + rest.size() : header.end + line};
  }
  const std::size_t begin = rest.find("--BEGIN ");
  const std::size_t end = rest.substr(0, begin).find("END ");
  if (end != std::string_view::npos) {
    const std::size_t dashes = rest.find("----", end);
    if (dashes != std::string_view::npos && dashes - end < 80) {
      const std::size_t behind = rest.find_first_not_of('-', dashes);
      return {header.begin, header.end + std::min(behind, rest.size())};
    }
  }
  const auto is_body = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("+/=\\\r\n\t \"',").find(c) != std::string_view::npos;
  };
  const auto* stop = std::find_if_not(rest.begin(), rest.end(), is_body);
  return {header.begin, header.end + static_cast<std::uint64_t>(stop - rest.begin())};
}

// Whoever makes a value up counts up and not how long it is. Looks less far than a filter may, so that the outcome
// follows from the window alone.
bool Confirmer::is_long_sample(std::string_view text, core::Match& match) const {
  constexpr std::uint64_t kFarthest = kLineReach - 1;
  if (rule_.kind != RuleKind::context || rule_.check != CheckId::none || match.secret.end != match.span.end) {
    return false;
  }
  if (!has_context(text, match.secret)) return false;
  std::uint64_t end = match.secret.end;
  while (end < text.size() && end - match.secret.end < kFarthest && holds(rule_.border_behind, text[end])) ++end;
  if (end - match.secret.end == kFarthest) return false;
  match.span.end = match.secret.end = end;
  const std::string_view value = text.substr(match.secret.begin, match.secret.size());
  const std::string_view before = line_before(text, match.secret.begin);
  const Drop drop = judge({rule_.kind, value, rule_.public_prefix, rule_.min_entropy, false, before, {}});
  if (drop != Drop::sequence && drop != Drop::repeated) return false;
  const std::string_view reason = sample_reason(rule_, drop, value, before);
  if (!reason.empty()) mark_sample(match, reason);
  return !reason.empty();
}

Confirmer::Verdict Confirmer::judge_match(std::string_view text, core::Match& match, ConfirmCounts& counts) const {
  // The secret, not the whole match: a pattern may hold the word itself.
  if (!has_context(text, match.secret)) {
    ++counts.without_context;
    return {Outcome::no_context};
  }
  const std::string_view matched = text.substr(match.span.begin, match.span.size());
  const std::string_view secret = text.substr(match.secret.begin, match.secret.size());
  bool checksum_passed = false;
  bool wrong_checksum = false;
  if (rule_.check != CheckId::none) {
    ruleset::CheckResult result = ruleset::run_check(rule_.check, matched, secret, text_around(text, match.secret));
    const bool failed = result.outcome == CheckOutcome::failed;
    if (result.outcome == CheckOutcome::not_secret || (failed && rule_.check_decides && !is_checksum(rule_.check))) {
      ++counts.failed_check;
      return {failed ? Outcome::check_failed : Outcome::not_secret};
    }
    wrong_checksum = failed && is_checksum(rule_.check);
    if (failed) match.confidence = less_sure(match.confidence);
    if (result.severity) match.severity = std::min(match.severity, *result.severity);
    match.facts = std::move(result.facts);
    checksum_passed = result.outcome == CheckOutcome::passed && has_integrity(rule_.check);
    if (checksum_passed && is_checksum(rule_.check)) match.confidence = core::Confidence::high;
  }
  for (const auto& allow : allow_) {
    if (re2::RE2::FullMatch(re2::StringPiece(secret.data(), secret.size()), *allow)) {
      ++counts.allowed;
      return {Outcome::allowed};
    }
  }
  const auto judged = [&](std::string_view value) -> Verdict {
    const Candidate candidate{rule_.kind,
                              value,
                              rule_.public_prefix,
                              rule_.min_entropy,
                              checksum_passed,
                              line_before(text, match.secret.begin),
                              line_behind(text, match.secret.end)};
    const Drop drop = judge(candidate);
    ++counts.dropped[static_cast<std::size_t>(drop)];
    const std::string_view sample = drop == Drop::none ? (wrong_checksum ? kWrongChecksum : std::string_view())
                                                       : sample_reason(rule_, drop, value, candidate.before);
    if (drop != Drop::none && sample.empty()) return {Outcome::filtered, drop};
    if (!sample.empty()) {
      mark_sample(match, sample);
    } else if (is_doubtful(candidate)) {
      match.confidence = core::Confidence::low;
    }
    return {value.empty() ? Outcome::empty : Outcome::found};
  };
  if (rule_.kind != RuleKind::generic) return judged(secret);
  // A base64 word in the place of a secret, as in the data of a Kubernetes Secret: the word is the secret.
  bool sure = false;
  std::string decoded = decode_value(secret, sure);
  if (decoded.empty()) return judged(secret);
  const Verdict verdict = judged(decoded);
  if (verdict.outcome == Outcome::found) {
    match.decoded = std::move(decoded);
    match.facts.emplace_back("encoding", "base64");
    return verdict;
  }
  return sure ? verdict : judged(secret);
}

bool Confirmer::run(core::RuleIndex index, std::string_view text, Span window, ConfirmCounts& counts,
                    std::vector<core::Match>& out, Observer* observer) const {
  if (!compile()) return true;
  std::int64_t work = kWorkFloor + kWorkPerByte * static_cast<std::int64_t>(window.size());
  const re2::StringPiece piece(text.data(), text.size());
  re2::StringPiece groups[kMaxGroups];
  const int wanted = static_cast<int>(std::min<std::uint32_t>(rule_.secret_group, kMaxGroups - 1)) + 1;
  std::uint64_t at = window.begin;
  while (at < window.end) {
    if (work <= 0) {
      if (observer != nullptr) observer->decided({index, {at, window.end}, {}, Outcome::budget});
      return false;
    }
    if (!pattern_->Match(piece, at, window.end, re2::RE2::UNANCHORED, groups, wanted)) return true;
    const auto offset = [&](const re2::StringPiece& group) {
      return static_cast<std::uint64_t>(group.data() - text.data());
    };
    Span span{offset(groups[0]), offset(groups[0]) + groups[0].size()};
    work -= static_cast<std::int64_t>(span.end - at) + 64;
    ++counts.pattern_matches;
    const re2::StringPiece& group = groups[wanted - 1];
    const bool has_group = group.data() != nullptr && wanted > 1;
    core::Match match;
    match.rule = index;
    match.confidence = rule_.confidence;
    match.severity = rule_.severity;
    match.span = span;
    match.secret = has_group ? Span{offset(group), offset(group) + group.size()} : span;
    if (!left_border_holds(rule_, text, span.begin) || !right_border_holds(rule_, text, span.end)) {
      if (left_border_holds(rule_, text, span.begin) && is_long_sample(text, match)) {
        at = match.span.end;
        out.push_back(std::move(match));
        continue;
      }
      ++counts.outside_borders;
      if (observer != nullptr) {
        const bool left = !left_border_holds(rule_, text, span.begin);
        observer->decided({index, span, span, left ? Outcome::border_before : Outcome::border_behind});
      }
      // No match can begin inside of the run that the border is part of: skip it, or a long run costs a try a byte.
      at = span.begin + 1;
      while (at < window.end && !left_border_holds(rule_, text, at)) ++at;
      continue;
    }
    if (rule_.kind == RuleKind::block) {
      match.span = match.secret = block_span(text, span);
    } else if (rule_.has_run) {
      const bool to_the_end = match.secret.end == span.end;
      match.span.end = end_of_run(rule_, text, span.end);
      if (to_the_end) match.secret.end = match.span.end;
      // A value that goes on and on is data, not a secret.
      if (rule_.kind == RuleKind::generic && match.span.end - span.end == rule_.block_bytes) {
        if (observer != nullptr) observer->decided({index, match.span, match.secret, Outcome::endless});
        at = match.span.end;
        continue;
      }
    }
    const Verdict verdict = judge_match(text, match, counts);
    const bool stays = verdict.outcome == Outcome::found || verdict.outcome == Outcome::empty;
    // A dropped value can itself hold the name of the next assignment, so the search goes on inside it.
    at = stays ? match.span.end : std::max(span.begin + 1, match.secret.begin);
    if (verdict.outcome == Outcome::found) {
      out.push_back(std::move(match));
    } else if (observer != nullptr) {
      observer->decided({index, match.span, match.secret, verdict.outcome, verdict.drop});
    }
  }
  return true;
}

}  // namespace keytrail::engine
