#include "scanner/scan/imported.h"

#include <string>

#include "scanner/base/hash.h"
#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::scan;

namespace {

constexpr std::string_view kRules = R"(
[[rule]]
id = "key-token"
name = "Key"
provider = "Test"
pattern = 'key: (kk_[0-9a-z]{20})'
negative = ["kk_short"]
)";

std::vector<engine::TextPattern> patterns(const char* text) {
  std::vector<engine::TextPattern> list;
  auto compiled = engine::TextPattern::compile(text);
  REQUIRE(compiled);
  list.push_back(std::move(*compiled));
  return list;
}

std::string sha1_hex(std::string_view text) {
  const Sha1Digest digest = sha1(text);
  return to_hex(digest.data(), digest.size());
}

// A match of "kk_" and twenty letters in the middle of `line`.
struct Place {
  std::string text;
  core::Match match;

  Place() {
    const std::string secret = "kk_" + std::string("abcdefghij0123456789");
    text = "line one\n# owner: key: " + secret + " # note\nline three\n";
    match.secret = {text.find("kk_"), text.find("kk_") + secret.size()};
    match.span = {match.secret.begin - 5, match.secret.end};
  }
  std::string secret() const { return text.substr(match.secret.begin, match.secret.size()); }

  bool accepted(ImportedFiles files, const std::string& path, const std::string& commit = {}) const {
    const auto rules = ruleset::RuleSet::parse(kRules, "test.toml");
    REQUIRE(rules);
    Imported imported(std::move(files));
    core::Occurrence occurrence;
    occurrence.path = path;
    occurrence.position = {2, 1, 2, 9};
    if (!commit.empty()) {
      occurrence.home.emplace();
      occurrence.home->commit = *core::ObjectId::from_hex(commit);
    }
    return imported.find("key-token", {}, occurrence, imported.marks(match, *rules, text)).has_value();
  }
};

ImportedFiles with(ImportedAllow allow) {
  ImportedFiles files;
  files.allow.push_back(std::move(allow));
  return files;
}

ImportedFiles with(ImportedEntry entry) {
  ImportedFiles files;
  files.entries.push_back(std::move(entry));
  return files;
}

const std::string kCommit(40, 'a');

}  // namespace

TEST_CASE("a regex looks at its target") {
  struct Row {
    ImportedAllow::Target target;
    const char* regex;
    bool want;
  };
  using enum ImportedAllow::Target;
  const Row rows[] = {
      {secret, "ghij", true},  {secret, "^kk_", true}, {secret, "key:", false},         {match, "^key:", true},
      {match, "owner", false}, {line, "owner", true},  {line, "note$", true},           {line, "line one", false},
      {line, "three", false},  {secret, "x*", false},  {line, "^# owner.*note$", true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.regex << static_cast<int>(row.target)) {
      ImportedAllow allow;
      allow.target = row.target;
      allow.regexes = patterns(row.regex);
      CHECK(Place().accepted(with(std::move(allow)), "a.env") == row.want);
    }
  }
}

TEST_CASE("one condition is enough, unless all are needed") {
  for (const bool all : {false, true}) {
    const auto make = [all](const char* path, const char* word) {
      ImportedAllow allow;
      allow.needs_all = all;
      allow.paths = patterns(path);
      allow.stopwords = {word};
      allow.commits = {kCommit};
      return with(std::move(allow));
    };
    const Place place;
    CHECK(place.accepted(make("env$", "abcd"), "a.env", kCommit));
    CHECK(place.accepted(make("env$", "none"), "a.env", kCommit) == !all);
    CHECK(place.accepted(make("md$", "abcd"), "a.env", kCommit) == !all);
    CHECK(place.accepted(make("env$", "abcd"), "a.env") == !all);
    CHECK(!place.accepted(make("md$", "none"), "a.env", std::string(40, 'b')));
  }
}

TEST_CASE("an allowlist of other rules allows nothing") {
  ImportedAllow allow;
  allow.rules = {"other-token"};
  allow.paths = patterns("env");
  CHECK(!Place().accepted(with(std::move(allow)), "a.env"));
}

TEST_CASE("an accepted place is compared by all that it says") {
  const Place place;
  const auto entry = [&](const char* rule, std::uint64_t line, const std::string& commit, const std::string& value) {
    ImportedEntry made;
    if (*rule != '\0') made.rules = {rule};
    made.path = "a.env";
    made.line = line;
    made.commit = commit;
    made.value = value;
    return with(std::move(made));
  };
  CHECK(place.accepted(entry("", 2, "", ""), "a.env"));
  CHECK(!place.accepted(entry("", 3, "", ""), "a.env"));
  CHECK(!place.accepted(entry("", 2, "", ""), "b.env"));
  CHECK(place.accepted(entry("key-token", 2, "", ""), "a.env"));
  CHECK(!place.accepted(entry("other-token", 2, "", ""), "a.env"));
  CHECK(place.accepted(entry("", 2, kCommit, ""), "a.env", kCommit));
  CHECK(!place.accepted(entry("", 2, kCommit, ""), "a.env"));
  CHECK(place.accepted(entry("", 0, "", sha1_hex(place.secret())), "a.env"));
  CHECK(!place.accepted(entry("", 0, "", sha1_hex("other")), "a.env"));
}

TEST_CASE("a private key is known by its header to who hashes that") {
  const std::string header = std::string("BEGIN RSA PRIVATE") + " KEY";
  const std::string text = "-----" + header + "-----\nbody\n";
  const auto rules = ruleset::RuleSet::parse(
      "[[rule]]\nid = \"key-block\"\nname = \"K\"\nprovider = \"T\"\nkind = \"block\"\nblock = \"pem\"\n"
      "pattern = '-----BEGIN RSA PRIVATE KEY-----'\nnegative = [\"none\"]\n",
      "t");
  REQUIRE(rules);
  core::Match match;
  match.span = match.secret = {0, text.size()};
  ImportedEntry entry;
  entry.path = "k";
  entry.value = sha1_hex(header);
  const Imported imported(with(std::move(entry)));
  CHECK(imported.marks(match, *rules, text).size() == 1);
}

TEST_CASE("the digest follows what is looked for in text, and nothing else") {
  const auto digest = [](const char* regex, const char* path) {
    ImportedAllow allow;
    allow.regexes = patterns(regex);
    allow.paths = patterns(path);
    return Imported(with(std::move(allow))).digest();
  };
  CHECK(digest("a", "b") == digest("a", "c"));
  CHECK(digest("a", "b") != digest("b", "b"));
  CHECK(Imported(ImportedFiles()).digest().empty());
}
