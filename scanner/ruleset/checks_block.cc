// Private keys as text blocks: PEM (RFC 7468 and its forerunner RFC 1421, OpenSSH, PGP) and PuTTY's PPK.
//
// A block is read as people paste it: with real line ends or escaped ones, indented, quoted line by line and joined by
// '+', in a comment. So the body is a run of words of base64, and what joins them is skipped. A key that does not parse
// is kept all the same: with one character lost it is still a leak. What does parse is told (checks_keys.h).
#include <algorithm>
#include <array>

#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_keys.h"
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

// PGP's line of CRC-24, alone or before a footer.
constexpr std::size_t kCrcLine = 5;
bool is_crc_line(std::string_view word) {
  return word.size() >= kCrcLine && word.front() == '=' &&
         std::all_of(word.begin() + 1, word.begin() + kCrcLine, [](char c) { return is_base64(c) && c != '='; }) &&
         (word.size() == kCrcLine || word.substr(kCrcLine).starts_with(kDashes));
}

// Reads words of base64 until something else comes. Only the last word may be short, so that prose is no body; behind
// it may stand the line of a CRC.
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
    if (end != std::string::npos) break;
    if (characters.size() >= kMinWord) continue;
    if (word = reader.next_word(); is_crc_line(word)) body.base64 += std::string_view(word).substr(0, kCrcLine);
    break;
  }
  return body;
}

// What can be decoded of a body: a key that was cut off has no whole last group.
std::string bytes_of(std::string_view base64) {
  return decode_base64(base64.substr(0, base64.size() / 4 * 4)).value_or(std::string());
}

CheckResult pem_result(std::string_view label, const Body& body) {
  CheckResult result;
  if (!body.is_key()) {
    result.outcome = CheckOutcome::not_secret;
  } else if (body.encrypted || label.starts_with("ENCRYPTED ")) {
    mark_encrypted(result);
  } else if (label.starts_with("PGP ")) {
    read_pgp_key(body.base64, result);
  } else if (label.starts_with("OPENSSH ")) {
    read_openssh_key(bytes_of(body.base64), result);
  } else {
    read_der_key(label, bytes_of(body.base64), result);
  }
  return result;
}

// Lines of 64 random characters.
std::string random_lines(std::size_t count, std::mt19937_64& random) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += random_text(kDigits62, 64, random) + "\n";
  return text;
}

// The text behind "name:" up to the line's end, real or escaped; nothing when the name is not there. In a file with
// real line ends a backslash is a character as any other.
std::optional<std::string_view> value_of(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + name.size());
  const bool real = text.substr(0, at).find('\n') != std::string_view::npos;
  const std::string_view line = rest.substr(0, rest.find_first_of(real ? "\r\n" : "\r\n\\"));
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  return line.substr(begin);
}

// The lines behind "name: number".
Body lines_of(std::string_view text, std::string_view name) {
  const std::optional<std::string_view> count = value_of(text, name);
  if (!count) return {};
  return read_body(text.substr(static_cast<std::size_t>(count->data() - text.data()) +
                               std::min(count->find_first_not_of("0123456789"), count->size())));
}

constexpr std::string_view kPuttyBegin = "PuTTY-User-Key-File-";

CheckResult putty_result(std::string_view text, const Body& secret) {
  CheckResult result;
  const std::string public_blob = bytes_of(lines_of(text, "Public-Lines:").base64);
  const std::string private_blob = bytes_of(secret.base64);
  PuttyKey key;
  key.version = text[std::min(text.find(kPuttyBegin) + kPuttyBegin.size(), text.size() - 1)];
  key.algorithm = value_of(text, std::string(kPuttyBegin) + key.version + ":").value_or(std::string_view());
  key.encryption = value_of(text, "Encryption:").value_or("none");
  key.comment = value_of(text, "Comment:").value_or(std::string_view());
  key.public_blob = public_blob;
  key.private_blob = private_blob;
  const std::string_view mac = value_of(text, "Private-MAC:").value_or(std::string_view());
  key.mac = mac.substr(0, mac.find_first_not_of("0123456789abcdefABCDEF"));
  read_putty_key(key, result);
  return result;
}

}  // namespace

CheckResult check_pem(std::string_view text) {
  const std::size_t begin = text.find(kPemBegin);
  if (begin == std::string_view::npos) return outcome_of(false);
  const std::string_view header = text.substr(begin + kPemBegin.size());
  const std::size_t label_end = header.find(kDashes);
  if (label_end == std::string_view::npos) return outcome_of(false);
  return pem_result(header.substr(0, label_end), read_body(header.substr(label_end + kDashes.size())));
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
  if (text.find(kPuttyBegin) == std::string_view::npos) return outcome_of(false);
  const Body secret = lines_of(text, "Private-Lines:");
  if (!secret.is_key()) return {CheckOutcome::not_secret, {}, std::nullopt};
  return putty_result(text, secret);
}

bool make_ppk(std::string& text, std::mt19937_64& random) {
  const std::size_t begin = text.find(kPuttyBegin);
  if (begin == std::string::npos) return false;
  const std::size_t digit = begin + kPuttyBegin.size();
  const std::string open = random_text(kDigits62, 128, random);
  const std::string secret = random_text(kDigits62, 64, random);
  const std::string public_blob = bytes_of(open);
  const std::string private_blob = bytes_of(secret);
  const char version = digit < text.size() ? text[digit] : '3';
  std::string algorithm(value_of(text, std::string(kPuttyBegin) + version + ":").value_or(std::string_view()));
  if (algorithm.empty()) algorithm = "ssh-ed25519";
  const PuttyKey key{version, algorithm, "none", "key", public_blob, private_blob, {}};
  text.resize(digit);
  text += std::string(1, version) + ": " + algorithm + "\nEncryption: none\nComment: key\nPublic-Lines: 2\n" +
          open.substr(0, 64) + "\n" + open.substr(64) + "\nPrivate-Lines: 1\n" + secret +
          "\nPrivate-MAC: " + putty_mac(key);
  return check_ppk(text).outcome == CheckOutcome::passed;
}

}  // namespace keytrail::ruleset
