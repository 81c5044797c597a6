#include "scanner/ruleset/ruleset.h"

#include <algorithm>
#include <string>
#include <vector>

#include "scanner/ruleset/rules_image.h"
#include "tests/support/catch.h"

namespace keytrail::ruleset {
namespace {

// A rule that passes, as TOML; `more` are further lines.
std::string rule_toml(std::string_view id, std::string_view more = {}) {
  return "[[rule]]\nid = \"" + std::string(id) + "\"\nname = \"Acme token\"\nprovider = \"Acme\"\n" +
         "pattern = 'acme_([0-9a-f]{32})'\nnegative = ['acme_']\n" + std::string(more) + "\n";
}

// The same with another pattern and kind.
std::string shaped(std::string_view kind, std::string_view pattern, std::string_view more = {}) {
  return "[[rule]]\nid = \"acme-token\"\nname = \"Acme token\"\nprovider = \"Acme\"\nkind = \"" + std::string(kind) +
         "\"\npattern = '" + std::string(pattern) + "'\nnegative = ['acme_']\n" + std::string(more) + "\n";
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

RuleSet parsed(const std::string& toml) {
  Result<RuleSet> set = RuleSet::parse(toml, "rules/acme.toml");
  INFO((set ? std::string() : set.error().describe()));
  REQUIRE(set.has_value());
  return std::move(set).value();
}

Rule only_rule(const std::string& toml) {
  const RuleSet set = parsed(toml);
  REQUIRE(set.rules().size() == 1);
  return set.rules().front();
}

std::vector<std::string> ids(const RuleSet& set) {
  std::vector<std::string> names;
  for (const Rule& rule : set.rules()) names.push_back(rule.id);
  return names;
}

using Ids = std::vector<std::string>;

TEST_CASE("a bad rule file is refused with its line and what is wrong") {
  struct Row {
    const char* name;
    std::string toml;
    const char* subject;
    const char* message;  // a part of it
  };
  const std::vector<Row> rows = {
      {"no TOML", "[[rule]]\nid = \n", "a.toml:2", "not TOML"},
      {"a key twice", "[[rule]]\nid = 'a-b'\nid = 'a-c'\n", "a.toml:3", "not TOML"},
      {"unknown table", "[[rules]]\nid = 'a-b'\n", "a.toml:1", "did you mean `rule`"},
      {"rule is no array", "rule = 3\n", "a.toml:1", "`rule` must be an array of tables"},
      {"unknown key", rule_toml("acme-token", "severty = 'high'"), "a.toml:7", "did you mean `severity`"},
      {"unknown key, far off", rule_toml("acme-token", "entropie = 3"), "a.toml:7", "did you mean `entropy`"},
      {"no id", "\n[[rule]]\nname = 'x'\n", "a.toml:2", "`id` is missing"},
      {"no name", "[[rule]]\nid = 'a-b'\nprovider = 'A'\n", "a.toml:1", "`name` is missing"},
      {"no provider", "[[rule]]\nid = 'a-b'\nname = 'A'\n", "a.toml:1", "`provider` is missing"},
      {"no pattern", "[[rule]]\nid = 'a-b'\nname = 'A'\nprovider = 'A'\n", "a.toml:1", "`pattern` is missing"},
      {"id of one word", rule_toml("acme"), "a.toml:2", "is no rule id"},
      {"id in capitals", rule_toml("Acme-token"), "a.toml:2", "is no rule id"},
      {"id with two hyphens", rule_toml("acme--token"), "a.toml:2", "is no rule id"},
      {"id that ends in a hyphen", rule_toml("acme-"), "a.toml:2", "is no rule id"},
      {"id that begins with a hyphen", rule_toml("-acme"), "a.toml:2", "is no rule id"},
      {"a number as text", rule_toml("acme-token", "description = 3"), "a.toml:7", "`description` must be a text"},
      {"severity", rule_toml("acme-token", "severity = 'hihg'"), "a.toml:7", "one of info, low"},
      {"confidence", rule_toml("acme-token", "confidence = 'sure'"), "a.toml:7", "one of low, medium, high"},
      {"kind", rule_toml("acme-token", "kind = 'thing'"), "a.toml:7", "one of block, token"},
      {"check", rule_toml("acme-token", "check = 'crc'"), "a.toml:7", "one of none, github-crc32"},
      {"check_decides without a check", rule_toml("acme-token", "check_decides = true"), "a.toml:7", "no check"},
      {"check_decides as text", rule_toml("acme-token", "check_decides = 'yes'"), "a.toml:7", "true or false"},
      {"border", rule_toml("acme-token", "border = 'both'"), "a.toml:7", "auto or none"},
      {"entropy over eight", rule_toml("acme-token", "entropy = 8.5"), "a.toml:7", "a number of 0 to 8"},
      {"negative entropy", rule_toml("acme-token", "entropy = -1"), "a.toml:7", "a number of 0 to 8"},
      {"entropy that is no number", rule_toml("acme-token", "entropy = nan"), "a.toml:7", "a number of 0 to 8"},
      {"group that is not there", rule_toml("acme-token", "secret_group = 2"), "a.toml:7", "has 1 group"},
      {"negative group", rule_toml("acme-token", "secret_group = -1"), "a.toml:7", "whole number"},
      {"distance", rule_toml("acme-token", "context_distance = 0"), "a.toml:7", "whole number of 1 to 4096"},
      {"no array", rule_toml("acme-token", "paths = '*.c'"), "a.toml:7", "an array of texts"},
      {"element that is no text", rule_toml("acme-token", "paths = [\n'*.c',\n3]"), "a.toml:9", "an array of texts"},
      {"empty element", rule_toml("acme-token", "context = ['']"), "a.toml:7", "an array of texts"},
      {"companion without a rule", rule_toml("acme-token", "companions = [{within = 9}]"), "a.toml:7", "`rule` is"},
      {"companion's key", rule_toml("acme-token", "companions = [{rule = 'a-b', withn = 9}]"), "a.toml:7", "`within`"},
      {"bad allow", rule_toml("acme-token", "allow = ['x*']"), "a.toml:7", "bad allow pattern"},
      {"bad pattern", shaped("token", "acme_(["), "a.toml:6", "bad pattern"},
      {"unbounded", shaped("token", "acme_[0-9a-f]+"), "a.toml:6", "bad pattern"},
      {"empty match", shaped("token", "(?:acme_[0-9]{4})?"), "a.toml:6", "empty text"},
      {"no literal", shaped("token", "[0-9a-f]{32}"), "a.toml:6", "give `anchors` or `anchor_patterns`"},
      {"anchor that a match can lack", shaped("token", "acme_[0-9]{9}", "anchors = ['other_']"), "a.toml:8",
       "can lack"},
      {"anchor of one byte", shaped("token", "acme_[0-9]{9}", "anchors = ['_']"), "a.toml:8", "too short"},
      {"unbounded anchor pattern", shaped("generic", "key=[0-9]{9}", "anchor_patterns = ['k.*']"), "a.toml:8",
       "anchor"},
      {"context without words", shaped("context", "[0-9a-f]{32}"), "a.toml:1", "needs context words"},
      {"context anchor of no word", shaped("context", "[0-9a-f]{32}", "context = ['acme', 'zeta']\nanchors = ['acme']"),
       "a.toml:9", "every context word"},
      {"short context word", shaped("context", "[0-9a-f]{32}", "context = ['ab']"), "a.toml:8", "too short"},
      {"block of no block", shaped("token", "acme_[0-9]{9}", "block = 'pem'"), "a.toml:8", "only rules of the kind"},
      {"kind block without block", shaped("block", "acme_[0-9]{9}"), "a.toml:1", "block = \"pem\""},
      {"block of another check", shaped("block", "acme_[0-9]{9}", "check = 'jwt'\nblock = 'pem'"), "a.toml:8", "check"},
      {"window over the limit",
       shaped("token", repeated("[0-9a-f]{1000}", 60) + "acme_", "companions = [{rule = 'b-c', within = 65536}]"),
       "a.toml:6", "over the limit"},
      {"no negative", "[[rule]]\nid = 'a-b'\nname = 'A'\nprovider = 'A'\npattern = 'acme_[0-9]{9}'\n", "a.toml:1",
       "must not match"},
      {"second rule", rule_toml("acme-token") + "[[rule]]\nid = 'acme'\n", "a.toml:8", "is missing"},
      {"the same id twice", rule_toml("acme-token") + rule_toml("acme-token"), "a.toml:8",
       "stands already at a.toml:1"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const Result<RuleSet> set = RuleSet::parse(row.toml, "a.toml");
      REQUIRE(!set.has_value());
      INFO(set.error().describe());
      CHECK(set.error().code == ErrorCode::invalid_argument);
      CHECK(set.error().subject == row.subject);
      CHECK(set.error().message.find(row.message) != std::string::npos);
    }
  }
}

TEST_CASE("a rule has what its table says") {
  const Rule rule = only_rule("# a comment\n" +
                              rule_toml("acme-token",
                                        "description = 'd'\nrotate = 'r'\nkind = 'token'\nseverity = 'critical'\n"
                                        "confidence = 'low'\ncontext = ['Acme', 'ZETA key']\ncontext_distance = 7\n"
                                        "entropy = 3\ncheck = 'luhn'\ncheck_decides = true\n"
                                        "companions = [{rule = 'b-c', within = 5, required = false}, {rule = 'd-e'}]\n"
                                        "paths = ['*.c']\nexclude_paths = ['*.h']\nallow = ['a{3}']\n"));
  CHECK(rule.id == "acme-token");
  CHECK(rule.name == "Acme token");
  CHECK(rule.provider == "Acme");
  CHECK(rule.description == "d");
  CHECK(rule.rotate == "r");
  CHECK(rule.kind == RuleKind::token);
  CHECK(rule.severity == core::Severity::critical);
  CHECK(rule.confidence == core::Confidence::low);
  CHECK(rule.context == Ids{"acme", "zeta key"});
  CHECK(rule.context_distance == 7);
  CHECK(rule.min_entropy == 3.0);
  CHECK(rule.check == CheckId::luhn);
  CHECK(rule.check_decides);
  REQUIRE(rule.companions.size() == 2);
  CHECK(rule.companions[0].rule == "b-c");
  CHECK(rule.companions[0].within == 5);
  CHECK(!rule.companions[0].required);
  CHECK(rule.companions[1].within == 1024);
  CHECK(rule.companions[1].required);
  CHECK(rule.include_paths == Ids{"*.c"});
  CHECK(rule.exclude_paths == Ids{"*.h"});
  CHECK(rule.allow == Ids{"a{3}"});
  CHECK(rule.negative_examples == Ids{"acme_"});
  CHECK(rule.source == "rules/acme.toml:2");
}

TEST_CASE("widths, group, prefix, borders and anchors follow from the pattern") {
  const Rule rule = only_rule(rule_toml("acme-token"));
  CHECK(rule.min_width == 37);
  CHECK(rule.max_width == 37);
  CHECK(rule.secret_group == 1);
  CHECK(rule.public_prefix == 0);  // the group begins behind "acme_"
  CHECK(rule.block_bytes == 0);
  CHECK(rule.border_behind != ByteSet{});
  REQUIRE(rule.anchors.size() == 1);
  CHECK(rule.anchors[0].text == "acme_");
  CHECK(rule.anchors[0].place == AnchorPlace::pattern);
  CHECK(rule.anchors[0].min_width == 5);
  CHECK(rule.anchors[0].max_before == 0);
  CHECK(rule.window() == 37 + kLineContext);

  CHECK(only_rule(rule_toml("acme-token", "secret_group = 0")).public_prefix == 5);
  CHECK(only_rule(rule_toml("acme-token", "secret_group = 0\nkind = 'password'")).public_prefix == 0);
  CHECK(only_rule(shaped("token", "acme_[0-9]{4,9}")).secret_group == 0);
  CHECK(only_rule(rule_toml("acme-token", "border = 'none'")).border_behind == ByteSet{});
}

TEST_CASE("a rule that names its anchors has them with their places") {
  const Rule rule = only_rule(shaped("token", "[a-z]{2,4}(?:one|two)_[0-9]{9}", "anchors = ['one_', 'two_']"));
  REQUIRE(rule.anchors.size() == 2);
  CHECK(rule.anchors[0].min_before == 2);
  CHECK(rule.anchors[0].max_before == 4);
  CHECK(rule.window() == 4 + 17 + kLineContext);
}

TEST_CASE("a context rule anchors on its words") {
  const Rule rule = only_rule(shaped("context", "[0-9a-f]{32}", "context = ['Acme', 'zeta key']"));
  REQUIRE(rule.anchors.size() == 2);
  CHECK(rule.anchors[0].text == "acme");
  CHECK(rule.anchors[0].caseless);
  CHECK(rule.anchors[0].place == AnchorPlace::context);
  CHECK(rule.window() == 40 + 8 + 32 + kLineContext);

  const Rule shorter =
      only_rule(shaped("context", "[0-9a-f]{32}", "context = ['acme key', 'my acme']\nanchors = ['Acme']"));
  REQUIRE(shorter.anchors.size() == 1);
  CHECK(shorter.anchors[0].text == "acme");
  CHECK(shorter.anchors[0].place == AnchorPlace::context);

  const Rule inner = only_rule(shaped("context", "ab_[0-9a-f]{32}", "context = ['acme']\nanchors = ['ab_']"));
  REQUIRE(inner.anchors.size() == 1);
  CHECK(inner.anchors[0].place == AnchorPlace::pattern);
  CHECK(inner.window() == 35 + 40 + 4 + kLineContext);
}

TEST_CASE("an anchor pattern has its width and no place") {
  const Rule rule =
      only_rule(shaped("generic", "(?:key|token)=([0-9a-f]{8,16})", "anchor_patterns = ['key=[0-9a-f]{1,2}']"));
  REQUIRE(rule.anchors.size() == 1);
  CHECK(rule.anchors[0].is_pattern);
  CHECK(rule.anchors[0].min_width == 5);
  CHECK(rule.anchors[0].max_width == 6);
  CHECK(rule.anchors[0].max_before == 22);
  CHECK(rule.window() == 22 + 22 + 6 + kLineContext);
}

TEST_CASE("a block rule has its check and its reach") {
  const Rule rule = only_rule(shaped("block", "-----BEGIN (?:RSA )?PRIVATE KEY-----", "block = 'pem'"));
  CHECK(rule.check == CheckId::pem);
  CHECK(rule.block_bytes == 16384);
  CHECK(rule.public_prefix == 11);
  CHECK(rule.window() > 16384 + rule.max_width);
}

TEST_CASE("a companion's distance is in the window") {
  const std::string more = "companions = [{rule = 'b-c', within = 300}, {rule = 'd-e', within = 200}]";
  CHECK(only_rule(rule_toml("acme-token", more)).window() == 37 + 300 + kLineContext);
}

TEST_CASE("the digest follows what rules say, not where they stand") {
  const std::string a = rule_toml("acme-token");
  const std::string z = rule_toml("zeta-token");
  const std::string digest = parsed(a + z).digest();
  CHECK(digest.size() == 32);
  CHECK(digest.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(parsed(z + a).digest() == digest);
  CHECK(parsed("\n\n# other lines\n" + a + z).digest() == digest);
  CHECK(parsed(a).digest() != digest);
  CHECK(parsed(rule_toml("acme-token", "entropy = 1") + z).digest() != digest);
  CHECK(parsed(rule_toml("acme-token", "border = 'none'") + z).digest() != digest);
}

TEST_CASE("merging adds rules and replaces those of the same id") {
  RuleSet set = parsed(rule_toml("acme-token") + rule_toml("zeta-token"));
  REQUIRE(set.merge(parsed(rule_toml("beta-token") + rule_toml("zeta-token", "entropy = 4"))).has_value());
  CHECK(ids(set) == Ids{"acme-token", "beta-token", "zeta-token"});
  CHECK(set.find("zeta-token")->min_entropy == 4.0);
  CHECK(set.index_of("beta-token") == core::RuleIndex{1});
  CHECK(!set.index_of("beta").has_value());
  CHECK(set.find("acme") == nullptr);
  CHECK(set.digest() ==
        parsed(rule_toml("beta-token") + rule_toml("acme-token") + rule_toml("zeta-token", "entropy = 4")).digest());
}

TEST_CASE("a companion must be there once the rules are merged") {
  const std::string more = "companions = [{rule = 'zeta-token'}]";
  RuleSet set = parsed(rule_toml("beta-token"));
  const Status status = set.merge(parsed(rule_toml("acme-token", more)));
  REQUIRE(!status.has_value());
  CHECK(status.error().subject == "rules/acme.toml:1");
  CHECK(status.error().message.find("`zeta-token`, which is not there") != std::string::npos);
  CHECK(ids(set) == Ids{"beta-token"});  // as it was
  REQUIRE(set.merge(parsed(rule_toml("zeta-token"))).has_value());
  CHECK(set.merge(parsed(rule_toml("acme-token", more))).has_value());
}

TEST_CASE("duplicate ids over several files are refused") {
  std::vector<Rule> rules = {only_rule(rule_toml("acme-token")), only_rule("\n" + rule_toml("acme-token"))};
  rules[0].source = "rules/a.toml:1";
  const Result<RuleSet> set = RuleSet::from_rules(rules);
  REQUIRE(!set.has_value());
  CHECK(set.error().subject == "rules/acme.toml:2");
  CHECK(set.error().message.find("rules/a.toml:1") != std::string::npos);
}

TEST_CASE("an alias names its rule") {
  const RuleSet set = parsed(rule_toml("acme-token", "aliases = ['acme-key', 'old-acme']") + rule_toml("beta-token"));
  REQUIRE(set.find("old-acme") != nullptr);
  CHECK(set.find("old-acme")->id == "acme-token");
  CHECK(set.index_of("acme-key") == set.index_of("acme-token"));
  CHECK(set.find("acme-old") == nullptr);
  CHECK(set.find("acme-token")->first_id() == "acme-key");
  CHECK(set.find("beta-token")->first_id() == "beta-token");

  RuleSet kept = set;
  REQUIRE(kept.select({"old-acme"}, {}).has_value());
  REQUIRE(kept.rules().size() == 1);
  CHECK(kept.find("acme-key")->id == "acme-token");

  const Result<RuleSet> read = RuleSet::deserialise(set.serialise());
  REQUIRE(read.has_value());
  CHECK(read->find("old-acme")->id == "acme-token");
}

TEST_CASE("a rule's own id before its aliases keeps its fingerprints") {
  const RuleSet set = parsed(rule_toml("acme-token", "aliases = ['acme-token', 'old-acme']") + rule_toml("beta-token"));
  REQUIRE(set.find("old-acme") != nullptr);
  CHECK(set.find("old-acme")->id == "acme-token");
  CHECK(set.find("old-acme")->first_id() == "acme-token");
}

TEST_CASE("an id and an alias are there once") {
  struct Row {
    const char* name;
    std::string toml;
    std::string message;
  };
  const std::string alias = "aliases = ['old-acme']";
  const Row rows[] = {
      {"alias and id", rule_toml("acme-token", alias) + rule_toml("old-acme"), "is the id of another rule"},
      {"two aliases", rule_toml("acme-token", alias) + rule_toml("beta-token", alias), "is an alias of another rule"},
      {"one twice", rule_toml("acme-token", "aliases = ['old-acme', 'old-acme']"), "is an alias of another rule"},
      {"no id", rule_toml("acme-token", "aliases = ['Acme']"), "is no rule id"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const Result<RuleSet> set = RuleSet::parse(row.toml, "rules/acme.toml");
      REQUIRE(!set.has_value());
      CHECK(set.error().message.find(row.message) != std::string::npos);
    }
  }
}

TEST_CASE("a rule of an earlier id takes the place of the renamed one") {
  RuleSet set = parsed(rule_toml("acme-token", "aliases = ['old-acme']"));
  REQUIRE(set.merge(parsed(rule_toml("old-acme", "severity = 'low'"))).has_value());
  REQUIRE(set.rules().size() == 1);
  CHECK(set.rules().front().severity == core::Severity::low);
}

TEST_CASE("names stand for the words that make a credential of them") {
  const Rule rule = only_rule(shaped("context", "[0-9a-f]{32}", "names = ['box']\ncontext = ['acme', 'box_token']"));
  const auto has = [&](std::string_view word) {
    return std::find(rule.context.begin(), rule.context.end(), word) != rule.context.end();
  };
  for (const char* word : {"acme", "boxkey", "box_secret", "box token", "box-api", "box access"}) CHECK(has(word));
  CHECK(!has("box"));
  CHECK(std::count(rule.context.begin(), rule.context.end(), "box_token") == 1);
  CHECK(rule.anchors.size() == rule.context.size());
}

TEST_CASE("a category is the rule's, else its file's, else that of its kind") {
  CHECK(only_rule(rule_toml("acme-token")).category == Category::provider_token);
  CHECK(only_rule(shaped("generic", "acme_[0-9a-f]{32}")).category == Category::generic);
  CHECK(only_rule(shaped("password", "acme_[0-9a-f]{32}")).category == Category::password);
  CHECK(only_rule("category = 'connection-string'\n" + rule_toml("acme-token")).category ==
        Category::connection_string);
  CHECK(only_rule("category = 'password'\n" + rule_toml("acme-token", "category = 'header'")).category ==
        Category::header);
  const Result<RuleSet> wrong = RuleSet::parse(rule_toml("acme-token", "category = 'other'"), "rules/acme.toml");
  REQUIRE(!wrong.has_value());
  CHECK(wrong.error().message.find("connection-string") != std::string::npos);
}

TEST_CASE("a selection keeps and drops by id or by beginning") {
  struct Row {
    const char* name;
    Ids keep, drop;
    Ids want;  // empty: refused
  };
  const std::vector<Row> rows = {
      {"nothing said keeps all", {}, {}, {"acme-key", "acme-token", "beta-token", "zeta-token"}},
      {"one", {"beta-token"}, {}, {"beta-token"}},
      {"a provider", {"acme-*"}, {}, {"acme-key", "acme-token"}},
      {"all but one", {}, {"beta-token"}, {"acme-key", "acme-token", "zeta-token"}},
      {"a provider but one", {"acme-*"}, {"acme-token"}, {"acme-key"}},
      {"unknown id", {"acme"}, {}, {}},
      {"unknown id to drop", {}, {"omega-token"}, {}},
      {"unknown provider", {"omega-*"}, {}, {}},
      {"without what it requires", {"acme-token"}, {}, {}},
      {"without what it would like", {"zeta-token"}, {}, {"zeta-token"}},
  };
  const RuleSet all =
      parsed(rule_toml("acme-key") + rule_toml("acme-token", "companions = [{rule = 'acme-key'}]") +
             rule_toml("zeta-token", "companions = [{rule = 'acme-key', required = false}]") + rule_toml("beta-token"));
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      RuleSet set = all;
      const Status status = set.select(row.keep, row.drop);
      REQUIRE(status.has_value() == !row.want.empty());
      CHECK(ids(set) == (row.want.empty() ? ids(all) : row.want));
      CHECK((set.digest() == all.digest()) == (set.rules().size() == all.rules().size()));
    }
  }
}

TEST_CASE("the compiled-in rules can be read and hold together") {
  const Result<RuleSet> set = RuleSet::builtin();
  REQUIRE(set.has_value());
  CHECK(RuleSet::from_rules(set->rules()).has_value());
  CHECK(rules_digest(set->rules()) == set->digest());
}

TEST_CASE("the compiled-in rules without their texts are the same rules and take their texts again") {
  const Result<RuleSet> whole = RuleSet::builtin();
  Result<RuleSet> bare = RuleSet::builtin_without_texts();
  REQUIRE(whole.has_value());
  REQUIRE(bare.has_value());
  CHECK(bare->digest() == whole->digest());
  REQUIRE(bare->rules().size() == whole->rules().size());
  CHECK(bare->rules()[0].id == whole->rules()[0].id);
  CHECK(bare->rules()[0].pattern == whole->rules()[0].pattern);
  CHECK(bare->rules()[0].name.empty());
  REQUIRE(bare->add_texts().has_value());
  CHECK(bare->serialise() == whole->serialise());
}

}  // namespace
}  // namespace keytrail::ruleset
