#include "scanner/inventory/fingerprint.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "scanner/base/file.h"

namespace keytrail::inventory {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxKeyBytes = 4096;
constexpr std::size_t kMinKeyKinds = 8;
constexpr std::string_view kProbeConstant = "\0keytrail inventory probe 1"sv;
constexpr std::string_view kCheckConstant = "\0keytrail inventory key check 1"sv;
// A text of eight letters, all different, has 24 bits by this count; a word has fewer.
constexpr double kMinValueBits = 23.5;
constexpr std::size_t kMinValueKinds = 5;

std::array<unsigned, 256> count_bytes(std::string_view text) {
  std::array<unsigned, 256> counts{};
  for (const char c : text) ++counts[static_cast<std::uint8_t>(c)];
  return counts;
}

std::size_t kinds_of(std::string_view text) {
  const auto counts = count_bytes(text);
  return static_cast<std::size_t>(std::count_if(counts.begin(), counts.end(), [](unsigned n) { return n > 0; }));
}

// Shannon's entropy of the bytes, for the whole text.
double bits_of(std::string_view text) {
  double bits = 0;
  const auto size = static_cast<double>(text.size());
  for (const unsigned count : count_bytes(text)) {
    if (count > 0) bits -= count * std::log2(count / size);
  }
  return bits;
}

bool is_word(std::string_view value) {
  constexpr std::array<std::string_view, 14> kWords = {"password", "changeme", "secret",  "placeholder", "undefined",
                                                       "redacted", "example",  "todo",    "none",        "null",
                                                       "your",     "dummy",    "default", "test"};
  std::string letters;
  letters.reserve(value.size());  // no copy of it is left behind
  for (const char c : value) {
    if (c >= 'A' && c <= 'Z') letters += static_cast<char>(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') letters += c;
  }
  // A placeholder is made of such words and nothing much else.
  std::size_t known = 0;
  for (const std::string_view word : kWords) {
    for (std::size_t at = letters.find(word); at != std::string::npos; at = letters.find(word, at + word.size())) {
      known += word.size();
    }
  }
  wipe(letters);
  return known > 0 && known * 2 > value.size();
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<Fingerprinter> Fingerprinter::make(SecretString key) {
  key.trim_line_end();
  if (key.size() < kMinKeyBytes) {
    return make_error(ErrorCode::invalid_argument,
                      "the inventory's key is shorter than 32 characters: make one with openssl rand -hex 32");
  }
  if (kinds_of(key.view()) < kMinKeyKinds) {
    return make_error(ErrorCode::invalid_argument,
                      "the inventory's key is no random text: make one with openssl rand -hex 32");
  }
  Fingerprinter made;
  const Sha256Digest probe = hmac_sha256(key.view(), kProbeConstant);
  std::memcpy(&made.probe_key_.first, probe.data(), 8);
  std::memcpy(&made.probe_key_.second, probe.data() + 8, 8);
  made.key_check_ = keytrail::to_hex(hmac_sha256(key.view(), kCheckConstant).data(), 8);
  made.key_ = std::move(key);
  return made;
}

Result<SecretString> read_key_file(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return errno_error(errno, "open the key file", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return errno_error(errno, "stat the key file", path);
  if (S_ISREG(info.st_mode) && (info.st_mode & 077) != 0) {
    return make_error(ErrorCode::permission_denied, "others may read or write the key file: chmod 600 it", path);
  }
  return read_secret(file.get(), kMaxKeyBytes, path);
}

Result<Fingerprinter> Fingerprinter::from_file(const std::string& path) {
  auto key = read_key_file(path);
  if (!key) return key.error();
  auto made = make(std::move(*key));
  if (made) return made;
  Error error = made.error();
  error.subject = path;
  return error;
}

core::TokenValue Fingerprinter::describe(std::string_view value) const {
  core::TokenValue kept;
  kept.scheme = "keytrail";
  kept.fingerprint = to_hex(fingerprint(value));
  kept.length = static_cast<std::uint32_t>(value.size());
  kept.last_four = last_four(value);
  return kept;
}

Status check_value(std::string_view value) {
  const auto refuse = [](const char* why) { return make_error(ErrorCode::invalid_argument, why); };
  if (value.empty()) return refuse("the value is empty");
  if (value.size() < kMinValueBytes) return refuse("the value is shorter than 8 characters: too easy to guess");
  if (value.size() > kMaxValueBytes) return refuse("the value is longer than 4,096 bytes");
  if (value.front() == '\0') return refuse("the value begins with a zero byte");
  if (kinds_of(value) < kMinValueKinds) return refuse("the value is a few characters repeated: too easy to guess");
  if (is_word(value)) return refuse("the value is a placeholder or a common word");
  if (bits_of(value) < kMinValueBits) return refuse("the value has too little variety: too easy to guess");
  return {};
}

std::string last_four(std::string_view value) {
  if (value.size() < 16) return {};
  const std::string_view last = value.substr(value.size() - 4);
  const bool shown = std::all_of(last.begin(), last.end(), [](char c) { return c > ' ' && c < '\x7F'; });
  return shown ? std::string(last) : std::string();
}

std::string to_hex(const Sha256Digest& digest) { return keytrail::to_hex(digest.data(), digest.size()); }

std::optional<Sha256Digest> parse_hex_digest(std::string_view text) {
  Sha256Digest digest{};
  if (text.size() != digest.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

std::optional<Sha256Digest> parse_digest(std::string_view text, bool base64) {
  if (!base64) return parse_hex_digest(text);
  const auto bytes = decode_base64(text);
  Sha256Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::memcpy(digest.data(), bytes->view().data(), digest.size());
  return digest;
}

std::optional<SecretString> decode_base64(std::string_view text) {
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  SecretString bytes;
  unsigned buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    buffer = (buffer << 6 | static_cast<unsigned>(digit)) & 0xFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<char>(buffer >> bits & 0xFFU));
  }
  return bytes;
}

}  // namespace keytrail::inventory
