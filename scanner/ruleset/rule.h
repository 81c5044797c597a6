// A rule: what one kind of credential looks like. Plain data, immutable once its RuleSet is built; the fields of the
// TOML files and what follows from them (docs/rules.md explains each to people who write rules).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/match.h"

namespace keytrail::ruleset {

// How a rule knows its credential, from the surest to the least sure. When two rules want the same bytes the surer one
// has them. It also decides which filters a match must pass (engine/filters.h).
enum class RuleKind : std::uint8_t {
  block,     // a text block with a header of its own: PEM, PPK
  token,     // the shape alone is enough: a prefix, a fixed infix, a structure
  context,   // the shape counts only near one of the context words
  password,  // a free password in a place made for one: URL, connection string, header
  generic,   // the value of an assignment whose name says secret
};

// Validators that need no network (checks.h). The order is not stored anywhere.
enum class CheckId : std::uint8_t {
  none,
  github_crc32,  // GitHub's classic tokens: CRC-32 of the body in base 62
  npm_crc32,     // the same for npm
  aws_key_id,    // the account id that a key id encodes
  jwt,           // header and payload are JSON
  pem,           // a PEM block's body
  ppk,           // a PuTTY key file's body
  luhn,
  gitlab_routable,  // routable GitLab tokens: CRC-32 in base 36
  grafana_crc32,    // Grafana service accounts: CRC-32 in hexadecimal, little-endian
  base64_json,      // the secret is base64 of a JSON object
  slack_parts,      // numeric parts of Slack tokens
  url_password,     // a URL's or connection string's password: no reference, no sample pair
  basic_auth,       // base64 of user:password
  issuer_checksum,  // a checksum that the token's prefix tells the form of (checks_issuer.cc)
  azure_marvin,     // the hash within keys of Microsoft
  issuer_parts,     // what can be read off the token: its owner, its dates
  data_center,      // tokens of Jira, Confluence and Bitbucket on own servers
  bip39,            // words of a recovery phrase and their checksum
  structure,        // bytes and bits that every value of the kind has (checks_structure.cc)
};
inline constexpr CheckId kLastCheck = CheckId::structure;

enum class AnchorPlace : std::uint8_t {
  pattern,  // inside every match of the pattern
  context,  // a context word near it
};

// A literal, with where it stands in what contains it.
struct AnchorLiteral {
  std::string text;
  bool caseless = false;
  std::uint32_t min_before = 0;
  std::uint32_t max_before = 0;
};

// What sort of thing a rule finds, for reports and for people who sort findings.
enum class Category : std::uint8_t {
  provider_token,     // a token, key or secret of a named service
  private_key,        // PEM, PPK, JWK, wallets: the secret half of a key pair
  connection_string,  // a password inside of a URL or connection string
  password,           // of a user or a database, in a file or on a command line
  header,             // an authorisation header
  generic,            // an assignment whose name says secret
};

// What the first stage looks for.
struct Anchor {
  std::string text;  // a literal; or a pattern of Hyperscan's and RE2's syntax when `is_pattern`
  bool caseless = false;
  bool is_pattern = false;
  AnchorPlace place = AnchorPlace::pattern;
  std::uint32_t min_width = 0;  // bytes that it can match
  std::uint32_t max_width = 0;
  // For `pattern` anchors: how many bytes of the match can stand before the anchor's first byte.
  std::uint32_t min_before = 0;
  std::uint32_t max_before = 0;
  // Of a pattern: literals of which one stands in each of its matches. They are looked for in its place, and it is
  // tried where one is found. Empty: it has none, or only such as stand everywhere, and is looked for itself.
  std::vector<AnchorLiteral> literals;
};

struct Companion {
  std::string rule;             // id of the rule that must match nearby
  std::uint32_t within = 1024;  // bytes between the two
  bool required = true;         // false: its presence only raises the confidence
};

// The bytes that must not stand directly before or behind a match, 256 bits each.
using ByteSet = std::array<std::uint64_t, 4>;

struct Rule {
  // As written.
  std::string id;  // "provider-kind", stable for ever
  // Earlier ids, the oldest first. They stay good wherever an id is given, and no other rule may take one.
  std::vector<std::string> aliases;
  std::string name;      // "GitHub personal access token"
  std::string provider;  // "GitHub"
  std::string description;
  std::string rotate;  // where or how to rotate: a URL or one sentence
  Category category = Category::provider_token;
  RuleKind kind = RuleKind::token;
  core::Severity severity = core::Severity::high;
  core::Confidence confidence = core::Confidence::high;
  std::string pattern;             // RE2 syntax, Latin-1, bounded
  std::uint32_t secret_group = 0;  // capture group that holds the secret
  std::vector<Anchor> anchors;
  std::vector<std::string> context;     // lower case; one of them must stand near a match
  std::uint32_t context_distance = 40;  // bytes between word and match, before or behind
  double min_entropy = 0;               // bits per character of the secret
  CheckId check = CheckId::none;
  bool check_decides = false;  // a failed check drops the match; otherwise it lowers the confidence
  std::vector<Companion> companions;
  std::vector<std::string> include_paths;  // globs; empty = every path
  std::vector<std::string> exclude_paths;
  std::vector<std::string> allow;  // patterns (RE2): a secret that one of them matches wholly is none
  std::vector<std::string> negative_examples;
  std::string source;  // "rules/github.toml:12": where it was read

  // Derived.
  std::uint32_t min_width = 0;  // of a match, bytes
  std::uint32_t max_width = 0;
  std::uint32_t public_prefix = 0;  // bytes that every secret of the rule begins with, shown in the masked form
  ByteSet border_before{};
  ByteSet border_behind{};
  std::uint32_t block_bytes = 0;  // how far behind the pattern a block, or a run, may reach
  // The bytes by which a match goes on behind its pattern; empty: it ends there. A long value is told as the first
  // bytes of it and a run: a pattern with a count of thousands costs RE2 as many states.
  ByteSet run{};
  bool has_run = false;

  // The id that fingerprints are made with: the first that the rule ever had, so that a renamed rule's findings stay
  // those of the baseline.
  const std::string& first_id() const { return aliases.empty() ? id : aliases.front(); }

  // How far from an anchor's first byte the rule may look, either way: the largest over the anchors of
  //   pattern anchors: max_before + max_width, and the anchor's own width when it is a pattern (it may begin before the
  //     match), and where there are context words context_distance + the longest of them;
  //   context anchors: context_distance + the longest word or anchor + max_width;
  // and to that the block's bytes, the farthest companion's `within`, and kLineContext.
  std::uint32_t window() const;
};

// The bytes around a match that filters read of its line, its borders among them. Not less than what
// engine/filters.h reads: a window that is too short would give a moved match another outcome.
inline constexpr std::uint32_t kLineContext = 128;

// A rule with a larger window is refused.
inline constexpr std::uint32_t kMaxWindow = 128U << 10U;

// How far behind its header a block may reach, and the farthest that a run may (Rule::block_bytes).
inline constexpr std::uint32_t kBlockBytes = 16U << 10U;
// How far a run reaches when the rule does not say.
inline constexpr std::uint32_t kRunBytes = 4U << 10U;

std::string_view to_string(RuleKind kind);
std::string_view to_string(CheckId check);
std::string_view to_string(Category category);

}  // namespace keytrail::ruleset
