// keytrail_pack_rules OUT.cc FILE.toml...: checks the rule files together and writes a source file that holds their
// image (builtin_rules.h). A build step; a bad rule stops the build with its file and line.
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/file.h"
#include "scanner/ruleset/rules_toml.h"
#include "scanner/ruleset/ruleset.h"

namespace {

using keytrail::Result;
using keytrail::Status;
using keytrail::ruleset::Rule;
using keytrail::ruleset::RuleSet;

constexpr std::size_t kMaxFileBytes = 16U << 20U;
constexpr std::size_t kLineBytes = 100;

Result<RuleSet> read_all(const std::vector<std::string>& files) {
  std::vector<Rule> all;
  for (const std::string& file : files) {
    const Result<std::string> text = keytrail::read_file(file, kMaxFileBytes);
    if (!text) return text.error();
    Result<std::vector<Rule>> rules = keytrail::ruleset::parse_rules(*text, file);
    if (!rules) return rules.error();
    for (Rule& rule : *rules) all.push_back(std::move(rule));
  }
  return RuleSet::from_rules(std::move(all));
}

void append_escaped(std::string& out, char c) {
  const bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '?';
  if (plain) {
    out += c;
    return;
  }
  // Octal, three digits: unlike a hexadecimal escape it ends by itself.
  const auto byte = static_cast<unsigned char>(c);
  out += '\\';
  for (const unsigned shift : {6U, 3U, 0U}) out += static_cast<char>('0' + (byte >> shift & 7U));
}

std::string source_of(std::string_view image) {
  std::string out =
      "// Written by keytrail_pack_rules.\n#include \"scanner/ruleset/builtin_rules.h\"\n\n"
      "namespace keytrail::ruleset {\nnamespace {\n\nconstexpr char kImage[] =";
  for (std::size_t at = 0; at < image.size(); at += kLineBytes) {
    out += "\n    \"";
    for (const char c : image.substr(at, kLineBytes)) append_escaped(out, c);
    out += '"';
  }
  return out +
         ";\n\n}  // namespace\n\nstd::string_view builtin_rules_image() { return {kImage, sizeof(kImage) - 1}; }\n\n"
         "}  // namespace keytrail::ruleset\n";
}

int fail(const keytrail::Error& error) {
  std::fprintf(stderr, "%s\n", error.describe().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: keytrail_pack_rules OUT.cc FILE.toml...\n", stderr);
    return 2;
  }
  const Result<RuleSet> rules = read_all(std::vector<std::string>(argv + 2, argv + argc));
  if (!rules) return fail(rules.error());
  if (Status status = keytrail::write_file_atomically(argv[1], source_of(rules->serialise())); !status) {
    return fail(status.error());
  }
  return 0;
}
