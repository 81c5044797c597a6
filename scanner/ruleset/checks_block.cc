// Private keys as text blocks: PEM (RFC 7468 and its forerunner RFC 1421, OpenSSH, PGP) and PuTTY's PPK.
//
// A block is read as people paste it: with real line ends or escaped ones, indented, quoted line by line and joined by
// '+', in a comment. So the body is a run of words of base64, and what joins them is skipped. Whether the key inside
// parses is not asked: a key with one character lost is still a leak.
#include <algorithm>
#include <array>

#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

constexpr std::size_t kMinBody = 40;      // base64 characters
constexpr std::size_t kMinWord = 16;      // of a line that is not the last
constexpr std::size_t kMinDistinct = 10;  // different characters: "xxxx…" is no key
constexpr std::string_view kPemBegin = "-----BEGIN ";
constexpr std::string_view kDashes = "-----";

bool is_escaped_space(char c) { return c == 'n' || c == 'r' || c == 't'; }

// Takes a pasted block apart.
class BlockReader {
 public:
  explicit BlockReader(std::string_view text) : text_(text) {}

  // The next word; empty at the end. Escapes that a writer of JSON puts before '/' are left out.
  std::string next_word() {
    skip_joints();
    std::string word;
    while (at_ < text_.size() && !at_joint()) {
      if (text_[at_] != '\\') word += text_[at_];
      ++at_;
    }
    return word;
  }

  // The rest of the line, real or escaped, and goes behind it.
  std::string_view rest_of_line() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '\n' && !(text_[at_] == '\\' && escape() == 'n')) ++at_;
    return text_.substr(begin, at_ - begin);
  }

 private:
  char escape() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

  bool at_joint() const {
    const char c = text_[at_];
    if (c == '\\') return escape() != '/';
    return static_cast<unsigned char>(c) <= ' ' || std::string_view("\"'`,;|>#*").find(c) != std::string_view::npos;
  }

  void skip_joints() {
    while (at_ < text_.size() && at_joint()) {
      const bool escaped = text_[at_] == '\\' && is_escaped_space(escape());
      at_ += escaped ? 2 : 1;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

struct Body {
  std::string base64;
  bool encrypted = false;  // a header of the body says so

  bool is_key() const {
    std::array<bool, 256> seen{};
    for (const char c : base64) seen[static_cast<unsigned char>(c)] = true;
    return base64.size() >= kMinBody &&
           static_cast<std::size_t>(std::count(seen.begin(), seen.end(), true)) >= kMinDistinct;
  }
};

// "Proc-Type:", "DEK-Info:", "Version:" before a PEM body.
bool is_body_header(std::string_view word) {
  return word.size() > 1 && is_letter(word.front()) && word.back() == ':' &&
         std::all_of(word.begin(), word.end() - 1, [](char c) { return is_letter(c) || c == '-'; });
}

// Reads words of base64 until something else comes. Only the last word may be short, so that prose is no body.
Body read_body(std::string_view text) {
  BlockReader reader(text);
  Body body;
  for (std::string word = reader.next_word(); !word.empty(); word = reader.next_word()) {
    if (body.base64.empty() && is_body_header(word)) {
      body.encrypted = reader.rest_of_line().find("ENCRYPTED") != std::string_view::npos || body.encrypted;
      continue;
    }
    if (std::none_of(word.begin(), word.end(), [](char c) { return is_alnum(c) || c == '-'; })) continue;  // "+", "//"
    const std::size_t end = word.find(kDashes);  // a body in one line goes on with its footer
    const std::string_view characters = std::string_view(word).substr(0, end);
    if (!std::all_of(characters.begin(), characters.end(), is_base64)) break;
    if (characters.size() < kMinWord && body.base64.empty()) break;
    body.base64 += characters;
    if (characters.size() < kMinWord || end != std::string::npos) break;
  }
  return body;
}

// OpenSSH writes "openssh-key-v1", a zero byte, and the cipher's name with its length before it.
bool has_openssh_cipher(std::string_view base64) {
  constexpr std::string_view kMagic("openssh-key-v1\0", 15);
  const std::optional<std::string> start =
      decode_base64(base64.substr(0, std::min<std::size_t>(base64.size(), 64) / 4 * 4));
  if (!start || !start->starts_with(kMagic)) return false;
  return std::string_view(*start).substr(kMagic.size(), 8) != std::string_view("\0\0\0\4none", 8);
}

CheckResult block_result(const Body& body, bool encrypted) {
  if (!body.is_key()) return {CheckOutcome::not_secret, {}, std::nullopt};
  if (!encrypted) return {};
  return {CheckOutcome::passed, {{"encrypted", "yes"}}, core::Severity::medium};
}

// Lines of 64 random characters.
std::string random_lines(std::size_t count, std::mt19937_64& random) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += random_text(kDigits62, 64, random) + "\n";
  return text;
}

// The text behind "name:" up to the line's end; nothing when the name is not there.
std::optional<std::string_view> value_of(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + name.size());
  const std::string_view line = rest.substr(0, rest.find_first_of("\r\n\\"));
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  return line.substr(begin);
}

}  // namespace

CheckResult check_pem(std::string_view text) {
  const std::size_t begin = text.find(kPemBegin);
  if (begin == std::string_view::npos) return outcome_of(false);
  const std::string_view header = text.substr(begin + kPemBegin.size());
  const std::size_t label_end = header.find(kDashes);
  if (label_end == std::string_view::npos) return outcome_of(false);
  const std::string_view label = header.substr(0, label_end);
  const Body body = read_body(header.substr(label_end + kDashes.size()));
  return block_result(body, body.encrypted || label.starts_with("ENCRYPTED ") || has_openssh_cipher(body.base64));
}

bool make_pem(std::string& text, std::mt19937_64& random) {
  const std::size_t begin = text.find(kPemBegin);
  if (begin == std::string::npos) return false;
  const std::size_t label_begin = begin + kPemBegin.size();
  const std::size_t label_end = text.find(kDashes, label_begin);
  if (label_end == std::string::npos) return false;
  const std::string label = text.substr(label_begin, label_end - label_begin);
  text.resize(label_end + kDashes.size());
  text += "\n" + random_lines(6, random) + std::string(kDashes) + "END " + label + std::string(kDashes);
  return true;
}

CheckResult check_ppk(std::string_view text) {
  if (text.find("PuTTY-User-Key-File-") == std::string_view::npos) return outcome_of(false);
  const std::optional<std::string_view> lines = value_of(text, "Private-Lines:");
  if (!lines) return {CheckOutcome::not_secret, {}, std::nullopt};
  const Body body = read_body(text.substr(static_cast<std::size_t>(lines->data() - text.data()) +
                                          std::min(lines->find_first_not_of("0123456789"), lines->size())));
  const std::string_view cipher = value_of(text, "Encryption:").value_or("none");
  return block_result(body, !cipher.starts_with("none"));
}

bool make_ppk(std::string& text, std::mt19937_64& random) {
  if (text.find("PuTTY-User-Key-File-") == std::string::npos) return false;
  text += "\nEncryption: none\nComment: key\nPublic-Lines: 1\n" + random_lines(1, random) + "Private-Lines: 2\n" +
          random_lines(2, random) + "Private-MAC: " + random_text("0123456789abcdef", 64, random);
  return check_ppk(text).outcome == CheckOutcome::passed;
}

}  // namespace keytrail::ruleset
