#include "scanner/ruleset/checks.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/encode.h"
#include "tests/support/made_text.h"

namespace keytrail::ruleset {
namespace {

using tests::text;

std::string base64(std::string_view bytes, bool url = true) { return tests::base64(bytes, url, !url); }

// Secrets stand here in pieces, so that none is in the text of this file. Checksums and encodings were computed by
// other programs (zlib, Python's base64), not by the code under test.
using Facts = std::vector<core::Fact>;

struct Row {
  const char* name;
  std::string secret;
  CheckOutcome want;
  Facts facts = {};
};

void run_rows(CheckId check, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const CheckResult result = run_check(check, row.secret, row.secret);
      CHECK(result.outcome == row.want);
      CHECK(result.facts == row.facts);
    }
  }
}

constexpr CheckOutcome kPassed = CheckOutcome::passed;
constexpr CheckOutcome kFailed = CheckOutcome::failed;
constexpr CheckOutcome kNotSecret = CheckOutcome::not_secret;

// Lines of base64 that differ from each other.
std::string body_lines(int lines, const std::string& end, int width = 64) {
  std::string out;
  for (int i = 0; i < lines; ++i) {
    std::string bytes;
    for (int k = 0; k < 48; ++k) bytes += static_cast<char>(k * 89 + i * 31 + k * k * 7);
    out += base64(bytes, false).substr(0, static_cast<std::size_t>(width)) + end;
  }
  return out;
}

TEST_CASE("every check has a name that is read back") {
  for (int i = 0; i <= static_cast<int>(kLastCheck); ++i) {
    const auto check = static_cast<CheckId>(i);
    CHECK(parse_check(to_string(check)) == check);
  }
  CHECK(parse_check("github-crc32") == CheckId::github_crc32);
  CHECK(!parse_check("github_crc32").has_value());
  CHECK(!parse_check("").has_value());
  CHECK(run_check(CheckId::none, "x", "x").outcome == kPassed);
}

TEST_CASE("GitHub's tokens end in the CRC-32 of their body") {
  const std::string body = text({"0r0J6qeorVK6tP", "uKL3H1GTKBY6QpRC"});
  const std::string longer =
      text({"tKoYnDdFbvIFAzn8", "RhNXoFAASuJuKbEV", "JH3yH2J61ZpZkTo6", "omlWiWi5eIlMjiMY1QarRw"});
  run_rows(CheckId::github_crc32, {{"personal", text({"ghp", "_"}) + body + "4HKqpi", kPassed},
                                   {"the prefix does not count", text({"gho", "_"}) + body + "4HKqpi", kPassed},
                                   {"another body", text({"ghp", "_"}) + "1" + body.substr(1) + "4HKqpi", kFailed},
                                   {"another checksum", text({"ghp", "_"}) + body + "4HKqpj", kFailed},
                                   {"short", text({"ghp", "_"}) + body + "4HKqp", kFailed},
                                   {"refresh", text({"ghr", "_"}) + longer + "2amEnP", kPassed},
                                   {"bad refresh", text({"ghr", "_"}) + longer + "2amEnQ", kFailed},
                                   {"no prefix", body + "4HKqpi", kFailed},
                                   {"empty", "", kFailed}});
}

TEST_CASE("GitHub's stateless tokens hold a JSON Web Token") {
  const std::string jwt = base64(R"({"alg":"RS256"})") + "." + base64(R"({"iss":"123"})") + ".c2ln";
  run_rows(CheckId::github_crc32,
           {{"stateless", text({"ghs", "_123_"}) + jwt, kPassed, {{"iss", "123"}, {"alg", "RS256"}}},
            {"damaged", text({"ghs", "_123_"}) + jwt.substr(0, 30), kFailed}});
}

TEST_CASE("npm's tokens end in the CRC-32 of their body") {
  const std::string body = text({"Yt8tRla84HCkwyN", "YD7XnHjoulDkfmd"});
  run_rows(CheckId::npm_crc32, {{"good", text({"npm", "_"}) + body + "3keWnX", kPassed},
                                {"bad", text({"npm", "_"}) + body + "3keWnx", kFailed},
                                {"long", text({"npm", "_"}) + body + "3keWnX0", kFailed},
                                {"prefix", text({"ghp", "_"}) + body + "3keWnX", kFailed}});
}

TEST_CASE("Grafana's tokens end in a little-endian CRC-32") {
  const std::string token = text({"glsa", "_", "zA6VRLrUiOqxioWa", "di6zpHBvGqf3rCBx"});
  run_rows(CheckId::grafana_crc32, {{"good", token + "_134adad9", kPassed},
                                    {"big-endian", token + "_d9da4a13", kFailed},
                                    {"upper case", token + "_134ADAD9", kFailed},
                                    {"no checksum", token, kFailed}});
}

TEST_CASE("GitLab's routable tokens hold their length and CRC-32") {
  const std::string token = text({"glpat", "-", "XVTXDj7YyjJDIQiUUz", "9ap286MQp1OjJzCA"});
  run_rows(CheckId::gitlab_routable, {{"good", token + ".01.0y1m3hf4a", kPassed, {{"org", "1"}, {"user_id", "100"}}},
                                      {"another checksum", token + ".01.0y1m3hf4b", kFailed},
                                      {"another length", token + ".01.0z1m3hf4a", kFailed},
                                      {"another version", token + ".02.0y1m3hf4a", kFailed},
                                      {"cut", token + ".01.0y1m3hf4", kFailed},
                                      {"not routable", token, kFailed},
                                      {"dots alone", "glpat-.01.0y1m3hf4a", kFailed},
                                      {"empty", "", kFailed}});
}

TEST_CASE("an AWS key id tells its account") {
  run_rows(CheckId::aws_key_id,
           {{"account", text({"AKIA", "RZPUZDIK", "AXDI35FW"}), kPassed, {{"account", "123456789012"}}},
            {"temporary", text({"ASIA", "RZPUZDIK", "AXDI35FW"}), kPassed, {{"account", "123456789012"}}},
            {"small account", text({"AKIA", "QAAAAAAQ", "AAAAAAAA"}), kPassed, {{"account", "000000000032"}}},
            {"older than the scheme", text({"AKIA", "IZPUZDIK", "AXDI35FW"}), kPassed},
            {"older, J", text({"AKIA", "JZPUZDIK", "AXDI35FW"}), kPassed},
            {"thirteen digits", text({"AKIA", "77777777", "77777777"}), kFailed},
            {"no base32", text({"AKIA", "RZPUZDI1", "AXDI35FW"}), kFailed},
            {"short", text({"AKIA", "RZPUZDIK"}), kFailed}});
}

TEST_CASE("a JSON Web Token is read") {
  const std::string header = base64(R"({"alg":"HS256","kid":"k1"})");
  const std::string payload = base64(R"({"iss":"i","sub":"s","aud":["a","b"],"jti":"t","exp":1700000000})");
  const Facts facts = {{"iss", "i"},  {"sub", "s"},    {"aud", "a, b"}, {"jti", "t"}, {"exp", "2023-11-14T22:13:20Z"},
                       {"kid", "k1"}, {"alg", "HS256"}};
  const std::string empty = base64("{}");
  const auto with_payload = [&](std::string_view json) { return header + "." + base64(json) + ".c2ln"; };
  const Facts plain = {{"kid", "k1"}, {"alg", "HS256"}};
  const auto exp_facts = [&](const char* exp) { return Facts{{"exp", exp}, plain[0], plain[1]}; };
  run_rows(CheckId::jwt,
           {{"signed", header + "." + payload + ".c2ln", kPassed, facts},
            {"the first moment", with_payload(R"({"exp":0})"), kPassed, exp_facts("1970-01-01T00:00:00Z")},
            {"a fraction", with_payload(R"({"exp":951782400.7})"), kPassed, exp_facts("2000-02-29T00:00:00Z")},
            {"an end past every year", with_payload(R"({"exp":1e300})"), kPassed, plain},
            {"an end before all", with_payload(R"({"exp":-5})"), kPassed, plain},
            {"an end that is a text", with_payload(R"({"exp":"never"})"), kPassed, plain},
            {"a number out of range", with_payload(R"({"exp":1e999})"), kFailed},
            {"a long value is cut",
             with_payload("{\"sub\":\"" + std::string(300, 'q') + "\"}"),
             kPassed,
             {{"sub", std::string(100, 'q')}, plain[0], plain[1]}},
            {"control characters",
             with_payload("{\"sub\":\"a\\u001b[1m\\nb\"}"),
             kPassed,
             {{"sub", "a?[1m?b"}, plain[0], plain[1]}},
            {"encrypted", base64(R"({"alg":"dir","enc":"A256GCM"})") + "..aXY.Y3Q.dGFn", kPassed, {{"alg", "dir"}}},
            {"five parts without enc", header + "..aXY.Y3Q.dGFn", kFailed},
            {"payload that is no JSON", with_payload("hello"), kFailed},
            {"payload that is an array", with_payload("[1]"), kFailed},
            {"no alg", base64(R"({"typ":"JWT"})") + "." + payload + ".c2ln", kFailed},
            {"alg that is no text", base64(R"({"alg":1})") + "." + payload + ".c2ln", kFailed},
            {"two parts", header + "." + payload, kFailed},
            {"four parts", header + "." + payload + ".a.b", kFailed},
            {"header cut", header.substr(1) + "." + payload + ".c2ln", kFailed},
            {"deep", with_payload(std::string(20000, '[')), kFailed},
            {"empty objects", empty + "." + empty + ".", kFailed},
            {"empty", "", kFailed}});
}

TEST_CASE("base64 of a JSON object is found behind a prefix") {
  const std::string json = base64(R"({"o":"123456","n":"x","m":{"r":"us}"}})", false);
  const Facts facts = {{"org", "123456"}, {"name", "x"}, {"region", "us}"}};
  run_rows(CheckId::base64_json, {{"prefix", "glc_" + json, kPassed, facts},
                                  {"alone", json, kPassed, facts},
                                  {"URL alphabet", "ops_" + base64("{\"a\":\"\xC3\xBF\xC3\xBF?a?>>~~>\"}"), kPassed},
                                  {"with a signature", "sntrys_" + json + "_abcdefghijkl", kPassed, facts},
                                  {"behind a dot", "pk." + json + ".xyz", kPassed, facts},
                                  {"white space first", base64("{\n \"a\": 1}", false), kPassed, {{"token_id", "1"}}},
                                  {"cut", "glc_" + json.substr(0, json.size() - 8), kFailed},
                                  {"no JSON", "glc_eyJhYmNkZWZnaGlqa2xtbm9w", kFailed},
                                  {"an array", "glc_" + base64("[1,2,3]"), kFailed},
                                  {"brace that closes nothing", "glc_" + base64("}{\"a\":1}"), kFailed},
                                  {"empty", "", kFailed}});
}

TEST_CASE("a number's last digit is its Luhn digit") {
  run_rows(CheckId::luhn, {{"good", text({"4539", "1488", "0343", "6467"}), kPassed},
                           {"with spaces", "79927 398 713", kPassed},
                           {"with hyphens", "7992-7398-713", kPassed},
                           {"another digit", "79927398710", kFailed},
                           {"letters", "7992739871x", kFailed},
                           {"zeros", "0000000000", kFailed},
                           {"short", "18", kFailed}});
}

TEST_CASE("a Slack token holds its team's number") {
  const std::string end = text({"abcdefGHIJ", "klmnop4829"});
  run_rows(CheckId::slack_parts,
           {{"bot",
             "xoxb-" + text({"2837465", "01928"}) + "-" + text({"483726", "1950472"}) + "-" + end,
             kPassed,
             {{"team_id", "283746501928"}, {"user_id", "4837261950472"}}},
            {"old bot", "xoxb-" + text({"283746", "501"}) + "-" + end, kPassed},
            {"app", "xapp-1-A0123BCDE-" + text({"48372", "61950472"}) + "-" + end, kPassed, {{"app_id", "A0123BCDE"}}},
            {"app without a number of its own", "xapp-" + text({"48372", "61950472"}) + "-" + end, kPassed},
            {"refresh", "xoxe-1-" + end, kPassed},
            {"counted", "xoxb-123456789012-1234567890123-" + end, kFailed},
            {"zeros", "xoxb-000000000000-000000000000-" + end, kFailed},
            {"words", "xoxb-not-a-real-token-at-all-whatever", kFailed},
            {"no end", "xoxb-283746501928-4837261950472-", kFailed},
            {"empty", "", kFailed}});
}

TEST_CASE("a PEM block holds a key or nothing") {
  const std::string begin = text({"-----BEGIN ", "RSA PRIVATE KEY-----"});
  const std::string end = text({"-----END ", "RSA PRIVATE KEY-----"});
  const Facts encrypted = {{"encrypted", "yes"}};
  const std::string openssh = text({"-----BEGIN ", "OPENSSH PRIVATE KEY-----\n"});
  const auto ssh_body = [](std::string_view cipher) {
    const std::string start = std::string("openssh-key-v1\0\0\0", 17) + '\0' + static_cast<char>(cipher.size());
    return base64(start + std::string(cipher) + std::string("\0\0\0\4none\0\0\0\0\0\0\0\1 and more of it", 32), false) +
           "\n";
  };
  run_rows(
      CheckId::pem,
      {{"lines", begin + "\n" + body_lines(3, "\n") + end, kPassed},
       {"no end", begin + "\n" + body_lines(2, "\n"), kPassed},
       {"escaped line ends", begin + "\\n" + body_lines(3, "\\n") + end, kPassed},
       {"twice escaped", begin + "\\\\n" + body_lines(3, "\\\\n") + end, kPassed},
       {"indented, CRLF", begin + "\r\n    " + body_lines(3, "\r\n    ") + end, kPassed},
       {"joined texts", "\"" + begin + "\\n\" +\n  \"" + body_lines(3, "\\n\" +\n  \"") + end + "\"", kPassed},
       {"comments", begin + "\n// " + body_lines(3, "\n// ") + end, kPassed},
       {"one line", begin + body_lines(3, "") + end, kPassed},
       {"spaces for lines", begin + " " + body_lines(3, " ") + end, kPassed},
       {"narrow lines", begin + "\n" + body_lines(3, "\n", 20) + end, kPassed},
       {"forty characters", begin + "\n" + body_lines(1, "\n", 40) + end, kPassed},
       {"thirty-nine", begin + "\n" + body_lines(1, "\n", 39) + end, kNotSecret},
       {"header alone", begin, kNotSecret},
       {"header and footer", begin + "\n" + end, kNotSecret},
       {"code", "\"" + begin + "\";\nstatic const char kSomeOtherNameOfTwentyLetters[] = \"" + end + "\";", kNotSecret},
       {"prose", begin + " is what the first line of such a file looks like in every case that anybody has seen",
        kNotSecret},
       {"dots", begin + "\n...\n" + end, kNotSecret},
       {"placeholder", begin + "\n" + std::string(64, 'x') + "\n" + std::string(64, 'x') + "\n" + end, kNotSecret},
       {"encrypted by its header",
        begin + "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n" + body_lines(3, "\n") + end, kPassed,
        encrypted},
       {"the same, escaped",
        begin + "\\nProc-Type: 4,ENCRYPTED\\nDEK-Info: AES-128-CBC,0A1B\\n\\n" + body_lines(3, "\\n") + end, kPassed,
        encrypted},
       {"encrypted by its label", text({"-----BEGIN ", "ENCRYPTED PRIVATE KEY-----\n"}) + body_lines(3, "\n"), kPassed,
        encrypted},
       {"OpenSSH, no cipher", openssh + ssh_body("none"), kPassed},
       {"OpenSSH, a cipher", openssh + ssh_body("aes256-ctr"), kPassed, encrypted},
       {"PGP with a header",
        text({"-----BEGIN ", "PGP PRIVATE KEY BLOCK-----\nVersion: 1 x\n\n"}) + body_lines(3, "\n"), kPassed},
       {"no header", body_lines(3, "\n"), kFailed},
       {"label without an end", text({"-----BEGIN ", "RSA"}), kFailed}});
  const std::string label = text({"-----BEGIN ", "ENCRYPTED PRIVATE KEY-----\n"});
  CHECK(run_check(CheckId::pem, label + body_lines(3, "\n"), label).severity == core::Severity::medium);
  CHECK(!run_check(CheckId::pem, begin + body_lines(3, "\n"), begin).severity.has_value());
}

TEST_CASE("a slash that JSON escaped belongs to the body") {
  const std::string begin = text({"-----BEGIN ", "RSA PRIVATE KEY-----\\n"});
  const std::string piece = "abcdefghij0123";
  CHECK(run_check(CheckId::pem, begin + piece + "\\/" + piece + "\\/" + piece + "\\n", begin).outcome == kPassed);
}

}  // namespace
}  // namespace keytrail::ruleset
