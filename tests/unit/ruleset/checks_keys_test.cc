#include <string>

#include "scanner/base/hash.h"
#include "scanner/ruleset/checks.h"
#include "tests/support/catch.h"
#include "tests/support/encode.h"

namespace keytrail::ruleset {
namespace {

using tests::base64;

// Keys are put together here byte by byte; their fingerprints and MACs are computed from those bytes. That both are
// what ssh-keygen, puttygen and gpg say is tested by tests/cli/checks_test.py.
using Facts = std::vector<core::Fact>;

std::string number(std::size_t value, int size) {
  std::string bytes;
  for (int i = size; i-- > 0;) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
  return bytes;
}

std::string ssh(const std::string& bytes) { return number(bytes.size(), 4) + bytes; }

std::string lines(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 64) out += text.substr(i, 64) + "\n";
  return out;
}

std::string bytes_of(std::size_t size, unsigned seed) {
  std::string bytes;
  while (bytes.size() < size) {
    const Sha256Digest digest = sha256(std::to_string(seed++));
    bytes.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  }
  return bytes.substr(0, size);
}

std::string header(const std::string& label) { return "-----BEGIN " + label + "-----\n"; }
std::string footer(const std::string& label) { return "-----END " + label + "-----\n"; }

CheckResult pem(const std::string& label, const std::string& bytes) {
  const std::string block = header(label) + lines(base64(bytes)) + footer(label);
  return run_check(CheckId::pem, block, block);
}

std::string fingerprint(const std::string& blob) {
  const Sha256Digest digest = sha256(blob);
  std::string text = base64(std::string(reinterpret_cast<const char*>(digest.data()), digest.size()));
  return "SHA256:" + text.substr(0, text.size() - 1);
}

const std::string kOpenSsh = "OPENSSH PRIVATE KEY";
const std::string kPublic = ssh("ssh-ed25519") + ssh(bytes_of(32, 1));

std::string openssh(const std::string& first, const std::string& second, const std::string& cipher = "none") {
  const std::string secret =
      first + second + ssh("ssh-ed25519") + ssh(bytes_of(32, 1)) + ssh(bytes_of(64, 9)) + ssh("me@host") + "\1\2\3";
  return std::string("openssh-key-v1\0", 15) + ssh(cipher) + ssh("none") + ssh("") + number(1, 4) + ssh(kPublic) +
         ssh(secret);
}

struct Putty {
  std::string version = "3";
  std::string encryption = "none";
  std::string comment = "me";
  std::string mac = {};
  std::string line_end = "\n";

  std::string text() const {
    const std::string secret = bytes_of(48, 5);
    std::string right = mac;
    if (right.empty()) {
      const std::string message = ssh("ssh-ed25519") + ssh(encryption) + ssh(comment) + ssh(kPublic) + ssh(secret);
      right = to_hex(hmac_sha256({}, message).data(), 32);
    }
    const std::string open = base64(kPublic);
    return std::string("PuTTY-User-Key-").append("File-") + version + ": ssh-ed25519" + line_end +
           "Encryption: " + encryption + line_end + "Comment: " + comment + line_end + "Public-Lines: 2" + line_end +
           open.substr(0, 64) + line_end + open.substr(64) + line_end + "Private-Lines: 1" + line_end + base64(secret) +
           line_end + "Private-MAC: " + right + line_end;
  }
};

CheckResult putty(const Putty& key) { return run_check(CheckId::ppk, key.text(), key.text()); }

}  // namespace

TEST_CASE("an OpenSSH key tells its public half, and its two numbers are equal") {
  const CheckResult good = pem(kOpenSsh, openssh("abcd", "abcd"));
  CHECK(good.outcome == CheckOutcome::passed);
  CHECK(good.facts == Facts{{"key_type", "ssh-ed25519"}, {"public_key", fingerprint(kPublic)}, {"comment", "me@host"}});
  CHECK(pem(kOpenSsh, openssh("abcd", "abce")).outcome == CheckOutcome::failed);
  const CheckResult locked = pem(kOpenSsh, openssh("abcd", "abce", "aes256-ctr"));
  CHECK(locked.outcome == CheckOutcome::passed);
  CHECK(locked.severity == core::Severity::medium);
  CHECK(locked.facts == Facts{{"encrypted", "yes"}, {"key_type", "ssh-ed25519"}, {"public_key", fingerprint(kPublic)}});
}

TEST_CASE("a key that is cut anywhere is still one") {
  const std::string whole = openssh("abcd", "abcd");
  for (std::size_t size = 30; size < whole.size(); ++size) {
    CHECK(pem(kOpenSsh, whole.substr(0, size)).outcome != CheckOutcome::not_secret);
  }
}

TEST_CASE("an RSA key tells its public half, in PKCS #1 and in PKCS #8") {
  const std::string modulus = std::string(1, '\0') + "\x91" + bytes_of(127, 3);
  const auto integer = [](const std::string& value) {
    return "\x02" + (value.size() < 128 ? "" : std::string("\x81")) + number(value.size(), 1) + value;
  };
  const auto sequence = [](const std::string& content) { return "\x30\x82" + number(content.size(), 2) + content; };
  const std::string key =
      sequence(integer(std::string(1, '\0')) + integer(modulus) + integer("\1" + std::string(1, '\0') + "\1"));
  const std::string blob = ssh("ssh-rsa") + ssh("\1" + std::string(1, '\0') + "\1") + ssh(modulus);
  const Facts facts = {{"key_type", "ssh-rsa"}, {"bits", "1024"}, {"public_key", fingerprint(blob)}};
  CHECK(pem("RSA PRIVATE KEY", key).facts == facts);
  const std::string name = "\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05" + std::string(1, '\0');
  const std::string wrapped = sequence(integer(std::string(1, '\0')) + name + "\x04\x82" + number(key.size(), 2) + key);
  CHECK(pem("PRIVATE KEY", wrapped).facts == facts);
  CHECK(pem("PRIVATE KEY", key).facts.empty());
  for (std::size_t size = 30; size < 120; ++size) CHECK(pem("RSA PRIVATE KEY", key.substr(0, size)).facts.empty());
}

TEST_CASE("a PuTTY file holds a key or nothing") {
  const Facts facts = {{"key_type", "ssh-ed25519"}, {"public_key", fingerprint(kPublic)}, {"comment", "me"}};
  CHECK(putty({}).outcome == CheckOutcome::passed);
  CHECK(putty({}).facts == facts);
  CHECK(putty({.line_end = "\\n"}).outcome == CheckOutcome::passed);
  CHECK(putty({.line_end = "\r\n"}).outcome == CheckOutcome::passed);
  CHECK(putty({.comment = "c:\\new folder"}).outcome == CheckOutcome::passed);
  CHECK(putty({.mac = std::string(64, '0')}).outcome == CheckOutcome::failed);
  CHECK(putty({.version = "2"}).outcome == CheckOutcome::failed);  // its MAC is another one
  CHECK(putty({.version = "1"}).outcome == CheckOutcome::passed);  // it has none
  const CheckResult locked = putty({.encryption = "aes256-cbc", .mac = std::string(64, '0')});
  CHECK(locked.outcome == CheckOutcome::passed);
  CHECK(locked.facts.front() == core::Fact{"encrypted", "yes"});
  const std::string text = Putty{}.text();
  for (const char* name : {"Private-Lines:", "PuTTY-User"}) {
    const std::string cut = text.substr(0, text.find(name));
    CHECK(run_check(CheckId::ppk, cut, cut).outcome != CheckOutcome::passed);
  }
  const std::string no_body = text.substr(0, text.find("Private-Lines:") + 16);
  CHECK(run_check(CheckId::ppk, no_body, no_body).outcome == CheckOutcome::not_secret);
}

TEST_CASE("a PGP block tells its key and holds its CRC-24") {
  const std::string label = "PGP PRIVATE KEY BLOCK";
  const std::string half = "\4" + number(1700000000, 4) + "\x1B" + bytes_of(32, 7);
  const auto block = [&](const std::string& usage, const std::string& line) {
    const std::string packet = half + usage + bytes_of(34, 11);
    const std::string user = "Test <t@example.org>";
    const std::string bytes = "\xC5" + number(packet.size(), 1) + packet + "\xCD" + number(user.size(), 1) + user;
    return header(label) + "Version: 1\n\n" + lines(base64(bytes)) + line + footer(label);
  };
  const Sha1Digest digest = sha1("\x99" + number(half.size(), 2) + half);
  std::string print = to_hex(digest.data(), digest.size());
  for (char& c : print) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  const Facts facts = {{"public_key", print}, {"created", "2023-11-14T22:13:20Z"}, {"user", "Test <t@example.org>"}};
  const std::string open(1, '\0');
  const auto check = [](const std::string& text) { return run_check(CheckId::pem, text, text); };
  CHECK(check(block(open, "")).facts == facts);
  CHECK(check(block(open, "")).outcome == CheckOutcome::passed);
  CHECK(check(block(open, "=AAAA\n")).outcome == CheckOutcome::failed);
  CHECK(check(block("\xFE", "")).facts.front() == core::Fact{"encrypted", "yes"});
}

}  // namespace keytrail::ruleset
