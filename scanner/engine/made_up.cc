#include "scanner/engine/made_up.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "scanner/engine/filters_parts.h"

namespace keytrail::engine {
namespace {

using ruleset::Rule;
using ruleset::RuleKind;

constexpr std::string_view kFact = "sample";

std::string_view reason_of(Drop drop) {
  switch (drop) {
    case Drop::sample:
      return "published";
    case Drop::repeated:
      return "repeated";
    case Drop::sequence:
      return "sequence";
    case Drop::low_entropy:
    case Drop::not_random:
      return "not random";
    default:
      return {};
  }
}

// "0000…" and "abab…" fill a form; a block of more characters that comes again stands for a value.
bool is_filler(std::string_view secret) {
  constexpr std::size_t kFew = 5;
  std::string seen;
  for (const char c : secret) {
    if (seen.find(c) == std::string::npos) seen += c;
    if (seen.size() > kFew) return false;
  }
  return true;
}

// What may stand between a name and its value: the rest of the name, more words, an assignment, quotes.
bool is_between(char c) {
  return is_alnum(c) || std::string_view(" \t_.-:=\"'`>([{,/\\?|").find(c) != std::string_view::npos;
}

// Whether a word of the rule stands before the value on its line, with nothing between but what belongs to a name.
bool is_named(const Rule& rule, std::string_view before) {
  std::size_t begin = before.size();
  while (begin > 0 && is_between(before[begin - 1])) --begin;
  std::string name(before.substr(begin));
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return lower(c); });
  return std::any_of(rule.context.begin(), rule.context.end(),
                     [&](const std::string& word) { return name.find(word) != std::string::npos; });
}

}  // namespace

std::string_view sample_reason(const Rule& rule, Drop drop, std::string_view secret, std::string_view before) {
  const std::string_view reason = reason_of(drop);
  if (reason.empty() || rule.confidence == core::Confidence::low) return {};
  if (drop == Drop::repeated && is_filler(secret.substr(std::min<std::size_t>(rule.public_prefix, secret.size())))) {
    return {};
  }
  if (rule.kind == RuleKind::token) return reason;
  if (rule.kind != RuleKind::context) return {};
  // A name or a path of the right length is no made-up value: that needs digits beside letters.
  if (drop == Drop::not_random) {
    const Shape shape = shape_of(secret);
    if (shape.digits == 0 || shape.letters() == 0) return {};
  }
  return is_named(rule, before) && !judge_name(before).hash ? reason : std::string_view();
}

void mark_sample(core::Match& match, std::string_view reason) {
  match.severity = core::Severity::info;
  match.confidence = std::min(match.confidence, core::Confidence::medium);
  match.facts.emplace_back(std::string(kFact), std::string(reason));
}

bool is_sample(const core::Match& match) {
  return std::any_of(match.facts.begin(), match.facts.end(),
                     [](const core::Fact& fact) { return fact.first == kFact; });
}

}  // namespace keytrail::engine
