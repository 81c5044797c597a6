#include "scanner/report/report.h"

#include <array>
#include <ostream>

#include "scanner/report/formats.h"

namespace keytrail::report {
namespace {

struct Writer {
  Format format;
  std::string_view name;
  void (*write)(const Job& job, std::ostream& out);
};

constexpr std::array kWriters = {
    Writer{Format::text, "text", write_text},
    Writer{Format::json, "json", write_json},
    Writer{Format::jsonl, "jsonl", write_jsonl},
    Writer{Format::sarif, "sarif", write_sarif},
    Writer{Format::csv, "csv", write_csv},
    Writer{Format::html, "html", write_html},
    Writer{Format::github, "github", write_github},
    Writer{Format::gitlab, "gitlab", write_gitlab},
    Writer{Format::junit, "junit", write_junit},
    Writer{Format::sonarqube, "sonarqube", write_sonarqube},
    Writer{Format::markdown, "markdown", write_markdown},
};

}  // namespace

std::optional<Format> parse_format(std::string_view name) {
  for (const Writer& writer : kWriters) {
    if (writer.name == name) return writer.format;
  }
  return std::nullopt;
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  names.reserve(std::size(kWriters));
  for (const Writer& writer : kWriters) names.push_back(writer.name);
  return names;
}

Status write(Format format, const core::ScanReport& report, const ruleset::RuleSet& rules, const RenderOptions& options,
             std::ostream& out) {
  for (const Writer& writer : kWriters) {
    if (writer.format != format) continue;
    writer.write(Job{report, rules, options}, out);
    out.flush();
    if (!out) return make_error(ErrorCode::internal, "cannot write the report", std::string(writer.name));
    return {};
  }
  return make_error(ErrorCode::internal, "no writer for this report format");
}

}  // namespace keytrail::report
