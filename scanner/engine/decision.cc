#include "scanner/engine/decision.h"

#include <algorithm>
#include <cstdio>

namespace keytrail::engine {
namespace {

using ruleset::Rule;

std::string bits(double value) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string words(const std::vector<std::string>& list) {
  constexpr std::size_t kShown = 6;
  std::string text;
  for (std::size_t i = 0; i < std::min(list.size(), kShown); ++i) text += (i > 0 ? ", " : "") + list[i];
  if (list.size() > kShown) text += " and " + std::to_string(list.size() - kShown) + " more";
  return text;
}

// Not every filter has a sentence of its own: one that is new is told by its name.
std::string why_filtered(Drop drop, const Rule& rule, std::string_view secret) {
  switch (drop) {
    case Drop::sample:
      return "it is a sample that its vendor has published, known by its hash";
    case Drop::reference:
      return "it names a secret and is none: a variable, a template, a path, a call, an identifier of the code";
    case Drop::masked:
      return "it is masked: asterisks, dots or x stand for what it was";
    case Drop::placeholder:
      return "it holds a placeholder's word, such as example, changeme or your-token";
    case Drop::repeated:
      return "it is one character, or one short piece, again and again";
    case Drop::sequence:
      return "it is a sequence, such as abcdef, 12345678 or a row of the keyboard";
    case Drop::low_entropy:
      return "it is less random than the rule asks for: " + bits(entropy(secret)) +
             " bits a character, the rule says " + bits(rule.min_entropy) +
             " (less where it is short or of few kinds of characters)";
    case Drop::not_random:
      return "it reads like words, a file's name, a version or plain text, not like something made at random";
    case Drop::digest:
      return "it is a hash or an id, by its form or by the name beside it";
    case Drop::other_name:
      return "the name beside it says that it is something else";
    case Drop::encrypted:
      return "it is encrypted (SOPS, Ansible Vault, a sealed secret): nobody can use it as it stands";
    case Drop::public_value:
      return "it is public: a public key, a certificate or an identifier";
    default:
      return "a filter drops it: " + std::string(to_string(drop));
  }
}

std::string why_companion(const Rule& rule) {
  for (const ruleset::Companion& companion : rule.companions) {
    if (!companion.required) continue;
    return "it counts only within " + std::to_string(companion.within) + " bytes of a match of " + companion.rule +
           ", and there is none";
  }
  return "the rule that must match beside it does not";
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::found:
      return "found";
    case Outcome::no_match:
      return "no-match";
    case Outcome::border_before:
      return "border-before";
    case Outcome::border_behind:
      return "border-behind";
    case Outcome::endless:
      return "endless";
    case Outcome::no_context:
      return "no-context";
    case Outcome::check_failed:
      return "check-failed";
    case Outcome::not_secret:
      return "not-secret";
    case Outcome::allowed:
      return "allowed";
    case Outcome::filtered:
      return "filtered";
    case Outcome::empty:
      return "empty";
    case Outcome::no_companion:
      return "no-companion";
    case Outcome::gave_way:
      return "gave-way";
    case Outcome::budget:
      return "budget";
    case Outcome::plain_alone:
      return "plain-alone";
  }
  return "unknown";
}

std::string explain(const Decision& decision, const ruleset::RuleSet& rules, std::string_view text) {
  const Rule& rule = rules.rules()[decision.rule];
  const std::string check(ruleset::to_string(rule.check));
  switch (decision.outcome) {
    case Outcome::found:
      return "pattern, checks and filters agree";
    case Outcome::no_match:
      return "an anchor of the rule stands here, but its pattern does not match around it";
    case Outcome::border_before:
      return "the character before it could belong to it: this is a piece of something longer";
    case Outcome::border_behind:
      return "the character behind it could belong to it: this is a piece of something longer";
    case Outcome::endless:
      return "it goes on for more than " + std::to_string(rule.block_bytes) + " bytes: data, not a secret";
    case Outcome::no_context:
      return "none of the rule's words stands within " + std::to_string(rule.context_distance) +
             " bytes: " + words(rule.context);
    case Outcome::check_failed:
      return "the check " + check + " fails, and every credential of this kind passes it";
    case Outcome::not_secret:
      return "the check " + check + " says that this is no secret: a reference, a sample, or encrypted";
    case Outcome::allowed:
      return "an allow pattern of the rule matches it";
    case Outcome::filtered:
      return why_filtered(decision.drop, rule, text.substr(decision.secret.begin, decision.secret.size()));
    case Outcome::empty:
      return "the pattern matches, but the part of it that is the secret is empty";
    case Outcome::no_companion:
      return why_companion(rule);
    case Outcome::gave_way:
      return "the same bytes belong to " + rules.rules()[decision.other].id +
             ", which is surer; this rule is named there as related";
    case Outcome::budget:
      return "the pattern had to be tried too often here, and the rest of the window was given up";
    case Outcome::plain_alone:
      return "the rule would find something in any decoded text, or what is decoded is no longer what it was: it "
             "counts "
             "in plain text alone";
  }
  return {};
}

}  // namespace keytrail::engine
