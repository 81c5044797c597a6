// The parts that judge() is made of. Private to the filters; every function is pure, linear and allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "scanner/base/text.h"
#include "scanner/engine/filters.h"

namespace keytrail::engine {

// -- characters ------------------------------------------------------------------------------------------------------

enum : std::uint8_t {
  kLower = 1,
  kUpper = 2,
  kDigit = 4,
  kHex = 8,
  kSpace = 16,
  kHigh = 32,   // not ASCII
  kJoint = 64,  // _ - . / : what joins the words of a name
};

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] = kLower;
  for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] = kUpper;
  for (unsigned c = '0'; c <= '9'; ++c) classes[c] = kDigit | kHex;
  for (unsigned c = 'a'; c <= 'f'; ++c) classes[c] = kLower | kHex;
  for (unsigned c = 'A'; c <= 'F'; ++c) classes[c] = kUpper | kHex;
  for (unsigned c = 0x80; c < 0x100; ++c) classes[c] = kHigh;
  for (const char c : {' ', '\t', '\n', '\r'}) classes[static_cast<std::uint8_t>(c)] = kSpace;
  for (const char c : {'_', '-', '.', '/', ':'}) classes[static_cast<std::uint8_t>(c)] = kJoint;
  return classes;
}
inline constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

inline std::uint8_t class_of(char c) { return kClasses[static_cast<std::uint8_t>(c)]; }
inline bool is(char c, unsigned classes) { return (class_of(c) & classes) != 0; }
inline bool is_letter(char c) { return is(c, kLower | kUpper); }
inline bool is_alnum(char c) { return is(c, kLower | kUpper | kDigit); }
inline bool is_identifier(char c) { return is_alnum(c) || c == '_' || c == '$'; }

inline bool equal_caseless(std::string_view text, std::string_view low) {
  if (text.size() != low.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != low[i]) return false;
  }
  return true;
}
inline bool starts_caseless(std::string_view text, std::string_view low) {
  return text.size() >= low.size() && equal_caseless(text.substr(0, low.size()), low);
}
inline bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// What a text is made of.
struct Shape {
  std::size_t size = 0;
  std::size_t lowers = 0;
  std::size_t uppers = 0;
  std::size_t digits = 0;
  std::size_t spaces = 0;
  std::size_t highs = 0;
  std::size_t joints = 0;
  std::size_t hex = 0;

  std::size_t letters() const { return lowers + uppers; }
  // What is none of the above: punctuation that joins no names, and control bytes.
  std::size_t symbols() const { return size - letters() - digits - spaces - highs - joints; }
  bool only_hex() const { return size == hex && (lowers == 0 || uppers == 0); }
};
Shape shape_of(std::string_view text);

// A value and what it stands in, for the tests that want to know.
struct Place {
  std::string_view before;
  std::string_view behind;
  bool quoted = false;
};

// -- filters_samples.cc: known values and words
// ------------------------------------------------------------------------

// Drop::none when the value is not known.
Drop known_value(std::string_view value);
// The whole value is a word for a secret ("password"), for nothing ("null"), or made of such words
// ("your-password-here").
bool is_placeholder_word(std::string_view value);
// Holds a word that no random text holds by chance: "example", "changeme".
bool holds_strong_word(std::string_view body);
// The length of a run of keys or a joke in hexadecimal ("qwerty", "deadbeef") that the body holds; 0 when none.
std::size_t known_run(std::string_view body);
// Holds "test", "foo", … between characters that are no letters.
bool holds_short_word(std::string_view value);

// What the words of a name beside a value make of it.
struct NameSays {
  bool hash = false;       // a digest: "sha256", "token_hash"
  bool public_id = false;  // "public_key", "client_id"
  bool other = false;      // "token_url", "key_size", "author"
  bool password = false;   // its last word is a word for passwords, which people choose themselves
  bool secret = false;     // its last words leave no doubt: "api_token", "client_secret"
};
// `before` is the text of the line up to the value.
NameSays judge_name(std::string_view before);

// -- filters_random.cc: what randomness looks like
// ---------------------------------------------------------------------

// One character or a short block again and again.
bool is_repeated(std::string_view body);
// The longest stretch that counts up or down by one step (also every second character).
std::size_t longest_sequence(std::string_view body);
// Hidden behind stars, dots or x.
bool is_masked(std::string_view body);
// The least entropy that a random text of this shape has in all but one of a thousand cases, or the rule's wish, which
// is heeded as far as it costs no more than one of a hundred.
double entropy_bar(const Shape& shape, double min_entropy);
// Made of words (or of what sounds like them), with no part that looks random.
bool is_wordy(std::string_view value, const Shape& shape);

// -- filters_made_up.cc: what somebody typed in place of a secret
// --------------------------------------------------------

// How many letters and digits stand in runs that count up or down ("abc", "321", "a1b2c3"), whatever joins them.
std::size_t sequence_cover(std::string_view body);
// At least two of three do.
bool is_counted_up(std::string_view body);
// Words joined by marks, one of which is a word for secrets: "store-pass", "my_auth_token".
bool names_secret(std::string_view value);
// "p4ssw0rd", "S3cret!": a placeholder word with marks for letters.
bool is_disguised_word(std::string_view value);
// Base64 of a placeholder, or of a user and a placeholder.
bool is_encoded_word(std::string_view value);

// -- filters_reference.cc: what names a secret, and what is no secret by its form
// ----------------------------------------

// Syntaxes of templates, shells and vaults that stand for a value.
bool is_reference(std::string_view value);
// What may be a secret inside of one: the default of "${NAME:-default}", the text of "{xor}text" (which hides nothing)
// and "DEC(text)" (which waits to be encrypted); else empty.
std::string_view unwrapped(std::string_view value);
// "{name}", "%s": the value is put together at run time.
bool holds_format(std::string_view value);
// Code: calls, member access, indexing, types, numbers; where strings need quotes and this one has none.
bool is_code(std::string_view value, const Shape& shape, const Place& place);
// Ciphertext of SOPS, Vault, KMS, …; Drop::digest for password hashes and labelled digests.
Drop wrapped(std::string_view value);
// "h1:" of go.sum, "sha512-": the text directly before the value says digest.
bool behind_digest_label(std::string_view before);
bool is_public_value(std::string_view value);
// Files in base64, URLs without credentials, paths, addresses, versions, dates, markup, regular expressions.
bool is_other_form(std::string_view value, const Shape& shape);
bool is_uuid(std::string_view value);

}  // namespace keytrail::engine
