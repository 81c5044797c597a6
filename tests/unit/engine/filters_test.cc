#include "scanner/engine/filters.h"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.h"

namespace keytrail::engine {
namespace {

using ruleset::RuleKind;

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kBase64 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/";
constexpr std::string_view kLowerLetters = "abcdefghijklmnopqrstuvwxyz";

// Text drawn from `alphabet`; the same seed gives the same text everywhere.
std::string drawn(std::string_view alphabet, std::size_t size, std::mt19937_64& source) {
  std::string text;
  while (text.size() < size) text += alphabet[source() % alphabet.size()];
  return text;
}

std::string drawn(std::string_view alphabet, std::size_t size, std::uint64_t seed = 11) {
  std::mt19937_64 source(seed);
  return drawn(alphabet, size, source);
}

Candidate candidate(RuleKind kind, std::string_view secret, std::string_view before = "",
                    std::string_view behind = "") {
  Candidate made;
  made.kind = kind;
  made.secret = secret;
  made.before = before;
  made.behind = behind;
  return made;
}

struct Row {
  RuleKind kind;
  std::string secret;
  Drop want;
  std::string before = "  api_token = \"";
  std::string behind = "\"";
};

void check(const std::vector<Row>& rows) {
  std::size_t number = 0;
  for (const Row& row : rows) {
    CAPTURE(number++);
    CHECK(to_string(judge(candidate(row.kind, row.secret, row.before, row.behind))) == to_string(row.want));
  }
}

}  // namespace

TEST_CASE("random values stay under every kind") {
  for (const RuleKind kind : {RuleKind::token, RuleKind::context, RuleKind::password, RuleKind::generic}) {
    check({
        {kind, drawn(kHexDigits, 32), Drop::none},
        {kind, drawn(kBase62, 20), Drop::none},
        {kind, drawn(kBase62, 40), Drop::none},
        {kind, drawn(kBase64, 40), Drop::none},
        {kind, drawn(kLowerLetters, 20), Drop::none},
    });
  }
}

TEST_CASE("references name a secret and are none") {
  std::vector<Row> rows;
  for (const char* text : {"${DB_PASSWORD}",
                           "$DB_PASSWORD",
                           "$(cat token)",
                           "{{ token }}",
                           "{{.Values.token}}",
                           "<%= token %>",
                           "<your token>",
                           "[TOKEN]",
                           "((token))",
                           "%TOKEN%",
                           "@TOKEN@",
                           "__TICKET__",
                           "#{token}",
                           ":ticket",
                           "%s",
                           "{0}",
                           "%(token)s",
                           "${{ secrets.TOKEN }}",
                           "op://vault/item",
                           "arn:aws:secretsmanager"
                           ":eu-west-1:1:x",
                           "vault:secret/data#key"}) {
    for (const RuleKind kind : {RuleKind::context, RuleKind::password, RuleKind::generic}) {
      if (kind == RuleKind::context && (std::string_view(text) == "%s" || text[0] == '{' || text[1] == '(')) continue;
      rows.push_back({kind, text, Drop::reference});
    }
  }
  check(rows);
  // Marks alone are no syntax.
  check({{RuleKind::password, "{" + drawn(kBase62, 6) + "(" + drawn(kBase62, 6), Drop::none},
         {RuleKind::generic, "<" + drawn(kBase62, 16), Drop::none},
         {RuleKind::password, "a$b%c" + drawn(kBase62, 6), Drop::none}});
}

TEST_CASE("the rest of a resource's name is no secret of it") {
  const auto drop = [](std::string_view before) {
    return judge({RuleKind::generic, "eu-west-1:111122223333:sq7", 0, 2.8, false, before, "\""});
  };
  CHECK(drop("\"ARN\":\"arn:aws:secretsmanager:") == Drop::reference);
  CHECK(drop("id = urn:vault:secret:") == Drop::reference);
  CHECK(drop("\"arn:x\", \"secret\": \"") != Drop::reference);
}

TEST_CASE("the default of a shell reference is judged in the reference's place") {
  const std::string random = drawn(kBase62, 24);
  check({{RuleKind::generic, "${TOKEN:-" + random + "}", Drop::none},
         {RuleKind::password, "${TOKEN:-" + random + "}", Drop::none},
         {RuleKind::generic, "${TOKEN:-changeme}", Drop::reference},
         {RuleKind::generic, "${TOKEN:-}", Drop::reference},
         {RuleKind::generic, "${TOKEN:-${OTHER:-" + random + "}}", Drop::reference}});
}

TEST_CASE("masks, repeats and sequences are dropped for every kind that looks at randomness") {
  const std::string head = drawn(kBase62, 6);
  for (const RuleKind kind : {RuleKind::token, RuleKind::context, RuleKind::generic}) {
    check({{kind, head + "************", Drop::masked},
           {kind, head + "xxxxxxxxxxxx", Drop::masked},
           {kind, head + "...", Drop::masked},
           {kind, head + "\xe2\x80\xa6", Drop::masked},
           {kind, std::string(24, '0'), Drop::repeated},
           {kind, "Z9" + std::string(14, 'a'), Drop::repeated},
           {kind, "9f3a9f3a9f3a9f3a", Drop::repeated},
           {kind, "0123456789abcdef", Drop::sequence},
           {kind, "zyxwvutsrqponmlk", Drop::sequence},
           {kind, "uvwxyzabcdef0123", Drop::sequence},
           {kind, std::string("dead") + "beef" + "cafe" + "babe", Drop::sequence}});
  }
}

TEST_CASE("a short sequence inside random text keeps a free password and drops a token") {
  const std::string body = drawn(kBase62, 10) + "123456" + drawn(kBase62, 10, 12);
  check({{RuleKind::token, body, Drop::sequence},
         {RuleKind::context, body, Drop::sequence},
         {RuleKind::generic, body, Drop::none},
         {RuleKind::password, body, Drop::none},
         {RuleKind::password, "123456", Drop::sequence}});
}

TEST_CASE("strong words count inside the value and never beside it") {
  const std::string body = drawn(kBase62, 30);
  check({{RuleKind::token, drawn(kBase62, 8) + "EXAMPLE" + drawn(kBase62, 8), Drop::placeholder},
         {RuleKind::token, "your-token-" + drawn(kBase62, 4), Drop::placeholder},
         {RuleKind::token, body, Drop::none, "# for example: token = ", " # changeme"},
         {RuleKind::context, body, Drop::none, "# for example: token = ", " # changeme"},
         {RuleKind::generic, body, Drop::none, "# for example: token = ", " # changeme"}});
}

TEST_CASE("words are compared with the part behind the public prefix") {
  Candidate made = candidate(RuleKind::token, "");
  const std::string secret = "test_key_" + drawn(kBase62, 24);
  made.secret = secret;
  CHECK(judge(made) == Drop::placeholder);
  made.public_prefix = 9;
  CHECK(judge(made) == Drop::none);
}

TEST_CASE("short words count at borders, for context and generic rules alone") {
  const std::string tail = drawn(kBase62, 20);
  check({{RuleKind::token, "test-" + tail, Drop::none},
         {RuleKind::context, "test-" + tail, Drop::placeholder},
         {RuleKind::generic, "test-" + tail, Drop::placeholder},
         {RuleKind::context, tail + "fOo" + drawn(kBase62, 20, 5), Drop::none}});
}

TEST_CASE("whole words for a secret are placeholders, random letters are none") {
  for (const RuleKind kind : {RuleKind::password, RuleKind::generic}) {
    check({{kind, "changeme", Drop::placeholder},
           {kind, "password", Drop::placeholder},
           {kind, "Pass", Drop::placeholder},
           {kind, "your-password-here", Drop::placeholder},
           {kind, "mySecretToken", Drop::placeholder},
           {kind, "null", Drop::placeholder},
           {kind, "test_user_2", Drop::placeholder},
           {kind, "Password 1", Drop::placeholder},
           {kind, "n/a", Drop::placeholder}});
  }
  check({{RuleKind::password, "horse", Drop::none},
         {RuleKind::password, "pass" + drawn(kLowerLetters, 5), Drop::none},
         {RuleKind::token, drawn(kBase62, 20), Drop::none}});
}

TEST_CASE("a user name as its own password is a placeholder") {
  check({{RuleKind::password, "postgres1", Drop::placeholder, "postgres://postgres1:", "@db/x"},
         {RuleKind::password, "gres1", Drop::none, "postgres://postgres1:", "@db/x"}});
}

TEST_CASE("a checksum that fits beats every test but published samples") {
  Candidate made = candidate(RuleKind::token, "");
  const std::string placeholder = "your-token-" + drawn(kBase62, 4);
  made.secret = placeholder;
  made.checksum_passed = true;
  CHECK(judge(made) == Drop::none);
  const std::string sample = std::string("16C7e42F292c") + "6912E7710c83" + "8347Ae178B4a";
  made.secret = sample;
  CHECK(judge(made) == Drop::sample);
}

TEST_CASE("published samples are known by their hash") {
  const std::string aws = std::string("wJalrXUtnFE") + "MI/K7MDENG/" + "bPxRfiCYEX" + "AMPLEKEY";
  const std::string jwt = std::string("eyJ") + drawn(kBase62, 20) + "." + drawn(kBase62, 30) + "." +
                          "SflKxwRJSMeKKF2QT4fw" + "pMeJf36POk6yJV_adQssw5c";
  const std::string hardhat = std::string("0xac0974bec39a17e36ba4a6b4d238") + "ff944bacb478cbed5efcae784d7bf4f2ff80";
  for (const RuleKind kind :
       {RuleKind::token, RuleKind::context, RuleKind::password, RuleKind::generic, RuleKind::block}) {
    check({{kind, aws, Drop::sample},
           {kind, jwt, Drop::sample},
           {kind, hardhat, Drop::sample},
           {kind, std::string("AKIA") + drawn("ABCDEFGH234567", 9) + "EXAMPLE", Drop::sample},
           {kind, std::string("d41d8cd98f00b204") + "e9800998ecf8427e", Drop::digest}});
  }
  // One character more or less is another value.
  check({{RuleKind::token, jwt + "x", Drop::none}, {RuleKind::token, hardhat.substr(0, 60), Drop::none}});
}

TEST_CASE("a published body is known behind a public prefix") {
  const std::string secret = std::string("gh") + "p_" + "16C7e42F292c" + "6912E7710c83" + "8347Ae178B4a";
  Candidate made = candidate(RuleKind::token, secret);
  CHECK(judge(made) == Drop::none);
  made.public_prefix = 4;
  CHECK(judge(made) == Drop::sample);
}

TEST_CASE("blocks are judged by their lines of base64") {
  const std::string body = drawn(kBase64, 64) + "\n" + drawn(kBase64, 64, 12) + "\n";
  check({{RuleKind::block, "-----BEGIN X-----\n" + body + "-----END X-----", Drop::none},
         {RuleKind::block, "Comment: an example of mine\n" + body, Drop::none},
         {RuleKind::block, "-----BEGIN X-----\n" + drawn(kBase64, 20) + "...\n-----END X-----", Drop::masked},
         {RuleKind::block, "-----BEGIN X-----\n" + std::string(40, 'x') + "\n-----END X-----", Drop::masked},
         {RuleKind::block, "-----BEGIN X-----\nTHISISNOTAREALKEYATALL\n-----END X-----", Drop::placeholder},
         // OpenSSH keys hold long runs of A.
         {RuleKind::block, "-----BEGIN X-----\n" + std::string(20, 'A') + body + "-----END X-----", Drop::none}});
}

TEST_CASE("the name beside a value speaks for context and generic rules alone") {
  const std::string hex = drawn(kHexDigits, 40);
  for (const char* before : {"\"sha1\": \"", "commit = ", "integrity=\"", "token_hash: \"", "config.checksum = '"}) {
    check({{RuleKind::token, hex, Drop::none, before},
           {RuleKind::password, hex, Drop::none, before},
           {RuleKind::context, hex, Drop::digest, before},
           {RuleKind::generic, hex, Drop::digest, before}});
  }
  for (const char* before : {"\"commit_token\": \"", "sha_key = ", "let token: &str = \"", "password = Some(\""}) {
    check({{RuleKind::context, hex, Drop::none, before}, {RuleKind::generic, hex, Drop::none, before}});
  }
  for (const char* before : {"public_key = \"", "clientId: \"", "\"pubKey\": \"", "publishable-token=\""}) {
    check({{RuleKind::context, hex, Drop::public_value, before}, {RuleKind::generic, hex, Drop::public_value, before}});
  }
  for (const char* before : {"token_url = \"", "keySize: \"", "primary_key=\"", "csrfToken: \"", "author = \"",
                             "nextToken: \"", "secretName: \"", "from_secret: \"", "max_tokens = \""}) {
    check({{RuleKind::context, hex, Drop::none, before}, {RuleKind::generic, hex, Drop::other_name, before}});
  }
  for (const char* before :
       {"authorization: \"", "api_key: \"", "secret_id = \"", "oauthToken=\"", "nextcloud_token = \""}) {
    check({{RuleKind::generic, hex, Drop::none, before}});
  }
}

TEST_CASE("a label of a digest directly before a value drops it for context rules alone") {
  const std::string body = drawn(kBase64, 43);
  for (const char* before : {"acme.test/elastic v1.2.0 h1:", "integrity sha512-", "\"sha256:"}) {
    check({{RuleKind::token, body, Drop::none, before}, {RuleKind::context, body, Drop::digest, before}});
  }
  check({{RuleKind::context, body, Drop::none, "acme_key=h1: "}});
}

TEST_CASE("a piece of a labelled digest is one") {
  const std::string half = drawn(kBase62, 32);
  check({
      {RuleKind::context, half, Drop::digest, "tencent/sdk v1.0.0/go.mod h1:" + drawn(kBase62, 9, 3) + "/", "="},
      {RuleKind::context, half, Drop::none, "tencent key: " + drawn(kBase62, 9, 3) + "/", ""},
  });
}

TEST_CASE("a UUID between the parts of a URL's path names something") {
  const std::string hex = drawn(kHexDigits, 32);
  const std::string uuid = hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-a" +
                           hex.substr(17, 3) + "-" + hex.substr(20);
  check({
      {RuleKind::context, uuid, Drop::public_value, "curl https://acme.example/apps/", "/log"},
      {RuleKind::context, uuid, Drop::none, "curl https://acme.example/apps?key=", "&x=1"},
      {RuleKind::context, uuid, Drop::none, "curl https://acme.example/hook/", ""},
  });
}

TEST_CASE("digits behind the name of a picture or style sheet are its version") {
  const std::string hex = drawn(kHexDigits, 32);
  check({
      {RuleKind::token, hex, Drop::digest, "/media/box.", ".png"},
      {RuleKind::token, hex, Drop::none, "/media/box.", ". Next"},
      {RuleKind::token, drawn(kBase62, 32), Drop::none, "/media/box.", ".png"},
  });
}

TEST_CASE("values that are encrypted, hashed or public are none") {
  const std::string body = drawn(kBase64, 40);
  for (const RuleKind kind : {RuleKind::context, RuleKind::generic}) {
    check({{kind, "ENC[AES256_GCM,data:" + body + "]", Drop::encrypted},
           {kind, "vault:v1:" + body, Drop::encrypted},
           {kind, "{cipher}" + body, Drop::encrypted},
           {kind, "sha256:" + drawn(kHexDigits, 64), Drop::digest},
           {kind, "$2b$12$" + body, Drop::digest},
           {kind, std::string("AAAAB3Nz") + "aC1yc2E" + body, Drop::public_value},
           {kind, std::string("MFkwEwYH") + "KoZIzj0" + body, Drop::public_value}});
  }
  // {xor} hides nothing, and what stands in DEC() waits to be encrypted.
  check({{RuleKind::password, "ENC(" + body + ")", Drop::encrypted},
         {RuleKind::password, "{xor}" + body, Drop::none},
         {RuleKind::generic, "DEC(" + body + ")", Drop::none},
         {RuleKind::generic, "DEC(changeme)", Drop::reference}});
}

TEST_CASE("words, names and plain text are not random") {
  std::vector<Row> rows;
  for (const char* text : {"authorization", "customerField", "AuthenticationProvider", "plain text with several words",
                           "com.company.project.service", "kebab-case-identifier", "org/project/repository"}) {
    rows.push_back({RuleKind::generic, text, Drop::not_random});
    rows.push_back({RuleKind::context, text, Drop::not_random});
    // A free password can be a word.
    rows.push_back({RuleKind::password, text, Drop::none, "redis://:", "@h"});
  }
  check(rows);
}

TEST_CASE("other forms are none for generic rules") {
  std::vector<Row> rows;
  for (const char* text : {"https://host.net/path/to", "/opt/app/keys/private", "../keys/id_rsa", "someone@host.net",
                           "2024-05-17T10:11:12Z", "12.34.56.78", "Token <br> here", "^[a-z0-9]+$", "(?i)token.*",
                           "server-certificate.pem", "C:\\keys\\mine", "iVBORw0KGgoAAAANSUhEUgAA"}) {
    rows.push_back({RuleKind::generic, text, Drop::not_random});
  }
  check(rows);
  const std::string password = drawn(kBase62, 16);
  // With credentials a URL is a place for a secret.
  check({{RuleKind::generic, "amqp://u:" + password + "@host.net/path", Drop::none},
         {RuleKind::generic, "/" + drawn(kBase64, 39), Drop::none}});
}

TEST_CASE("code is a reference where strings need quotes") {
  const auto unquoted = [](const char* text, Drop want, const char* behind = ";") {
    return Row{RuleKind::generic, text, want, "    this.token = ", behind};
  };
  check({unquoted("request.headers.authorization", Drop::reference), unquoted("readToken(input)", Drop::reference),
         unquoted("getToken", Drop::reference, "(x);"), unquoted("options->token", Drop::reference),
         unquoted("Config::secretKey", Drop::reference), unquoted("tokens[0]", Drop::reference),
         unquoted("await", Drop::reference, " client.get();"), unquoted("&credential", Drop::reference),
         unquoted("0x0000A1B2", Drop::reference), unquoted("3221225578", Drop::reference)});
  const std::string random = drawn(kBase62, 24);
  check({{RuleKind::generic, random, Drop::none, "TOKEN=", ""},
         {RuleKind::generic, random, Drop::none, "  token: ", ", other: 1"},
         {RuleKind::generic, random, Drop::none, "token = ", ";"},
         {RuleKind::generic, random + "." + drawn(kBase62, 20, 3), Drop::none, "TOKEN=", ""}});
}

TEST_CASE("operands, constants and variables are references, random text beside the same marks is none") {
  const auto row = [](const std::string& text, Drop want, const char* before, const char* behind = ";") {
    return Row{RuleKind::generic, text, want, before, behind};
  };
  const std::string random = drawn(kBase62, 24);
  check({row("other_pwd_stat", Drop::reference, "if (pwd_stat == ", ")"),
         row("allow_krb", Drop::reference, "  if(!cred->", ")"),
         row("keyid_to_free", Drop::reference, "signing_key = ", " = get_key();"),
         row("token_struct_t", Drop::reference, "  token := ", "{"),
         row("identity.cfg.AccessKey", Drop::reference, "  AccessKey: ", ","),
         row("!!passwdstr", Drop::reference, "expected_password == ", ","),
         row("protocol=http", Drop::reference, "  verbatim-cred: ", ""),
         row("KNOWNHOST_KEY_ECDSA_256", Drop::reference, "  keybit_token = ", ";"),
         row("spring.mongodb.database=mydb", Drop::reference, "(\"spring.password=x\", \"", "\")"),
         row("spring.rabbitmq.virtual_host:/vhost", Drop::reference, "(\"spring.password=x\", \"", "\")"),
         row(random + "=", Drop::none, "  token = \"", "\""),
         row(random, Drop::masked, "  token = \"", "...\""),
         row(".some.one@mail.org.", Drop::not_random, "(\"token.\", \"", "\")"),
         row("cygpath -aw .", Drop::reference, "alias winpwd='", "'"),
         row("contrib/credential/helper.o", Drop::reference, "credential: ", " more.o"),
         row("pgmain_pgx9", Drop::reference, "password = os.getenv('", "')"),
         row("pgmain_pgx9", Drop::reference, "password = ENV['", "']"),
         row("pgmain_pgx9", Drop::none, "password = get('", "')"),
         row("CLOUD_PLUGIN_MAGIC_COOKIE", Drop::reference, "  token = \"", "\""),
         row("/$file_name", Drop::reference, "  $file_pwd = \"", "\""),
         row(random, Drop::none, "  token = ", ";"),
         row(random, Drop::none, "  token == \"", "\""),
         row("!" + random, Drop::none, "  token = ", "")});
}

TEST_CASE("a quoted value that goes on behind what the rule took is no key, a password may") {
  const std::string random = drawn(kBase62, 24);
  check({{RuleKind::generic, random, Drop::not_random, "api_token = \"", "?x\""},
         {RuleKind::generic, random, Drop::not_random, "api_token = \"", " and more\""},
         {RuleKind::generic, random, Drop::none, "api_token = \"", "\", next"},
         {RuleKind::generic, random, Drop::none, "api_token = \"", "\\n\""},
         {RuleKind::generic, random, Drop::none, "api_token = ", " and more"},
         {RuleKind::generic, random, Drop::none, "password = \"", "?x\""}});
}

TEST_CASE("what is counted up is a sequence, a run or two inside of random text is none") {
  const auto rows = [](const std::string& text, Drop want) {
    check({{RuleKind::generic, text, want}, {RuleKind::password, text, want, "redis://:", "@h"}});
  };
  rows(std::string("a1b2c3d4e5f6") + "g7h8i9j0k1l2", Drop::sequence);
  rows(std::string("ABC123def456") + "ghi789", Drop::sequence);
  rows("abc123def", Drop::sequence);
  rows(std::string("a8b3c0d1e5") + "f6g2h9i4j7", Drop::sequence);
  rows(std::string("1234-5678-") + "abcd-efgh-ijkl", Drop::sequence);
  rows(drawn(kBase62, 8) + "abcd" + drawn(kBase62, 8, 2) + "4321", Drop::none);
}

TEST_CASE("words joined to a word for secrets are placeholders") {
  for (const char* text :
       {"store-pass", "my_auth_token", "obo-token", "git2-token", "proxy passwd", "key-of-the-app"}) {
    check({{RuleKind::generic, text, Drop::placeholder},
           {RuleKind::password, text, Drop::placeholder, "redis://:", "@h"}});
  }
  check({{RuleKind::generic, drawn(kLowerLetters, 20) + "-pass", Drop::none, "password = \""},
         {RuleKind::password, "store-" + drawn(kBase62, 8), Drop::none, "redis://:", "@h"}});
}

TEST_CASE("a password of one character, or of fewer than three, is none") {
  const auto row = [](const char* text, Drop want) {
    return Row{RuleKind::password, text, want, "http://user:", "@git.corp.io"};
  };
  check({row("yyy", Drop::placeholder), row("%42", Drop::placeholder), row("%4d%70", Drop::placeholder),
         row("baaaaaaaaaaar", Drop::repeated), row("(char", Drop::reference), row("https://a.b", Drop::reference),
         row("q%40x7z", Drop::none), row("qx7", Drop::none)});
}

TEST_CASE("the bar of entropy knows hexadecimal digits of both cases, and texts that are mostly digits") {
  check({{RuleKind::generic, std::string("FA0E2B0be2fd6076") + "b59c8696783eadeB", Drop::none},
         {RuleKind::generic, std::string("037w1197h39910d7") + "3wse4197th670954", Drop::none},
         {RuleKind::generic, "a0a1a0a2a0a1a0a1", Drop::low_entropy}});
}

TEST_CASE("base64 of a placeholder is one") {
  // "access_key", "user:secret-passwd", "alice:password" and random bytes.
  check({{RuleKind::generic, std::string("YWNjZXNz") + "X2tleQ==", Drop::placeholder},
         {RuleKind::generic, std::string("dXNlcjpzZWNy") + "ZXQtcGFzc3dk", Drop::placeholder},
         {RuleKind::generic, std::string("YWxpY2U6") + "cGFzc3dvcmQ=", Drop::placeholder},
         {RuleKind::generic, drawn(kBase64, 22) + "==", Drop::none}});
}

TEST_CASE("names that say that a value is not valid drop it") {
  const std::string random = drawn(kBase62, 24);
  check({{RuleKind::generic, random, Drop::other_name, "nonMatchingToken := \""},
         {RuleKind::generic, random, Drop::other_name, "invalid_token = \""},
         {RuleKind::generic, random, Drop::digest, "PWDHASH='"},
         {RuleKind::generic, random, Drop::none, "validToken := \""}});
}

TEST_CASE("samples that look like secrets are doubtful, and stay") {
  const auto doubtful = [](RuleKind kind, const std::string& text, const char* before, const char* behind) {
    const Candidate made = candidate(kind, text, before, behind);
    CHECK(judge(made) == Drop::none);
    return is_doubtful(made);
  };
  const std::string random = drawn(kBase62, 12);
  // Words with marks for letters.
  CHECK(doubtful(RuleKind::generic, std::string("p4ss") + "w0rd!", "password = \"", "\""));
  CHECK(doubtful(RuleKind::generic, std::string("S3cret") + "P@ssw0rd", "password = \"", "\""));
  CHECK_FALSE(doubtful(RuleKind::generic, random, "password = \"", "\""));
  // Plain words in URLs, and hosts that exist in documents alone.
  CHECK(doubtful(RuleKind::password, "einstein", "http://alberto:", "@somewhere.org"));
  CHECK(doubtful(RuleKind::password, drawn(kLowerLetters, 8), "http://user:", "@www.example.com/x"));
  CHECK(doubtful(RuleKind::password, drawn(kLowerLetters, 8), "http://user:", "@host:80"));
  CHECK_FALSE(doubtful(RuleKind::password, random, "http://user:", "@example.com"));
  CHECK_FALSE(doubtful(RuleKind::password, random, "http://user:", "@git.corp.io"));
  CHECK_FALSE(doubtful(RuleKind::token, "einstein", "", ""));
}

TEST_CASE("passwords that people choose stay under a name for passwords") {
  // Built in two pieces each, so that this file holds none.
  for (const char* first : {"Tr0ub4", "hunt3r", "W1nter!", "xK"}) {
    check({{RuleKind::generic, std::string(first) + "dor&3", Drop::none, "password = \""}});
  }
  check({{RuleKind::generic, std::string("summer") + "2031", Drop::none, "db_password: '", "'"},
         {RuleKind::generic, std::string("summer") + "2031", Drop::not_random, "token: '", "'"},
         {RuleKind::generic, drawn(kLowerLetters, 7), Drop::none, "password: '", "'"},
         {RuleKind::generic, drawn(kLowerLetters, 7), Drop::not_random, "token: '", "'"},
         {RuleKind::generic, "88412093", Drop::none, "password: '", "'"},
         {RuleKind::generic, "88412093", Drop::not_random, "token: '", "'"}});
}

TEST_CASE("a UUID needs a name that leaves no doubt") {
  const std::string uuid = drawn(kHexDigits, 8) + "-" + drawn(kHexDigits, 4) + "-4" + drawn(kHexDigits, 3) + "-a" +
                           drawn(kHexDigits, 3, 2) + "-" + drawn(kHexDigits, 12, 3);
  check({{RuleKind::generic, uuid, Drop::none, "access_token: \""},
         {RuleKind::generic, uuid, Drop::digest, "token_guid: \""},
         {RuleKind::generic, uuid, Drop::digest, "key: \""},
         {RuleKind::context, uuid, Drop::none, "key: \""},
         {RuleKind::generic, std::string("123e4567-e89b-12d3") + "-a456-426614174000", Drop::sample,
          "access_token: \""}});
}

TEST_CASE("the entropy bar follows the alphabet and the length") {
  // Four different characters of sixteen, in no order that another test knows.
  check({{RuleKind::context, "a1f1a0f0a1a0f1f0", Drop::low_entropy},
         {RuleKind::context, drawn("abcdefghijkl", 12), Drop::none}});
  const std::string hex = drawn(kHexDigits, 32);
  Candidate made = candidate(RuleKind::context, hex);
  // More than hexadecimal can have: heeded only as far as random values pass.
  made.min_entropy = 4.5;
  CHECK(judge(made) == Drop::none);
}

TEST_CASE("entropy is counted in bits per byte") {
  CHECK(entropy("") == 0.0);
  CHECK(entropy("aaaa") == 0.0);
  CHECK(entropy("abab") == Approx(1.0));
  CHECK(entropy("abcdefgh") == Approx(3.0));
  CHECK(entropy(std::string(500, 'a') + std::string(500, 'b')) == Approx(1.0));
}

TEST_CASE("every drop has a name of its own") {
  for (std::size_t one = 0; one < kDrops; ++one) {
    for (std::size_t two = 0; two < one; ++two) {
      CHECK(to_string(static_cast<Drop>(one)) != to_string(static_cast<Drop>(two)));
    }
  }
}

TEST_CASE("random bodies pass: at most 0.2 % dropped for tokens, 0.5 % for context and generic") {
  struct Alphabet {
    const char* name;
    std::string_view letters;
    std::size_t size;
  };
  constexpr Alphabet kAlphabets[] = {{"hex 32", kHexDigits, 32},
                                     {"base62 20", kBase62, 20},
                                     {"base62 32", kBase62, 32},
                                     {"base62 40", kBase62, 40},
                                     {"base64 40", kBase64, 40}};
  constexpr int kBodies = 20000;
  for (const Alphabet& alphabet : kAlphabets) {
    DYNAMIC_SECTION(alphabet.name) {
      std::mt19937_64 source(2024);
      int token = 0;
      int context = 0;
      int generic = 0;
      int password = 0;
      for (int i = 0; i < kBodies; ++i) {
        const std::string body = drawn(alphabet.letters, alphabet.size, source);
        token += judge(candidate(RuleKind::token, body)) != Drop::none;
        context += judge(candidate(RuleKind::context, body, "api_key = \"", "\"")) != Drop::none;
        generic += judge(candidate(RuleKind::generic, body, "api_key = \"", "\"")) != Drop::none;
        password += judge(candidate(RuleKind::password, body, "redis://:", "@host")) != Drop::none;
      }
      CHECK(token <= kBodies * 2 / 1000);
      CHECK(context <= kBodies * 5 / 1000);
      CHECK(generic <= kBodies * 5 / 1000);
      CHECK(password <= kBodies * 2 / 1000);
    }
  }
}

TEST_CASE("hostile bytes are judged without harm") {
  std::mt19937_64 source(7);
  constexpr std::string_view kMarks = "${}%<>[]():@#!._-\"'\\ \n\t/+=*xX09azAZ\xe2\x80\xa6\xff";
  std::size_t judged = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string secret = drawn(kMarks, source() % 40, source);
    const std::string before = drawn(kMarks, source() % 130, source);
    const std::string behind = drawn(kMarks, source() % 10, source);
    for (const RuleKind kind :
         {RuleKind::block, RuleKind::token, RuleKind::context, RuleKind::password, RuleKind::generic}) {
      Candidate made = candidate(kind, secret, before, behind);
      made.public_prefix = static_cast<std::uint32_t>(source() % 50);
      judged += static_cast<std::size_t>(judge(made)) < kDrops;
    }
  }
  CHECK(judged == 100000);
}

}  // namespace keytrail::engine
