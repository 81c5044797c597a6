// What the bytes of a private key tell of it: its public half, its type, who it belongs to, whether a passphrase
// protects it, and whether a check within it holds. Read by hand: hostile bytes, of which the most is left unread.
// Pure.
//
// Facts: `key_type` (as OpenSSH names it), `bits`, `public_key` (what `ssh-keygen -l` or `gpg --fingerprint` prints),
// `comment`, `user`, `created`. A passphrase is the fact `encrypted` and the severity medium. A check that fails (equal
// numbers of OpenSSH, CRC-24 of PGP's armour, PuTTY's MAC) makes the outcome `failed`; what cannot be read changes
// nothing: keys are pasted with damage.
#pragma once

#include <string>
#include <string_view>

#include "scanner/ruleset/checks.h"

namespace keytrail::ruleset {

void mark_encrypted(CheckResult& result);

// The binary form within a block of the PEM label "OPENSSH PRIVATE KEY": OpenSSH's PROTOCOL.key.
void read_openssh_key(std::string_view bytes, CheckResult& result);

// PKCS #1 (RSA), SEC 1 (EC) and PKCS #8 around them.
void read_der_key(std::string_view label, std::string_view bytes, CheckResult& result);

// The body of a block "PGP PRIVATE KEY BLOCK" as it is written, with its line of CRC-24 where there is one: RFC 4880
// and RFC 9580.
void read_pgp_key(std::string_view base64, CheckResult& result);

// A PuTTY key file's parts, decoded; `mac` as written. Versions 2 and 3: PuTTY's manual, appendix C.
struct PuttyKey {
  char version = '3';
  std::string_view algorithm;
  std::string_view encryption;
  std::string_view comment;
  std::string_view public_blob;
  std::string_view private_blob;
  std::string_view mac;
};
void read_putty_key(const PuttyKey& key, CheckResult& result);
std::string putty_mac(const PuttyKey& key);  // of a key without a passphrase

}  // namespace keytrail::ruleset
