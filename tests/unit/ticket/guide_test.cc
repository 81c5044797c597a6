#include "scanner/ticket/guide.h"

#include "tests/support/catch.h"

namespace keytrail::ticket {
namespace {

constexpr const char* kGood = R"(
[[provider]]
id = "acme"
name = "Acme"
match = ["acme"]
two_live = true
create = [{ do = "Make one.", run = "acme new --user {{arg.user}}" }]
revoke = [{ do = "Revoke it." }]
verify = [{ do = "Try." }]
dead = [{ do = "Try the old one." }]
owner = "Ask."
)";

TEST_CASE("the built-in guides are whole") {
  const auto guides = Guides::builtin();
  INFO((guides ? "" : guides.error().describe()));
  REQUIRE(guides);
  CHECK(guides->all().size() >= 60);
  for (const Guide& guide : guides->all()) {
    INFO(guide.id);
    CHECK_FALSE(guide.revoke.empty());
    CHECK_FALSE(guide.dead.empty());
    CHECK_FALSE(guide.verify.empty());
    CHECK_FALSE(guide.owner.empty());
    CHECK_FALSE(guide.automate.empty());
  }
}

TEST_CASE("a guide is found by rule, then by provider, then it is the fallback") {
  const auto guides = Guides::builtin();
  REQUIRE(guides);
  CHECK(guides->find("stripe-secret-key", "Stripe").id == "stripe");
  CHECK(guides->find("stripe-webhook-secret", "Stripe").id == "stripe-webhook");
  CHECK(guides->find("", "AWS").id == "aws");
  CHECK(guides->find("", "amazon-web-services").id == "aws");
  CHECK(guides->find("", "Hugging Face").id == "huggingface");
  CHECK(guides->find("", "own").id == "own");
  CHECK(guides->find("no-such-rule", "No Such Provider").fallback);
  CHECK(guides->find("", "").fallback);
}

TEST_CASE("a file adds a guide and replaces one") {
  auto guides = Guides::builtin();
  REQUIRE(guides);
  const std::size_t before = guides->all().size();
  REQUIRE(guides->add(kGood, "acme.toml"));
  CHECK(guides->all().size() == before + 1);
  CHECK(guides->find("", "ACME").name == "Acme");
  REQUIRE(guides->add(kGood, "acme.toml"));
  CHECK(guides->all().size() == before + 1);
}

TEST_CASE("a wrong guide is refused with file and line") {
  const std::string good = kGood;
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  struct Row {
    const char* name;
    std::string text;
    const char* place;
    const char* says;
  };
  const Row rows[] = {
      {"no TOML", "[[provider", "f.toml:1", ""},
      {"unknown key", good + "colour = 'red'\n", "f.toml:12", "unknown key 'colour'"},
      {"unknown argument", with("arg.user", "arg.usr"), "f.toml:7", "no field 'arg.usr'"},
      {"id with a blank", with("\"acme\"\nname", "\"Ac me\"\nname"), "f.toml:2", "needs an id"},
      {"step without a sentence", with("{ do = \"Revoke it.\" }", "{ run = \"x\" }"), "f.toml:8", "needs do"},
      {"no owner", with("owner = \"Ask.\"\n", ""), "f.toml:2", "needs revoke, owner"},
      {"a plain http page", good + "docs = \"http://x\"\n", "f.toml:12", "https"},
      {"a second fallback", good + "fallback = true\n", "f.toml:2", "a fallback already"},
      {"another table", "[other]\n", "f.toml:1", "only [[provider]]"},
      {"a probe without a place for the value",
       good + "[provider.probe]\nurl = \"u\"\nauth = 'x'\nalive = \"a\"\ndead = \"b\"\n", "f.toml:12", "%s"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      auto guides = Guides::builtin();
      REQUIRE(guides);
      const Status added = guides->add(row.text, "f.toml");
      REQUIRE_FALSE(added);
      CHECK(added.error().subject == row.place);
      CHECK(added.error().message.find(row.says) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace keytrail::ticket
