#include "scanner/ruleset/checks_keys.h"

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>

#include "scanner/base/hash.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

using Bytes = std::string_view;

// Takes bytes from the front. What is not there is nothing, and so is all that comes after.
class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}

  Bytes rest() const { return rest_; }
  bool failed() const { return failed_; }

  Bytes take(std::uint64_t size) {
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return {};
    }
    const Bytes taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  // Most significant byte first; of eight bytes at most.
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : take(size)) value = value << 8U | static_cast<std::uint8_t>(c);
    return value;
  }
  // A string of SSH: four bytes of length and as many bytes.
  Bytes string() { return take(number(4)); }

 private:
  Bytes rest_;
  bool failed_ = false;
};

std::string big_endian(std::uint64_t value, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = size; i-- > 0; value >>= 8U) bytes[i] = static_cast<char>(value & 0xFFU);
  return bytes;
}

std::string ssh_string(Bytes bytes) { return big_endian(bytes.size(), 4) + std::string(bytes); }

template <std::size_t kSize>
Bytes view(const std::array<std::uint8_t, kSize>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// As `ssh-keygen -l` prints it.
void add_ssh_public(Bytes blob, CheckResult& result) {
  std::string digest = encode_base64(view(sha256(blob)), false);
  while (digest.ends_with('=')) digest.pop_back();
  add_fact(result, "public_key", "SHA256:" + digest);
}

// How many strings stand between the type and the comment in the private part of an OpenSSH key.
std::optional<int> strings_before_comment(Bytes type) {
  constexpr std::pair<std::string_view, int> kTypes[] = {
      {"ssh-ed25519", 2},         {"ssh-rsa", 6}, {"ecdsa-sha2-nistp256", 3}, {"ecdsa-sha2-nistp384", 3},
      {"ecdsa-sha2-nistp521", 3}, {"ssh-dss", 5},
  };
  for (const auto& [name, count] : kTypes) {
    if (name == type) return count;
  }
  return std::nullopt;
}

// --- DER: a tag, a length of up to three bytes, the content.

struct Element {
  std::uint8_t tag = 0;
  Bytes content;
};

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kBits = 0x03;
constexpr std::uint8_t kOctets = 0x04;
constexpr std::uint8_t kName = 0x06;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kFirstChoice = 0xA0;
constexpr std::uint8_t kSecondChoice = 0xA1;

Element element(Reader& reader) {
  const auto tag = static_cast<std::uint8_t>(reader.number(1));
  std::uint64_t size = reader.number(1);
  if (size > 0x83 || size == 0x80) return {tag, reader.take(UINT64_MAX)};  // no key is as long
  if (size > 0x80) size = reader.number(size - 0x80);
  return {tag, reader.take(size)};
}

// The content of the next element; nothing (and the reader fails) when it has another tag.
Bytes content(Reader& reader, std::uint8_t tag) {
  const Element found = element(reader);
  if (found.tag == tag) return found.content;
  reader.take(UINT64_MAX);
  return {};
}

struct Curve {
  std::string_view oid;
  std::string_view name;
};

constexpr Curve kCurves[] = {
    {"\x2A\x86\x48\xCE\x3D\x03\x01\x07", "nistp256"},
    {std::string_view("\x2B\x81\x04\x00\x22", 5), "nistp384"},
    {std::string_view("\x2B\x81\x04\x00\x23", 5), "nistp521"},
};
constexpr std::string_view kRsaOid = "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01";
constexpr std::string_view kEcOid = "\x2A\x86\x48\xCE\x3D\x02\x01";
constexpr std::string_view kEd25519Oid = "\x2B\x65\x70";

void read_rsa(Bytes bytes, CheckResult& result) {
  Reader outer(bytes);
  Reader reader(content(outer, kSequence));
  content(reader, kInteger);
  const Bytes modulus = content(reader, kInteger);
  const Bytes exponent = content(reader, kInteger);
  if (outer.failed() || reader.failed() || modulus.size() < 2 || exponent.empty()) return;
  const bool padded = modulus[0] == '\0';
  const auto top = static_cast<std::uint8_t>(modulus[padded ? 1 : 0]);
  const std::size_t bits =
      (modulus.size() - (padded ? 2 : 1)) * 8 + static_cast<std::size_t>(std::bit_width(std::uint32_t{top}));
  add_fact(result, "key_type", "ssh-rsa");
  add_fact(result, "bits", std::to_string(bits));
  add_ssh_public(ssh_string("ssh-rsa") + ssh_string(exponent) + ssh_string(modulus), result);
}

// `curve` is known where the key lies in PKCS #8.
void read_ec(Bytes bytes, Bytes curve, CheckResult& result) {
  Reader outer(bytes);
  Reader reader(content(outer, kSequence));
  content(reader, kInteger);
  content(reader, kOctets);
  Bytes point;
  while (!reader.failed() && !reader.rest().empty()) {
    const Element part = element(reader);
    Reader inner(part.content);
    if (part.tag == kFirstChoice) curve = content(inner, kName);
    if (part.tag == kSecondChoice) point = content(inner, kBits);
  }
  if (outer.failed() || reader.failed() || point.size() < 2) return;
  for (const Curve& known : kCurves) {
    if (known.oid != curve) continue;
    const std::string type = "ecdsa-sha2-" + std::string(known.name);
    add_fact(result, "key_type", type);
    add_ssh_public(ssh_string(type) + ssh_string(known.name) + ssh_string(point.substr(1)), result);
  }
}

void read_pkcs8(Bytes bytes, CheckResult& result) {
  Reader outer(bytes);
  Reader reader(content(outer, kSequence));
  content(reader, kInteger);
  Reader algorithm(content(reader, kSequence));
  const Bytes oid = content(algorithm, kName);
  const Bytes key = content(reader, kOctets);
  if (outer.failed() || reader.failed()) return;
  if (oid == kRsaOid) read_rsa(key, result);
  if (oid == kEcOid) read_ec(key, content(algorithm, kName), result);
  if (oid == kEd25519Oid) add_fact(result, "key_type", "ssh-ed25519");
}

// --- OpenPGP

std::uint32_t crc24(Bytes bytes) {
  std::uint32_t crc = 0xB704CE;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint32_t>(static_cast<std::uint8_t>(c)) << 16U;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x800000U) != 0 ? (crc << 1U ^ 0x1864CFBU) : crc << 1U;
    crc &= 0xFFFFFFU;
  }
  return crc;
}

struct Packet {
  std::uint8_t tag = 0;
  Bytes body;
};

// Nothing at the end, and for a length that is not told (partial, indeterminate): keys have none.
std::optional<Packet> next_packet(Reader& reader) {
  const auto head = static_cast<std::uint8_t>(reader.number(1));
  if (reader.failed() || (head & 0x80U) == 0) return std::nullopt;
  std::uint64_t size = 0;
  if ((head & 0x40U) != 0) {
    size = reader.number(1);
    if (size == 255) {
      size = reader.number(4);
    } else if (size >= 224) {
      return std::nullopt;
    } else if (size >= 192) {
      size = ((size - 192) << 8U) + reader.number(1) + 192;
    }
  } else {
    const unsigned type = head & 3U;
    if (type == 3) return std::nullopt;
    size = reader.number(std::size_t{1} << type);
  }
  const auto tag = static_cast<std::uint8_t>((head & 0x40U) != 0 ? head & 0x3FU : head >> 2U & 0xFU);
  const Bytes body = reader.take(size);
  if (reader.failed()) return std::nullopt;
  return Packet{tag, body};
}

void skip_numbers(Reader& reader, int count) {
  for (int i = 0; i < count; ++i) reader.take((reader.number(2) + 7) / 8);
}

// Goes behind the public half of a key of this algorithm; false when nobody knows it.
bool skip_public(Reader& reader, std::uint64_t algorithm) {
  switch (algorithm) {
    case 1:
    case 2:
    case 3:  // RSA
      skip_numbers(reader, 2);
      break;
    case 16:  // Elgamal
      skip_numbers(reader, 3);
      break;
    case 17:  // DSA
      skip_numbers(reader, 4);
      break;
    case 18:  // ECDH: curve, point, parameters
      reader.take(reader.number(1));
      skip_numbers(reader, 1);
      reader.take(reader.number(1));
      break;
    case 19:  // ECDSA
    case 22:  // EdDSA of before RFC 9580
      reader.take(reader.number(1));
      skip_numbers(reader, 1);
      break;
    case 25:  // X25519
    case 27:  // Ed25519
      reader.take(32);
      break;
    case 26:  // X448
      reader.take(56);
      break;
    case 28:  // Ed448
      reader.take(57);
      break;
    default:
      return false;
  }
  return !reader.failed();
}

std::string upper_hex(Bytes bytes) {
  std::string hex = to_hex(bytes);
  for (char& c : hex) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  return hex;
}

void read_secret_packet(Bytes body, CheckResult& result) {
  Reader reader(body);
  const std::uint64_t version = reader.number(1);
  if (version != 4 && version != 6) return;
  const std::uint64_t created = reader.number(4);
  const std::uint64_t algorithm = reader.number(1);
  if (version == 6) reader.number(4);  // the size of what follows
  if (!skip_public(reader, algorithm)) return;
  const Bytes half = body.substr(0, body.size() - reader.rest().size());
  if (version == 4) {
    add_fact(result, "public_key", upper_hex(view(sha1("\x99" + big_endian(half.size(), 2) + std::string(half)))));
  } else {
    add_fact(result, "public_key", upper_hex(view(sha256("\x9B" + big_endian(half.size(), 4) + std::string(half)))));
  }
  add_fact(result, "created", iso_date(static_cast<double>(created)));
  const std::uint64_t usage = reader.number(1);
  if (!reader.failed() && usage != 0) mark_encrypted(result);
}

constexpr std::uint8_t kSecretKey = 5;
constexpr std::uint8_t kUser = 13;

// --- PuTTY

// Sizes up to a block of the hash, which all keys here are.
std::string hmac_sha1(Bytes key, Bytes message) {
  std::string inner(64, '\x36');
  std::string outer(64, '\x5C');
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  const Sha1Digest once = sha1(inner + std::string(message));
  return std::string(view(sha1(outer + std::string(view(once)))));
}

}  // namespace

void mark_encrypted(CheckResult& result) {
  result.facts.emplace(result.facts.begin(), "encrypted", "yes");
  result.severity = core::Severity::medium;
}

void read_openssh_key(Bytes bytes, CheckResult& result) {
  constexpr std::string_view kMagic("openssh-key-v1\0", 15);
  if (!bytes.starts_with(kMagic)) return;
  Reader reader(bytes.substr(kMagic.size()));
  const Bytes cipher = reader.string();
  if (!cipher.empty() && cipher != "none") mark_encrypted(result);
  reader.string();  // how the passphrase is stretched, and with what
  reader.string();
  const std::uint64_t keys = reader.number(4);
  const Bytes blob = reader.string();
  if (reader.failed() || keys != 1) return;
  Reader public_half(blob);
  const Bytes type = public_half.string();
  if (public_half.failed() || type.empty()) return;
  add_fact(result, "key_type", type);
  add_ssh_public(blob, result);
  Reader private_half(reader.string());
  if (cipher != "none" || reader.failed()) return;
  const std::uint64_t first = private_half.number(4);
  const std::uint64_t second = private_half.number(4);
  if (first != second) result.outcome = CheckOutcome::failed;
  const std::optional<int> skipped = strings_before_comment(private_half.string());
  for (int i = 0; skipped && i < *skipped; ++i) private_half.string();
  if (skipped && result.outcome == CheckOutcome::passed) add_fact(result, "comment", private_half.string());
}

void read_der_key(std::string_view label, Bytes bytes, CheckResult& result) {
  if (label == "RSA PRIVATE KEY") return read_rsa(bytes, result);
  if (label == "EC PRIVATE KEY") return read_ec(bytes, {}, result);
  if (label == "PRIVATE KEY") return read_pkcs8(bytes, result);
}

void read_pgp_key(std::string_view base64, CheckResult& result) {
  constexpr std::size_t kLine = 5;  // "=" and the base64 of three bytes
  std::string_view line;
  if (base64.size() > kLine && base64[base64.size() - kLine] == '=' && base64.size() % 4 == 1) {
    line = base64.substr(base64.size() - kLine + 1);
    base64.remove_suffix(kLine);
  }
  const std::optional<std::string> bytes = decode_base64(base64);
  if (!bytes) return;
  if (!line.empty() && encode_base64(big_endian(crc24(*bytes), 3), false) != line) {
    result.outcome = CheckOutcome::failed;
  }
  Reader reader(*bytes);
  const std::optional<Packet> key = next_packet(reader);
  if (!key || key->tag != kSecretKey) return;
  read_secret_packet(key->body, result);
  const std::optional<Packet> user = next_packet(reader);
  if (user && user->tag == kUser) add_fact(result, "user", user->body);
}

std::string putty_mac(const PuttyKey& key) {
  const std::string message = ssh_string(key.algorithm) + ssh_string(key.encryption) + ssh_string(key.comment) +
                              ssh_string(key.public_blob) + ssh_string(key.private_blob);
  if (key.version == '2') return to_hex(hmac_sha1(view(sha1("putty-private-key-file-mac-key")), message));
  return to_hex(view(hmac_sha256({}, message)));
}

void read_putty_key(const PuttyKey& key, CheckResult& result) {
  add_fact(result, "key_type", key.algorithm);
  if (!key.public_blob.empty()) add_ssh_public(key.public_blob, result);
  add_fact(result, "comment", key.comment);
  if (key.encryption != "none") return mark_encrypted(result);
  const bool has_mac = (key.version == '2' || key.version == '3') && !key.mac.empty() && !key.public_blob.empty();
  if (has_mac && lower(key.mac) != putty_mac(key)) result.outcome = CheckOutcome::failed;
}

}  // namespace keytrail::ruleset
