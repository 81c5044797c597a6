// The built-in rules for secrets of unknown services, in the notations of languages and files. Values are made at run
// time; `@` in a row stands for one.
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/engine/engine.h"
#include "tests/support/catch.h"

namespace keytrail::engine {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// Consonants and digits only: no word is made by chance.
constexpr std::string_view kNoWords = "bcdfghjkmnpqrstvwxz23456789";

struct Made {
  std::string_view alphabet;
  std::size_t size;
};

struct Row {
  const char* text;
  Made value;
  bool found;
};

template <typename T>
T taken(Result<T> result) {
  REQUIRE(result);
  return std::move(*result);
}

class Bench {
 public:
  Bench() : rules_(taken(ruleset::RuleSet::builtin())), engine_(taken(Engine::build(rules_, {}))) {}

  std::string value(Made made) {
    std::string text;
    while (text.size() < made.size) text += made.alphabet[random_() % made.alphabet.size()];
    return text;
  }

  // Whether the value that takes the place of `@` in `text` is reported with at least medium confidence; without an `@`
  // whether anything is.
  bool finds(std::string_view text, Made made) {
    const std::string value = this->value(made);
    std::string whole(text);
    const std::size_t at = whole.find('@');
    if (at != std::string::npos) whole.replace(at, 1, value);
    std::vector<core::Match> matches;
    Scratch scratch = taken(engine_.make_scratch());
    REQUIRE(engine_.scan(whole, scratch, matches));
    for (const core::Match& match : matches) {
      const bool there = at == std::string::npos || (match.secret.begin == at && match.secret.end >= at + value.size());
      if (there && match.confidence != core::Confidence::low) return true;
    }
    return false;
  }

 private:
  ruleset::RuleSet rules_;
  Engine engine_;
  std::mt19937_64 random_{29};
};

void check(const std::vector<Row>& rows) {
  Bench bench;
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(bench.finds(row.text, row.value) == row.found);
  }
}

}  // namespace

TEST_CASE("keys are found in calls, lists and nested notations") {
  check(
      {{"const secretKey = createSecretKey(Buffer.from('@', 'hex'))\n", {kHex, 64}, true},
       {"Tokens:   []string{\"@\"},\n", {kHex, 64}, true},
       {"\"tokens\": [\"the-first-one\", \"@\"]\n", {kHex, 16}, true},
       {"\"tokens\": [\"first\", \"second\"]\n", {kHex, 1}, false},
       {"\"ApiToken\": \"{\\\"name\\\":\\\"root\\\",\\\"xid\\\":\\\"@\\\"}\",\n", {kHex, 32}, true},
       {"\"ApiToken\": \"{\\\"name\\\":\\\"root\\\",\\\"id\\\":\\\"the-first-of-them-all\\\"}\",\n", {kHex, 1}, false},
       {"$key = '@';\n", {kHex, 64}, true},
       {"cookiekey: @==\n", {kBase62, 54}, true},
       {"$publicKey = '@';\n", {kHex, 64}, false},
       {"cacheKey = '@';\n", {kHex, 64}, false},
       {"// set auth token @\n", {kHex, 64}, true},
       {"// the auth token is kept in one_of_the_many_places_of_the_session\n", {kHex, 1}, false},
       {"https://vote.host.io/poll?id=1&akey=@>\n", {kBase62, 20}, true},
       {"https://host.io/list?sort_key=name&page_token=next\n", {kHex, 1}, false}});
}

TEST_CASE("passwords are found in environments, defaults and files of any name") {
  check({{"MYSQL_PASSWORD=@\n", {kNoWords, 10}, true},
         {" *     SCRAM_PGPASSWORD=@\n", {kNoWords, 10}, true},
         {"  -e LDAP_BIND_PW=@ \\\n", {kNoWords, 8}, true},
         {"MYSQL_PASSWORD=${DB_PASSWORD}\n", {kHex, 1}, false},
         {"MYSQL_PASSWORD=changeme\n", {kHex, 1}, false},
         {"PASSWORD = os.environ.get(\"PASSWORD\") or \"@\"\n", {kNoWords, 8}, true},
         {"pass = ENV['DB_PASSWORD'] || '@'\n", {kNoWords, 12}, true},
         {"password = os.getenv('PGPASSWORD')\n", {kHex, 1}, false},
         {"password = process.env['DB_SECRET_NAME']\n", {kHex, 1}, false},
         {"rootpwd=\"@\"\n", {"BCDFGHJKLMNPQRSTVWXZ", 8}, true},
         {"rootpwd=\"REQUIRED\"\n", {kHex, 1}, false},
         {"db_password = \"@\"\n", {"bcdfghjkmnpqrstvwxz", 4}, true},
         {"db_password = \"none\"\n", {kHex, 1}, false},
         {"db_pass"
          "word = \"p4ssw0rd\"\n",
          {kHex, 1},
          false}});
}

TEST_CASE("statements and headers are found, sentences and schemes are not") {
  check({{"CREATE USER app IDENTIFIED BY '@';\n", {kNoWords, 9}, true},
         {"ALTER ROLE app WITH PASSWORD '@';\n", {kNoWords, 9}, true},
         {"GRANT ALL ON *.* TO app IDENTIFIED BY '@';\n", {kNoWords, 9}, true},
         {"CREATE USER 'app' PASSWORD '@';\n", {kNoWords, 9}, true},
         {"machine host login \"user one\" pass"
          "word \"with some spaces\"\n",
          {kHex, 1},
          false},
         {"the commit's message with those identified "
          "by \"squash\" commands\n",
          {kHex, 1},
          false},
         {"for user name \"go-resty\" and "
          "pass"
          "word \"welcome\"\n",
          {kHex, 1},
          false},
         {"Authorization: "
          "AWS4-HMAC-SHA256 Credential=xxx/19700101/us-east-1/s3/aws4_request\n",
          {kHex, 1},
          false},
         {"host=db.internal user=app password=@ dbname=app\n", {kNoWords, 10}, true},
         {"host=example.com\nusername=bob\npassword=store-pass\n", {kHex, 1}, false}});
}

TEST_CASE("keys in base64 are found by what DER begins with") {
  Bench bench;
  const std::string body = bench.value({kBase62, 400});
  CHECK(bench.finds("key = \"" + std::string("MIIEowIBAA") + "KCAQEA" + body + "\"\n", {kHex, 0}));
  CHECK(bench.finds("cert := `" + std::string("MIIKlgIB") + "AzCC" + body + "`\n", {kHex, 0}));
  CHECK_FALSE(bench.finds("cert := `" + std::string("MIIKlgIB") + "BzCC" + body.substr(0, 40) + "`\n", {kHex, 0}));
}

TEST_CASE("signed tokens whose payload is no JSON are found, the samples of the RFCs are not") {
  Bench bench;
  const std::string head = std::string("eyJhbGci") + "OiJFUzI1NiJ9.";
  const std::string signature = bench.value({kBase62, 86});
  CHECK(bench.finds("jws = '" + head + "d3dxIG5vIGpzb24." + signature + "'", {kHex, 0}));
  CHECK_FALSE(bench.finds("jws = '" + head + "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNz." + signature + "'", {kHex, 0}));
  CHECK_FALSE(bench.finds("jws = '" + head + "wwq7." + signature.substr(0, 20) + "'", {kHex, 0}));
}

TEST_CASE("symmetric JSON web keys are found whatever comes first") {
  check({{"{ k: '@', kty: 'oct' }", {kBase62, 43}, true},
         {"{\"kty\":\"oct\",\"k\":\"@\"}", {kBase62, 43}, true},
         {"{\"kty\":\"EC\",\"k\":\"@\"}", {kUpper, 43}, false}});
}

}  // namespace keytrail::engine
