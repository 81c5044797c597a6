#include <algorithm>
#include <functional>
#include <map>
#include <ostream>

#include "scanner/base/dates.h"
#include "scanner/report/inventory_report.h"
#include "scanner/report/json_writer.h"
#include "scanner/report/text_style.h"
#include "scanner/report/unicode.h"

namespace keytrail::report {
namespace {

using core::Instant;
using core::TokenStatus;
using core::VerdictKind;

constexpr Instant kDay = 86400;
constexpr Instant kSoonDays = 30;

bool in_use(const core::Token& token) {
  return token.state != core::TokenState::revoked && token.state != core::TokenState::expired;
}

AuditRow row_of(const TokenStatus& status, std::string detail) {
  return {status.token.id, status.token.service, status.token.owner, std::move(detail)};
}

AuditSection section_of(VerdictKind kind, const char* title, const std::vector<TokenStatus>& tokens) {
  AuditSection section{std::string(core::to_string(kind)), title, {}};
  for (const TokenStatus& status : tokens) {
    for (const core::Verdict& verdict : status.verdicts) {
      if (verdict.kind != kind) continue;
      section.rows.push_back(
          row_of(status, verdict.exception.empty() ? verdict.reason : verdict.reason + " (" + verdict.exception + ")"));
    }
  }
  return section;
}

AuditSection due_section(const std::vector<TokenStatus>& tokens, Instant now) {
  AuditSection section{"due", "Due within 30 days", {}};
  for (const DueItem& item : due_items(tokens, now, now + kSoonDays * kDay)) {
    if (item.overdue) continue;
    section.rows.push_back(row_of(*item.status, std::string(item.action) + " by " + utc_day(item.when.value_or(now))));
  }
  return section;
}

AuditSection entries_section(const char* id, const char* title, const std::vector<TokenStatus>& tokens,
                             const std::function<std::string(const TokenStatus&)>& detail_of) {
  AuditSection section{id, title, {}};
  for (const TokenStatus& status : tokens) {
    if (!in_use(status.token)) continue;
    if (std::string detail = detail_of(status); !detail.empty())
      section.rows.push_back(row_of(status, std::move(detail)));
  }
  return section;
}

std::string missing_of(const TokenStatus& status) {
  std::string list;
  for (const std::string& field : status.missing) list += (list.empty() ? "lacks " : ", ") + field;
  return list;
}

std::string storage_of(const TokenStatus& status) {
  if (status.in_secret_store) return {};
  return status.token.storage.empty() ? "kept nobody knows where" : "kept in " + status.token.storage;
}

AuditSection scanned_section(const char* id, const char* title, const std::vector<ScannedSecret>& scanned,
                             const std::function<bool(const ScannedSecret&)>& wanted) {
  AuditSection section{id, title, {}};
  for (const ScannedSecret& secret : scanned) {
    if (wanted(secret)) section.rows.push_back({secret.token, {}, {}, secret.where + ": " + secret.detail});
  }
  return section;
}

bool is_compliant(const TokenStatus& status, const std::vector<std::string>& leaked) {
  if (std::binary_search(leaked.begin(), leaked.end(), status.token.id)) return false;
  return std::none_of(status.verdicts.begin(), status.verdicts.end(), [](const core::Verdict& verdict) {
    if (!verdict.exception.empty()) return false;
    return verdict.kind == VerdictKind::never_rotated || verdict.kind == VerdictKind::rotation_overdue ||
           verdict.kind == VerdictKind::expired_active || (verdict.kind == VerdictKind::leaked && verdict.open);
  });
}

std::vector<Compliance> listed(const std::map<std::string, Compliance>& groups) {
  std::vector<Compliance> list;
  list.reserve(groups.size());
  for (const auto& [name, compliance] : groups) list.push_back(compliance);
  return list;
}

void add_compliance(AuditReport& report, const std::vector<TokenStatus>& tokens,
                    const std::vector<ScannedSecret>* scanned) {
  std::vector<std::string> leaked;
  if (scanned != nullptr) {
    for (const ScannedSecret& secret : *scanned) {
      if (secret.open && secret.kind == "leaked") leaked.push_back(secret.token);
    }
  }
  std::sort(leaked.begin(), leaked.end());
  std::map<std::string, Compliance> owners, services;
  report.all.name = "all";
  for (const TokenStatus& status : tokens) {
    if (!in_use(status.token)) continue;
    Compliance& owner = owners[status.token.owner];
    Compliance& service = services[status.token.service];
    owner.name = status.token.owner;
    service.name = status.token.service;
    const std::uint64_t good = is_compliant(status, leaked) ? 1 : 0;
    for (Compliance* group : {&report.all, &owner, &service}) {
      ++group->tokens;
      group->compliant += good;
    }
  }
  report.by_owner = listed(owners);
  report.by_service = listed(services);
}

// Tenths of a per cent, rounded down: 100 only when all are.
std::string percent_of(const Compliance& group) {
  const std::uint64_t tenths = group.tokens == 0 ? 1000 : group.compliant * 1000 / group.tokens;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string name_of(const Compliance& group) { return group.name.empty() ? "(none)" : group.name; }

void write_compliance_text(const char* title, const std::vector<Compliance>& groups, std::ostream& out) {
  out << "\n" << title << "\n";
  for (const Compliance& group : groups) {
    out << "  " << visible(name_of(group)) << "  " << grouped(group.compliant) << " of " << grouped(group.tokens)
        << ", " << percent_of(group) << "\n";
  }
}

void write_compliance_markdown(const char* title, const std::vector<Compliance>& groups, std::ostream& out) {
  out << "\n## Compliance by " << title << "\n\n| " << title
      << " | tokens | compliant | share |\n| --- | ---: | ---: | ---: |\n";
  for (const Compliance& group : groups) {
    out << "| " << markdown_cell(name_of(group)) << " | " << group.tokens << " | " << group.compliant << " | "
        << percent_of(group) << " |\n";
  }
}

void write_compliance_json(std::string_view name, const std::vector<Compliance>& groups, JsonWriter& json) {
  json.begin_array(name);
  for (const Compliance& group : groups) {
    json.begin_object();
    json.member_or_null("name", group.name);
    json.member("tokens", group.tokens);
    json.member("compliant", group.compliant);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

AuditReport make_audit(const std::vector<TokenStatus>& tokens, const std::vector<ScannedSecret>* scanned,
                       bool quarterly, Instant now) {
  AuditReport report;
  report.period = quarterly ? "quarterly" : "monthly";
  report.now = now;
  report.tokens = tokens.size();
  add_compliance(report, tokens, scanned);
  auto& sections = report.sections;
  if (scanned != nullptr) {
    sections.push_back(scanned_section("leaked", "Leaked and still open", *scanned,
                                       [](const ScannedSecret& s) { return s.open && s.kind == "leaked"; }));
    sections.push_back(scanned_section("untracked", "Found in text and in no inventory", *scanned,
                                       [](const ScannedSecret& s) { return s.kind == "untracked"; }));
  }
  sections.push_back(due_section(tokens, now));
  sections.push_back(section_of(VerdictKind::rotation_overdue, "Overdue for rotation", tokens));
  sections.push_back(section_of(VerdictKind::never_rotated, "Never rotated", tokens));
  sections.push_back(section_of(VerdictKind::expired_active, "Expired, but not known to be", tokens));
  if (!quarterly) return report;
  sections.push_back(section_of(VerdictKind::unused, "Unused", tokens));
  sections.push_back(section_of(VerdictKind::no_owner, "Without an owner", tokens));
  sections.push_back(section_of(VerdictKind::over_privileged, "Over-privileged", tokens));
  sections.push_back(section_of(VerdictKind::shared, "Shared", tokens));
  sections.push_back(section_of(VerdictKind::reused, "One value in several places", tokens));
  sections.push_back(entries_section("not-in-secret-store", "Not in a secret store", tokens, storage_of));
  sections.push_back(
      entries_section("incomplete-entry", "Entries that lack what the policy requires", tokens, missing_of));
  return report;
}

std::string markdown_cell(std::string_view text) {
  std::string cell;
  for (const char c : visible(text)) {
    if (c == '<') {
      cell += "&lt;";
      continue;
    }
    if (c == '&') {
      cell += "&amp;";
      continue;
    }
    if (std::string_view("\\`*_[]|~#!@").find(c) != std::string_view::npos) cell += '\\';
    cell += c;
  }
  return cell;
}

void write_audit_text(const AuditReport& report, std::ostream& out) {
  out << "Audit (" << report.period << ") of " << visible(report.inventory) << ", as of " << utc_time(report.now)
      << "\npolicy: " << visible(report.policy) << "\n"
      << grouped(report.tokens) << " tokens, " << grouped(report.all.tokens) << " in use, "
      << grouped(report.all.compliant) << " of these keep to the policy (" << percent_of(report.all) << ")\n";
  for (const AuditSection& section : report.sections) {
    out << "\n" << section.title << ": " << grouped(section.rows.size()) << "\n";
    for (const AuditRow& row : section.rows) {
      out << "  " << visible(row.token) << (row.token.empty() ? "" : "  ") << visible(row.detail) << "\n";
    }
  }
  write_compliance_text("Compliance by owner", report.by_owner, out);
  write_compliance_text("Compliance by service", report.by_service, out);
}

void write_audit_markdown(const AuditReport& report, std::ostream& out) {
  out << "# Token audit, " << report.period << ", " << utc_day(report.now) << "\n\n"
      << "Inventory: " << markdown_cell(report.inventory) << "  \nPolicy: " << markdown_cell(report.policy) << "\n\n"
      << grouped(report.tokens) << " tokens, " << grouped(report.all.tokens) << " in use, "
      << grouped(report.all.compliant) << " of these keep to the policy (" << percent_of(report.all) << ").\n";
  for (const AuditSection& section : report.sections) {
    out << "\n## " << section.title << " (" << section.rows.size() << ")\n";
    if (section.rows.empty()) {
      out << "\nNone.\n";
      continue;
    }
    out << "\n| done | token | service | owner | why |\n| --- | --- | --- | --- | --- |\n";
    for (const AuditRow& row : section.rows) {
      out << "| ☐ | " << markdown_cell(row.token) << " | " << markdown_cell(row.service) << " | "
          << markdown_cell(row.owner) << " | " << markdown_cell(row.detail) << " |\n";
    }
  }
  write_compliance_markdown("owner", report.by_owner, out);
  write_compliance_markdown("service", report.by_service, out);
}

void write_audit_json(const AuditReport& report, std::ostream& out) {
  constexpr std::size_t kDepth = 4;
  JsonWriter json(out, kDepth);
  json.begin_object();
  json.member("schema_version", std::uint64_t{1});
  json.member("period", report.period);
  json.member_or_null("inventory", report.inventory);
  json.member("policy", report.policy);
  json.member("now", utc_time(report.now));
  json.member("tokens", report.tokens);
  json.member("in_use", report.all.tokens);
  json.member("compliant", report.all.compliant);
  json.begin_object("sections");
  for (const AuditSection& section : report.sections) {
    json.begin_array(section.id);
    for (const AuditRow& row : section.rows) {
      json.begin_object();
      json.member_or_null("token", row.token);
      json.member("service", row.service);
      json.member("owner", row.owner);
      json.member("detail", row.detail);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  write_compliance_json("by_owner", report.by_owner, json);
  write_compliance_json("by_service", report.by_service, json);
  json.end_object();
  out << '\n';
}

}  // namespace keytrail::report
