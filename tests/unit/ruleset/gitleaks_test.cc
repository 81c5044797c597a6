#include "scanner/ruleset/gitleaks_toml.h"

#include <string>

#include "scanner/ruleset/gitleaks_ids.h"
#include "scanner/ruleset/gitleaks_rules.h"
#include "scanner/ruleset/rules_writer.h"
#include "scanner/ruleset/ruleset.h"
#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::ruleset;

namespace {

constexpr std::string_view kConfig = R"(
title = "ours"
[extend]
useDefault = true
path = "base.toml"
disabledRules = ["generic-api-key"]
[[rules]]
id = "acme_Key"
description = "Acme's key"
regex = '''acme_([0-9a-f]{20,})'''
secretGroup = 1
entropy = 3
keywords = ["ACME_"]
path = '''\.env$'''
tags = ["acme"]
[[rules.allowlists]]
condition = "AND"
regexTarget = "line"
regexes = ['''test''']
paths = ['''^docs/''']
[rules.allowlist]
stopwords = ["Sample"]
[[allowlists]]
targetRules = ["acme_Key"]
commits = ["ABCDEF0123456789abcdef0123456789abcdef01"]
)";

GitleaksConfig parse(std::string_view text) {
  auto config = parse_gitleaks_toml(text, "g.toml");
  if (!config) FAIL(config.error().describe());
  return std::move(*config);
}

GitleaksRule rule_of(const std::string& regex, std::vector<std::string> keywords = {}) {
  GitleaksRule rule;
  rule.id = "acme";
  rule.regex = regex;
  rule.keywords = std::move(keywords);
  rule.place = "g.toml:3";
  return rule;
}

}  // namespace

TEST_CASE("a configuration of gitleaks is read whole") {
  const GitleaksConfig config = parse(kConfig);
  CHECK(config.use_default);
  CHECK(config.extend_path == "base.toml");
  CHECK(config.disabled_rules == std::vector<std::string>{"generic-api-key"});
  CHECK(config.notes.empty());
  REQUIRE(config.rules.size() == 1);
  const GitleaksRule& rule = config.rules[0];
  CHECK(rule.id == "acme_Key");
  CHECK(rule.keywords == std::vector<std::string>{"acme_"});
  CHECK(rule.secret_group == 1U);
  CHECK(rule.entropy == 3);
  CHECK(rule.place == "g.toml:7");
  REQUIRE(rule.allowlists.size() == 2);
  CHECK(rule.allowlists[0].stopwords == std::vector<std::string>{"sample"});
  CHECK(rule.allowlists[1].needs_all);
  CHECK(rule.allowlists[1].target == GitleaksAllowlist::Target::line);
  REQUIRE(config.allowlists.size() == 1);
  CHECK(config.allowlists[0].commits[0].substr(0, 6) == "abcdef");
}

TEST_CASE("keys are read without regard to case, and unknown ones are named") {
  const GitleaksConfig config = parse("[allowList]\npaths = ['a']\n[Extend]\nUSEDEFAULT = true\nother = 1\n");
  CHECK(config.use_default);
  CHECK(config.allowlists.size() == 1);
  REQUIRE(config.notes.size() == 1);
  CHECK(config.notes[0].find("g.toml:5") == 0);
  CHECK(config.notes[0].find("other") != std::string::npos);
}

TEST_CASE("a bad configuration is an error with file and line") {
  struct Row {
    const char* text;
    const char* place;
  };
  const Row rows[] = {
      {"[[rules]]\nregex = 'a'\n", "g.toml:1"},
      {"[[rules]]\nid = 1\n", "g.toml:2"},
      {"[[rules]]\nid = 'a'\nentropy = 'x'\n", "g.toml:3"},
      {"[[rules]]\nid = 'a'\nkeywords = 'x'\n", "g.toml:3"},
      {"[allowlist]\npaths = [1]\n", "g.toml:2"},
      {"[allowlist]\npaths = ['a']\ncondition = 'XOR'\n", "g.toml:3"},
      {"[allowlist]\npaths = ['a']\nregexTarget = 'file'\n", "g.toml:3"},
      {"rules = 3\n", "g.toml:1"},
      {"[[rules]\n", "g.toml:1"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.text) {
      const auto config = parse_gitleaks_toml(row.text, "g.toml");
      REQUIRE(!config);
      CHECK(config.error().code == ErrorCode::invalid_argument);
      CHECK(config.error().subject == row.place);
    }
  }
}

TEST_CASE("a rule of gitleaks becomes one of ours") {
  const auto made = import_rule(parse(kConfig).rules[0]);
  REQUIRE(made);
  CHECK(made->rule.id == "acme-key");
  CHECK(made->rule.kind == RuleKind::token);
  CHECK(made->rule.secret_group == 1);
  CHECK(made->rule.min_entropy == 3);
  CHECK(made->rule.has_run);
  REQUIRE(made->rule.anchors.size() == 1);
  CHECK(made->rule.anchors[0].text == "acme_");
  CHECK(made->bounds.size() == 1);
  CHECK(made->changes.empty());
}

TEST_CASE("where to look comes from keywords, the pattern, or keywords nearby") {
  const auto in_pattern = import_rule(rule_of("(?:sqa|sqp)_[0-9]{9}", {"sqa_", "sqp_"}));
  REQUIRE(in_pattern);
  CHECK(in_pattern->rule.anchors.size() == 2);
  const auto elsewhere = import_rule(rule_of("acmetoken_[0-9]{9}", {"hammer"}));
  REQUIRE(elsewhere);
  CHECK(elsewhere->rule.kind == RuleKind::token);
  CHECK(elsewhere->changes.size() == 1);
  const auto nearby = import_rule(rule_of("[0-9a-f]{40}", {"hammer"}));
  REQUIRE(nearby);
  CHECK(nearby->rule.kind == RuleKind::context);
  CHECK(nearby->rule.context == std::vector<std::string>{"hammer"});
}

TEST_CASE("what cannot be expressed is an error with place and reason") {
  GitleaksRule path_only;
  path_only.id = "files";
  path_only.path = "p12$";
  path_only.place = "g.toml:3";
  for (const GitleaksRule& rule :
       {path_only, rule_of("[0-9a-f]{40}"), rule_of("[0-9a-f]{40}", {"ab"}), rule_of(R"(acme_\p{L}{9})", {"acme_"})}) {
    const auto made = import_rule(rule);
    REQUIRE(!made);
    CHECK(made.error().subject == "g.toml:3");
    CHECK(!made.error().message.empty());
  }
}

TEST_CASE("what a rule requires becomes a companion, counted in bytes") {
  const GitleaksConfig config = parse(
      "[[rules]]\nid = 'acme-secret'\nregex = 'acmesecret_[0-9]{9}'\n"
      "[[rules.required]]\nid = 'acme-region'\nwithinLines = 4\n"
      "[[rules.required]]\nid = 'acme-host'\nwithinColumns = 30\n"
      "[[rules.required]]\nid = 'acme-user'\n"
      "[[rules]]\nid = 'acme-region'\nregex = 'acmeregion-[a-z]{4}'\nskipReport = true\n");
  CHECK(config.notes.empty());
  REQUIRE(config.rules.size() == 2);
  const std::vector<GitleaksRequired>& required = config.rules[0].required;
  REQUIRE(required.size() == 3);
  std::string change;
  CHECK(companion_for(required[0], "acme-region", change).within == 500);
  CHECK(change.find("acme-region") != std::string::npos);
  CHECK(companion_for(required[1], "acme-host", change).within == 30);
  CHECK(companion_for(required[2], "acme-user", change).within == 4096);
  CHECK(companion_for({"x", 1'000'000, std::nullopt, ""}, "x", change).within == 16384);
  CHECK(is_required(config.rules, "acme-region"));
  CHECK(!is_required(config.rules, "acme-secret"));
  const auto helper = import_rule(config.rules[1]);
  REQUIRE(helper);
  CHECK(helper->rule.confidence == core::Confidence::low);
  CHECK(helper->rule.severity == core::Severity::info);
}

TEST_CASE("what is written reads back as the same rule") {
  for (const GitleaksRule& from :
       {parse(kConfig).rules[0], rule_of("[0-9a-f]{40}", {"hammer"}), rule_of("acme['\"]{1,2}\\x27_[0-9]{9}")}) {
    const auto made = import_rule(from);
    REQUIRE(made);
    const auto read = RuleSet::parse(write_rule(made->draft, {"a comment\nof two lines"}), "w.toml");
    if (!read) FAIL(read.error().describe());
    const auto direct = RuleSet::from_rules({made->rule});
    REQUIRE(direct);
    CHECK(read->digest() == direct->digest());
  }
}

TEST_CASE("texts of TOML hold what they are given") {
  CHECK(toml_text("a\\d") == "'a\\d'");
  CHECK(toml_text("it's") == "\"it's\"");
  CHECK(toml_text("a'\"\\\n") == "\"a'\\\"\\\\\\u000A\"");
}

TEST_CASE("ids of gitleaks name rules of the same kind") {
  const auto rules = RuleSet::builtin();
  REQUIRE(rules);
  CHECK(ids_for_gitleaks("github-pat", *rules) == std::vector<std::string>{"github-personal-access-token"});
  CHECK(ids_for_gitleaks("private-key", *rules).size() > 5);
  CHECK(ids_for_gitleaks("generic-api-key", *rules).size() > 1);
  CHECK(ids_for_gitleaks("slack-bot-token", *rules) == std::vector<std::string>{"slack-bot-token"});
  CHECK(ids_for_gitleaks("beamer-api-token", *rules).size() == 1);
  CHECK(ids_for_gitleaks("nobody-knows", *rules).empty());
  CHECK(imported_id("acme") == "custom-acme");
  CHECK(imported_id("My Key (v2)") == "my-key-v2");
  CHECK(imported_id("--") == "custom-rule");
}
