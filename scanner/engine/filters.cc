#include "scanner/engine/filters.h"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

#include "scanner/engine/filters_parts.h"

namespace keytrail::engine {
namespace {

using ruleset::RuleKind;

bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

Place place_of(const Candidate& candidate) {
  Place place{candidate.before, candidate.behind, false};
  place.quoted = !place.before.empty() && is_quote(place.before.back());
  // "…?key=value": quoted all the same, unless the quote behind opens an argument: f('…
  if (!place.quoted && !place.behind.empty() && !candidate.secret.empty() && is_quote(place.behind.front())) {
    place.quoted = std::string_view("([{,=+").find(candidate.secret.back()) == std::string_view::npos;
  }
  return place;
}

// Sequences are rare enough in random text at six steps (one of a million hexadecimal texts of 64 characters holds one
// of eight); a free password may hold a short one as long as there is more to it.
constexpr std::size_t kSequence = 6;

bool is_sequence(std::string_view body) { return longest_sequence(body) >= kSequence || known_run(body) != 0; }

bool is_mostly_sequence(std::string_view value) {
  const std::size_t longest = std::max(longest_sequence(value), known_run(value));
  return longest >= std::min(kSequence, value.size()) && longest * 2 >= value.size() && longest >= 4;
}

// The secret without what every secret of the rule begins with.
std::string_view body_of(const Candidate& candidate) {
  return candidate.secret.substr(std::min<std::size_t>(candidate.public_prefix, candidate.secret.size()));
}

Drop judge_known(const Candidate& candidate) {
  const std::string_view body = body_of(candidate);
  Drop drop = known_value(candidate.secret);
  if (drop == Drop::none && body.size() != candidate.secret.size()) drop = known_value(body);
  return drop;
}

// The tests that every kind but `password` and `block` begins with.
Drop judge_body(const Candidate& candidate, std::string_view body) {
  if (is_reference(candidate.secret)) return Drop::reference;
  if (is_masked(body)) return Drop::masked;
  if (is_repeated(body)) return Drop::repeated;
  if (holds_strong_word(body)) return Drop::placeholder;
  return Drop::none;
}

// "favicon-7a38….png": what tells one version of a file from another.
bool is_in_asset_name(const Candidate& candidate, std::string_view body) {
  constexpr std::string_view kEndings[] = {".png", ".jpg",  ".jpeg", ".gif", ".svg",
                                           ".ico", ".webp", ".css",  ".js",  ".woff"};
  const bool ends = std::any_of(std::begin(kEndings), std::end(kEndings),
                                [&](std::string_view ending) { return candidate.behind.starts_with(ending); });
  return ends && std::all_of(body.begin(), body.end(), [](char c) { return is(c, kHex); });
}

Drop judge_token(const Candidate& candidate) {
  const std::string_view body = body_of(candidate);
  if (is_in_asset_name(candidate, body)) return Drop::digest;
  if (const Drop drop = judge_body(candidate, body); drop != Drop::none) return drop;
  if (is_sequence(body)) return Drop::sequence;
  if (candidate.min_entropy > 0 && entropy(body) < entropy_bar(shape_of(body), candidate.min_entropy)) {
    return Drop::low_entropy;
  }
  return Drop::none;
}

// A block's lines of base64 are its body; headers and comments may say what they like.
Drop judge_block(const Candidate& candidate) {
  const std::string_view text = candidate.secret;
  constexpr std::size_t kLine = 16;
  for (std::size_t begin = 0; begin < text.size();) {
    if (!is_alnum(text[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < text.size() && (is_alnum(text[end]) || text[end] == '+' || text[end] == '/' || text[end] == '_'))
      ++end;
    const std::string_view line = text.substr(begin, end - begin);
    begin = end;
    if (line.size() < kLine) continue;
    if (is_masked(line)) return Drop::masked;
    if (holds_strong_word(line)) return Drop::placeholder;
  }
  // The dots of an example that was cut short, on a line of their own or between two words.
  if (holds(text, "...") || holds(text, "***") || holds(text, "\xe2\x80\xa6")) return Drop::masked;
  return Drop::none;
}

// The text before the run of base64 that the value is a piece of.
std::string_view before_run(std::string_view before) {
  while (!before.empty() && (is_alnum(before.back()) || before.back() == '+' || before.back() == '/')) {
    before.remove_suffix(1);
  }
  return before;
}

// "https://host/apps/UUID/log": the name of something, with its parts behind it.
bool is_path_segment(const Candidate& candidate) {
  if (!candidate.before.ends_with('/') || !candidate.behind.starts_with('/')) return false;
  const std::string_view url = candidate.before.substr(candidate.before.find_last_of("\"'`=, \t(<") + 1);
  return url.find("://") != std::string_view::npos;
}

Drop judge_context(const Candidate& candidate) {
  const std::string_view body = body_of(candidate);
  if (const Drop drop = judge_body(candidate, body); drop != Drop::none) return drop;
  if (is_sequence(body)) return Drop::sequence;
  if (const Drop drop = wrapped(candidate.secret); drop != Drop::none) return drop;
  if (behind_digest_label(before_run(candidate.before))) return Drop::digest;
  if (is_public_value(candidate.secret)) return Drop::public_value;
  if (is_uuid(body) && is_path_segment(candidate)) return Drop::public_value;
  if (holds_short_word(body)) return Drop::placeholder;
  const Shape shape = shape_of(body);
  if (is_other_form(body, shape)) return Drop::not_random;
  if (entropy(body) < entropy_bar(shape, candidate.min_entropy)) return Drop::low_entropy;
  const NameSays name = judge_name(candidate.before);
  if (name.hash) return Drop::digest;
  if (name.public_id) return Drop::public_value;
  return is_wordy(body, shape) ? Drop::not_random : Drop::none;
}

// "postgres:postgres@" is as good as no password.
bool repeats_user(const Candidate& candidate) {
  std::string_view before = candidate.before;
  if (before.empty() || before.back() != ':') return false;
  before.remove_suffix(1);
  if (!before.ends_with(candidate.secret)) return false;
  before.remove_suffix(candidate.secret.size());
  return before.empty() || !is_alnum(before.back());
}

// "%42" is one character, and one character as often as you like is none.
std::size_t decoded_size(std::string_view value) {
  if (value.find_first_not_of(value.front()) == std::string_view::npos) return 1;
  std::size_t size = value.size();
  for (std::size_t i = 0; i + 2 < value.size(); ++i) {
    if (value[i] == '%' && is(value[i + 1], kHex) && is(value[i + 2], kHex)) size -= 2;
  }
  return size;
}
constexpr std::size_t kShortestPassword = 3;

Drop judge_password(const Candidate& candidate) {
  if (is_reference(candidate.secret) || holds_format(candidate.secret)) return Drop::reference;
  if (candidate.secret.front() == '(' || candidate.secret.find("://") != std::string_view::npos) return Drop::reference;
  if (is_masked(candidate.secret)) return Drop::masked;
  if (is_placeholder_word(candidate.secret) || repeats_user(candidate)) return Drop::placeholder;
  if (names_secret(candidate.secret) || is_encoded_word(candidate.secret)) return Drop::placeholder;
  if (decoded_size(candidate.secret) < kShortestPassword) return Drop::placeholder;
  if (is_repeated(candidate.secret)) return Drop::repeated;
  if (is_counted_up(candidate.secret)) return Drop::sequence;
  if (const Drop drop = wrapped(candidate.secret); drop == Drop::encrypted) return drop;
  return Drop::none;
}

// Keys and tokens are longer; only passwords are made by people.
constexpr std::size_t kShortestMachineMade = 10;

// What people choose: letters with digits, and perhaps marks that no name in code has.
bool is_chosen_password(std::string_view value, const Shape& shape, const Place& place, const NameSays& name) {
  if (shape.letters() == 0 || shape.spaces != 0 || value.size() > 32) return false;
  if (!place.quoted && value.find_first_of("()[]{}<>\\;,=") != std::string_view::npos) return false;
  const bool marked = shape.symbols() != 0 && value.find_first_of("%\\()[]{}<>") == std::string_view::npos;
  if (marked) return shape.digits != 0 || name.password;
  return name.password && shape.digits != 0 && shape.joints == 0 && shape.symbols() == 0 && value.size() >= 6;
}

// getenv("…"), environ['…'], ENV.fetch("…"): what is looked up is a name.
bool is_looked_up(std::string_view before) {
  if (before.empty() || !is_quote(before.back())) return false;
  before.remove_suffix(1);
  if (before.empty() || (before.back() != '(' && before.back() != '[')) return false;
  before.remove_suffix(1);
  constexpr std::string_view kLookUps[] = {"getenv",      "Getenv", "environ", "environ.get", "GetEnvironmentVariable",
                                           "process.env", "env",    "ENV",     "ENV.fetch",   "env::var",
                                           "LookupEnv",   "$_ENV",  "$_SERVER"};
  return std::any_of(std::begin(kLookUps), std::end(kLookUps), [before](auto name) { return before.ends_with(name); });
}

// "arn:aws:secretsmanager:REGION:…", "urn:…": what follows is the rest of a name that everybody may know.
bool is_in_resource_name(std::string_view before) {
  const std::size_t begin = before.find_last_of("\"'`=, \t(<[{") + 1;
  const std::string_view word = before.substr(begin);
  return word.starts_with("arn:") || word.starts_with("urn:") || word.starts_with("crn:");
}

// A quoted value that goes on behind what the rule took has characters that no key or token is made of.
bool is_cut_off(const Candidate& candidate, const Place& place) {
  if (place.before.empty() || !is_quote(place.before.back()) || candidate.behind.empty()) return false;
  const char next = candidate.behind.front();
  return !is_quote(next) && std::string_view("\\&,;)]}\r\n").find(next) == std::string_view::npos;
}

// What the alphabet and the order of the characters say, when nothing around the value has spoken.
Drop judge_letters(const Candidate& candidate, const Shape& shape, const Place& place, const NameSays& name) {
  const std::string_view value = candidate.secret;
  if (is_counted_up(value)) return Drop::sequence;
  if (names_secret(value) || is_encoded_word(value)) return Drop::placeholder;
  if (!name.password && value.size() < kShortestMachineMade) return Drop::not_random;
  if (!name.password && is_cut_off(candidate, place)) return Drop::not_random;
  if (shape.digits == shape.size) return name.secret ? Drop::none : Drop::not_random;
  // A chosen password need not be random; what is left of the short values is judged by its letters alone.
  if (is_chosen_password(value, shape, place, name)) return Drop::none;
  // Capitals alone are keywords and names of constants.
  constexpr std::size_t kLongestKeyword = 24;
  constexpr std::size_t kShortestShout = 6;
  const bool may_shout = name.password && place.quoted && value.size() >= kShortestShout;
  if (shape.digits == 0 && shape.lowers == 0 && value.size() < kLongestKeyword && !may_shout) return Drop::not_random;
  constexpr std::size_t kShortest = 16;
  if (value.size() >= kShortest && entropy(value) < entropy_bar(shape, candidate.min_entropy)) return Drop::low_entropy;
  return is_wordy(value, shape) ? Drop::not_random : Drop::none;
}

Drop judge_generic(const Candidate& candidate) {
  const std::string_view value = candidate.secret;
  const Place place = place_of(candidate);
  const Shape shape = shape_of(value);
  if (is_placeholder_word(value)) return Drop::placeholder;
  if (candidate.behind.starts_with("..")) return Drop::masked;  // the dots of a value that was cut short
  if (const Drop drop = judge_body(candidate, value); drop != Drop::none) return drop;
  if (is_mostly_sequence(value)) return Drop::sequence;
  if (const Drop drop = wrapped(value); drop != Drop::none) return drop;
  if (is_public_value(value)) return Drop::public_value;
  if (is_code(value, shape, place) || is_looked_up(candidate.before) || is_in_resource_name(candidate.before)) {
    return Drop::reference;
  }
  if (is_other_form(value, shape)) return Drop::not_random;
  const NameSays name = judge_name(candidate.before);
  if (name.hash) return Drop::digest;
  if (name.public_id) return Drop::public_value;
  if (name.other) return Drop::other_name;
  if (is_uuid(value)) return name.secret ? Drop::none : Drop::digest;
  if (holds_short_word(value)) return Drop::placeholder;
  return judge_letters(candidate, shape, place, name);
}

// "…@example.com": the names that are kept for documents, and words that only say what stands there.
bool is_sample_host(std::string_view behind) {
  if (behind.empty() || behind.front() != '@') return false;
  behind.remove_prefix(1);
  const std::string_view host = behind.substr(0, behind.find_first_of(":/?#\"' ,;)`\\<>"));
  constexpr std::string_view kEndings[] = {"example.com", "example.org", "example.net",
                                           ".example",    ".invalid",    ".test"};
  constexpr std::string_view kWords[] = {"host",       "hostname",     "server",   "somewhere", "domain",
                                         "domain.com", "hostname.com", "host.com", "proxy-host"};
  const auto ends = [host](std::string_view ending) {
    return host.size() >= ending.size() && equal_caseless(host.substr(host.size() - ending.size()), ending);
  };
  return std::any_of(std::begin(kEndings), std::end(kEndings), ends) ||
         std::any_of(std::begin(kWords), std::end(kWords), [host](auto word) { return equal_caseless(host, word); });
}

Drop judge_kind(const Candidate& candidate) {
  switch (candidate.kind) {
    case RuleKind::block:
      return judge_block(candidate);
    case RuleKind::token:
      return judge_token(candidate);
    case RuleKind::context:
      return judge_context(candidate);
    case RuleKind::password:
      return judge_password(candidate);
    case RuleKind::generic:
      return judge_generic(candidate);
  }
  return Drop::none;
}

}  // namespace

std::string_view to_string(Drop drop) {
  switch (drop) {
    case Drop::none:
      return "none";
    case Drop::sample:
      return "sample";
    case Drop::reference:
      return "reference";
    case Drop::masked:
      return "masked";
    case Drop::placeholder:
      return "placeholder";
    case Drop::repeated:
      return "repeated";
    case Drop::sequence:
      return "sequence";
    case Drop::low_entropy:
      return "low entropy";
    case Drop::not_random:
      return "not random";
    case Drop::digest:
      return "digest";
    case Drop::other_name:
      return "other name";
    case Drop::encrypted:
      return "encrypted";
    case Drop::public_value:
      return "public value";
  }
  return "none";
}

namespace {

// Eight counters of eight bits, one for each class bit, of what one character of these classes adds.
constexpr std::array<std::uint64_t, 256> make_counters() {
  std::array<std::uint64_t, 256> counters{};
  for (unsigned classes = 0; classes < 256; ++classes) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      if ((classes >> bit & 1U) != 0) counters[classes] |= std::uint64_t{1} << 8 * bit;
    }
  }
  return counters;
}
constexpr std::array<std::uint64_t, 256> kCounters = make_counters();

}  // namespace

Shape shape_of(std::string_view text) {
  Shape shape;
  shape.size = text.size();
  constexpr std::size_t kRound = 255;  // what a counter of eight bits can hold
  for (std::size_t at = 0; at < text.size(); at += kRound) {
    std::uint64_t counts = 0;
    for (const char c : text.substr(at, kRound)) counts += kCounters[class_of(c)];
    const auto count = [counts](unsigned class_bit) {
      return static_cast<std::size_t>(counts >> 8 * std::countr_zero(class_bit) & 0xFF);
    };
    shape.lowers += count(kLower);
    shape.uppers += count(kUpper);
    shape.digits += count(kDigit);
    shape.hex += count(kHex);
    shape.spaces += count(kSpace);
    shape.highs += count(kHigh);
    shape.joints += count(kJoint);
  }
  return shape;
}

Drop judge(const Candidate& candidate) {
  if (const Drop drop = judge_known(candidate); drop != Drop::none) return drop;
  if (candidate.checksum_passed) return Drop::none;
  if (candidate.secret.empty()) return Drop::placeholder;
  const bool shaped = candidate.kind == RuleKind::block || candidate.kind == RuleKind::token;
  const std::string_view inner = shaped ? std::string_view() : unwrapped(candidate.secret);
  if (inner.empty()) return judge_kind(candidate);
  Candidate made = candidate;
  made.secret = inner;
  made.public_prefix = 0;
  made.behind = {};
  return judge_kind(made) == Drop::none ? Drop::none : Drop::reference;
}

bool is_doubtful(const Candidate& candidate) {
  if (candidate.checksum_passed) return false;
  const std::string_view value = candidate.secret;
  if (candidate.kind == RuleKind::generic) return is_disguised_word(value);
  if (candidate.kind != RuleKind::password) return false;
  const Shape shape = shape_of(value);
  const bool plain = shape.letters() + shape.joints == shape.size;
  // Whoever writes a real password beside such a host has made it with care.
  constexpr std::size_t kLeastDigits = 2;
  constexpr std::size_t kLeastSize = 8;
  const bool careless = plain || value.find('%') != std::string_view::npos || shape.digits < kLeastDigits ||
                        value.size() < kLeastSize || is_disguised_word(value);
  if (is_sample_host(candidate.behind)) return careless;
  return plain && is_wordy(value, shape);
}

}  // namespace keytrail::engine
