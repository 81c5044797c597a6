#include <ostream>

#include "scanner/report/finding_json.h"
#include "scanner/report/formats.h"
#include "scanner/report/json_writer.h"
#include "scanner/report/token_report.h"

namespace keytrail::report {

namespace {

enum class Values : std::uint8_t { where_asked_for, never };

void write_report(const Job& job, Values values, std::ostream& out) {
  constexpr std::size_t kDepth = 4;  // report, findings, one finding, its occurrences: each of them on one line
  JsonWriter json(out, kDepth);
  json.begin_object();
  write_header_members(job, json);
  json.begin_array("findings");
  for (const core::Finding& finding : job.report.findings) {
    json.begin_object();
    write_finding_members(finding, job.rules, json);
    if (values == Values::where_asked_for && !finding.secret.empty()) json.member("value", finding.secret);
    json.end_object();
  }
  json.end_array();
  json.begin_array("tokens");
  for (const core::TokenStatus& status : job.report.tokens) {
    json.begin_object();
    write_token_members(status, json);
    json.end_object();
  }
  json.end_array();
  json.begin_array("skipped");
  for (const core::Skip& skip : job.report.skips) {
    json.begin_object();
    write_skip_members(skip, json);
    json.end_object();
  }
  json.end_array();
  write_result_members(job.report, json);
  json.end_object();
  out << '\n';
}

}  // namespace

void write_json(const Job& job, std::ostream& out) { write_report(job, Values::where_asked_for, out); }
void write_json_without_values(const Job& job, std::ostream& out) { write_report(job, Values::never, out); }

void write_jsonl(const Job& job, std::ostream& out) {
  const auto write_line = [&](std::string_view type, const auto& write_members) {
    JsonWriter json(out);
    json.begin_object();
    json.member("type", type);
    write_members(json);
    json.end_object();
    out << '\n';
  };
  for (const core::Finding& finding : job.report.findings) {
    write_line("finding", [&](JsonWriter& json) {
      write_finding_members(finding, job.rules, json);
      if (!finding.secret.empty()) json.member("value", finding.secret);
    });
  }
  for (const core::TokenStatus& status : job.report.tokens) {
    write_line("token", [&](JsonWriter& json) { write_token_members(status, json); });
  }
  for (const core::Skip& skip : job.report.skips) {
    write_line("skip", [&](JsonWriter& json) { write_skip_members(skip, json); });
  }
  write_line("summary", [&](JsonWriter& json) {
    write_header_members(job, json);
    write_result_members(job.report, json);
  });
}

}  // namespace keytrail::report
