#include "scanner/ruleset/example.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "scanner/base/text.h"
#include "scanner/ruleset/checks_text.h"
#include "scanner/ruleset/pattern.h"

namespace keytrail::ruleset {
namespace {

using namespace std::string_literals;

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool holds(const ByteSet& set, char c) {
  const auto byte = static_cast<unsigned char>(c);
  return ((set[byte >> 6U] >> (byte & 63U)) & 1U) != 0;
}

double entropy_of(std::string_view text) {
  std::array<std::size_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const std::size_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

// Five equal characters, or five that count up or down.
bool has_run(std::string_view text) {
  constexpr int kRun = 5;
  int step = 0;
  int length = 1;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const int next = text[i] - text[i - 1];
    length = next == step && length > 1 ? length + 1 : (std::abs(next) <= 1 ? 2 : 1);
    step = next;
    if (length >= kRun) return true;
  }
  return false;
}

bool has_placeholder_word(std::string_view text) {
  const std::string low = lower(text);
  constexpr std::string_view kWords[] = {"example",     "sample",   "dummy", "fake", "change",
                                         "placeholder", "password", "your",  "xxxx", "todo"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view word) { return low.find(word) != std::string::npos; });
}

// `body` is the secret without what every secret of the rule begins with.
bool is_plausible(const Rule& rule, std::string_view secret, std::string_view body) {
  constexpr double kMargin = 0.1;  // bits: the engine's measure may cut what every secret has
  return entropy_of(secret) >= rule.min_entropy + kMargin && !has_run(body) && !has_placeholder_word(body);
}

// A pattern's sample with a valid check.
Example sample_once(const Rule& rule, const Pattern& pattern, std::mt19937_64& random) {
  Example example;
  const bool plain = rule.kind == RuleKind::password || rule.kind == RuleKind::generic;
  example.text = pattern.sample(random, rule.secret_group, example.secret, plain);
  if (rule.check == CheckId::none || rule.kind == RuleKind::block) return example;
  std::string secret = example.text.substr(example.secret.begin, example.secret.size());
  if (!make_valid(rule.check, secret, random)) return example;
  example.text.replace(example.secret.begin, example.secret.size(), secret);
  example.secret.end = example.secret.begin + secret.size();
  return example;
}

// Chance gives secrets that the engine's filters rightly drop; those are drawn again. When all are such, the shape is
// small and the most random one stands.
Example sample_plausible(const Rule& rule, const Pattern& pattern, std::mt19937_64& random) {
  constexpr int kTries = 100;
  const std::size_t prefix = pattern.literal_prefix(rule.secret_group).size();
  Example best;
  double best_entropy = -1;
  for (int i = 0; i < kTries; ++i) {
    Example example = sample_once(rule, pattern, random);
    const std::string_view secret = std::string_view(example.text).substr(example.secret.begin, example.secret.size());
    if (is_plausible(rule, secret, secret.substr(std::min(prefix, secret.size())))) return example;
    const double entropy = entropy_of(secret);
    if (entropy <= best_entropy) continue;
    best_entropy = entropy;
    best = std::move(example);
  }
  return best;
}

void surround(Example& example, std::string_view before, std::string_view behind) {
  example.text = std::string(before) + example.text + std::string(behind);
  example.secret.begin += before.size();
  example.secret.end += before.size();
}

// Quotes, unless they count as a part of what they would border.
void surround_as_value(Example& example, std::string_view name, const Pattern& pattern) {
  const ByteSet before = pattern.border_before();
  const ByteSet behind = pattern.border_behind();
  for (const char quote : {'"', '\'', ' ', '\n'}) {
    if (holds(before, quote) || holds(behind, quote)) continue;
    return surround(example, std::string(name) + " = " + quote, std::string(1, quote) + "\n");
  }
  surround(example, "", "");
}

// What a key of the header's type begins with, so that the body decodes to the right start.
std::string key_start(std::string_view header, std::size_t bytes) {
  if (header.find("OPENSSH") != std::string_view::npos) {
    const std::string none = "\0\0\0\4none"s;
    return "openssh-key-v1\0"s + none + none + "\0\0\0\0\0\0\0\1"s;
  }
  if (header.find("PGP") != std::string_view::npos) return {};
  // SEQUENCE with a length of two bytes, then INTEGER version.
  const std::size_t inner = bytes - 4;
  const char version = header.find("EC ") != std::string_view::npos ? '\1' : '\0';
  return "\x30\x82"s + static_cast<char>(inner >> 8U) + static_cast<char>(inner & 255U) + "\2\1"s + version;
}

std::string pem_body(std::string_view header, std::mt19937_64& random) {
  constexpr std::size_t kLines = 12;
  constexpr std::size_t kLineBytes = 48;
  std::string bytes = key_start(header, kLines * kLineBytes);
  while (bytes.size() < kLines * kLineBytes) bytes += static_cast<char>(random() & 255U);
  const std::string text = encode_base64(bytes, false);
  std::string body;
  for (std::size_t i = 0; i < text.size(); i += 64) body += text.substr(i, 64) + "\n";
  return body;
}

// "-----BEGIN X-----" gives "-----END X-----"; nothing when there is no such header.
std::string footer_of(std::string_view text) {
  constexpr std::string_view kBegin = "BEGIN";
  const std::size_t at = text.find(kBegin);
  if (at == std::string_view::npos) return {};
  std::size_t first = at;
  while (first > 0 && (text[first - 1] == '-' || text[first - 1] == ' ')) --first;
  while (text[first] == ' ') ++first;
  std::string_view rest = text.substr(at + kBegin.size());
  rest = rest.substr(0, rest.find_first_of("\r\n\\"));
  return std::string(text.substr(first, at - first)) + "END" + std::string(rest);
}

Example make_block(const Rule& rule, const Pattern& pattern, std::mt19937_64& random) {
  Example example = sample_once(rule, pattern, random);
  std::string& text = example.text;
  if (!make_valid(CheckId::ppk, text, random)) {
    const std::string footer = footer_of(text);
    const std::string body = pem_body(text, random);
    const bool is_pgp = text.find("PGP") != std::string::npos;
    if (!text.ends_with('\n')) text += '\n';
    if (is_pgp) text += '\n';
    text += body + footer;
  }
  example.secret.end = text.size();
  return example;
}

}  // namespace

Example make_example(const Rule& rule, std::mt19937_64& random) {
  const Result<Pattern> pattern = Pattern::parse(rule.pattern);
  if (!pattern) return {};
  if (rule.kind == RuleKind::block) {
    Example block = make_block(rule, *pattern, random);
    surround(block, "\n", "\n");
    return block;
  }
  Example example = sample_plausible(rule, *pattern, random);
  switch (rule.kind) {
    case RuleKind::token:
    case RuleKind::context:
      surround_as_value(example, rule.context.empty() ? "value" : rule.context[0], *pattern);
      break;
    default:
      surround(example, "\n", "\n");
      break;
  }
  return example;
}

}  // namespace keytrail::ruleset
