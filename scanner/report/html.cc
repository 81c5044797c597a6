// The HTML report: one file that fetches nothing and works from a disk.
//
// The page is three files of scanner/report/html and two JSON blocks: the JSON report as it is, and what its rules say.
// Data and code stay apart: nothing of the data is ever markup, the script makes text nodes of it, and the policy in
// the head lets exactly this script and this style run, by their hashes, and nothing be loaded.
#include <ostream>
#include <set>
#include <streambuf>
#include <string>

#include "scanner/base/hash.h"
#include "scanner/report/formats.h"
#include "scanner/report/html_assets.h"
#include "scanner/report/json_writer.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::report {
namespace {

// Writes on with every '<' as \u003c: in JSON it stands in texts alone, and in a page it could end the block.
class WithoutTags : public std::streambuf {
 public:
  explicit WithoutTags(std::streambuf& target) : target_(target) {}

 protected:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char byte = traits_type::to_char_type(c);
    return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
  }
  std::streamsize xsputn(const char* bytes, std::streamsize size) override {
    constexpr std::string_view kEscape = "\\u003c";
    std::string_view rest(bytes, static_cast<std::size_t>(size));
    while (!rest.empty()) {
      const std::size_t plain = std::min(rest.find('<'), rest.size());
      if (!put(rest.substr(0, plain))) return 0;
      rest.remove_prefix(plain);
      if (rest.empty()) break;
      if (!put(kEscape)) return 0;
      rest.remove_prefix(1);
    }
    return size;
  }

 private:
  bool put(std::string_view text) {
    const auto size = static_cast<std::streamsize>(text.size());
    return target_.sputn(text.data(), size) == size;
  }

  std::streambuf& target_;
};

std::string source_hash(std::string_view content) {
  const Sha256Digest digest = sha256(content);
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  return "'sha256-" + ruleset::encode_base64(bytes, false) + "'";
}

// What a reader is told of the rules that found something.
void write_rules(const Job& job, std::ostream& out) {
  std::set<std::string_view> ids;
  for (const core::Finding& finding : job.report.findings) ids.insert(finding.rule);
  JsonWriter json(out);
  json.begin_array();
  for (const std::string_view id : ids) {
    const ruleset::Rule* rule = job.rules.find(id);
    if (rule == nullptr) continue;
    json.begin_object();
    json.member("id", id);
    json.member("description", rule->description);
    json.member("rotate", rule->rotate);
    json.end_object();
  }
  json.end_array();
  out << '\n';
}

void write_data(std::string_view id, const Job& job, std::ostream& out, void (*write)(const Job&, std::ostream&)) {
  out << "<script type=\"application/json\" id=\"" << id << "\">\n";
  WithoutTags filter(*out.rdbuf());
  std::ostream data(&filter);
  write(job, data);
  if (!data) out.setstate(std::ios::badbit);
  out << "</script>\n";
}

}  // namespace

void write_html(const Job& job, std::ostream& out) {
  out << "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action "
         "'none'; "
         "style-src "
      << source_hash(kHtmlStyle) << "; script-src " << source_hash(kHtmlScript)
      << "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<title>keytrail report</title>\n<style>"
      << kHtmlStyle << "</style>\n</head>\n<body>\n"
      << kHtmlPage;
  // This page is made to be passed on: no values, also with --show-secrets.
  write_data("report", job, out, write_json_without_values);
  write_data("rules", job, out, write_rules);
  out << "<script>" << kHtmlScript << "</script>\n</body>\n</html>\n";
}

}  // namespace keytrail::report
