#include "scanner/report/token_report.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <string_view>

#include "scanner/base/dates.h"
#include "scanner/report/unicode.h"

namespace keytrail::report {
namespace {

constexpr std::size_t kTokensShown = 10;

void write_instant(std::string_view name, const std::optional<core::Instant>& instant, JsonWriter& json) {
  json.member_or_null(name, instant ? utc_time(*instant) : std::string());
}

void write_truth(std::string_view name, const std::optional<bool>& truth, JsonWriter& json) {
  json.key(name);
  if (truth) {
    json.value(*truth);
  } else {
    json.null();
  }
}

bool is_leak(core::VerdictKind kind) { return kind <= core::VerdictKind::leaked_revoked; }

void write_dates(const core::Token& token, JsonWriter& json) {
  write_instant("created", token.created, json);
  write_instant("expires", token.expires, json);
  write_instant("last_rotated", token.last_rotated, json);
  write_instant("last_used", token.last_used, json);
  json.key("rotation_days");
  if (token.rotation_days) {
    json.value(std::uint64_t{*token.rotation_days});
  } else {
    json.null();
  }
}

}  // namespace

void write_verdict_members(const core::Verdict& verdict, JsonWriter& json) {
  json.member("kind", core::to_string(verdict.kind));
  json.member("priority", core::to_string(verdict.priority));
  json.member("open", verdict.open);
  json.member("probable", verdict.probable);
  json.member_or_null("token", verdict.token);
  json.member("reason", verdict.reason);
  json.member("rule", verdict.rule);
  write_instant("since", verdict.since, json);
  write_instant("due", verdict.due, json);
  json.member_or_null("exception", verdict.exception);
}

void write_judgement(const core::Finding& finding, JsonWriter& json) {
  json.key("token");
  if (finding.token) {
    json.begin_object();
    json.member("id", finding.token->token);
    json.member("value", std::uint64_t{finding.token->value});
    json.member("probable", finding.token->probable);
    json.member("joined_by", finding.token->joined_by);
    json.end_object();
  } else {
    json.null();
  }
  json.key("verdict");
  if (finding.verdict) {
    json.begin_object();
    write_verdict_members(*finding.verdict, json);
    json.end_object();
  } else {
    json.null();
  }
}

void write_token_members(const core::TokenStatus& status, JsonWriter& json) {
  const core::Token& token = status.token;
  json.member("id", token.id);
  json.member("service", token.service);
  json.member("provider", token.provider);
  json.member("kind", token.kind);
  json.member("environment", token.environment);
  json.member("purpose", token.purpose);
  json.member("owner", token.owner);
  json.member("backup_owner", token.backup_owner);
  json.member_list("access", token.access);
  json.member_list("scopes", token.scopes);
  write_truth("reaches_production", token.reaches_production, json);
  write_truth("regulated", token.regulated, json);
  write_truth("can_write", token.can_write, json);
  json.member("compliance", token.compliance);
  json.member("storage", token.storage);
  json.member("in_secret_store", status.in_secret_store);
  write_dates(token, json);
  json.member("state", core::to_string(token.state));
  json.member_list("dependents", token.dependents);
  json.member("last_four", token.values.empty() ? std::string() : token.values.front().last_four);
  json.member("tier", core::to_string(status.tier));
  json.member("tier_rule", status.tier_rule);
  write_instant("rotate_by", status.rotate_by, json);
  json.member_list("missing", status.missing);
  json.begin_array("verdicts");
  for (const core::Verdict& verdict : status.verdicts) {
    json.begin_object();
    write_verdict_members(verdict, json);
    json.end_object();
  }
  json.end_array();
}

std::string verdict_title(const core::Verdict& verdict) {
  std::string title = std::string(core::to_string(verdict.priority)) + " " + std::string(core::to_string(verdict.kind));
  if (is_leak(verdict.kind)) title += verdict.open ? ", open" : ", closed";
  if (verdict.probable) title += ", probable";
  if (!verdict.exception.empty()) title += ", " + visible(verdict.exception);
  return title;
}

std::vector<core::Fact> judgement_lines(const core::Finding& finding) {
  std::vector<core::Fact> lines;
  if (finding.token) lines.emplace_back("token", visible(finding.token->token));
  if (!finding.verdict) return lines;
  const core::Verdict& verdict = *finding.verdict;
  lines.emplace_back("verdict", verdict_title(verdict));
  lines.emplace_back("why", visible(verdict.reason));
  if (verdict.due) lines.emplace_back("due", utc_time(*verdict.due));
  return lines;
}

std::string judgement_text(const core::Finding& finding) {
  std::string text;
  for (const auto& [name, said] : judgement_lines(finding)) {
    text.append(" ").append(name).append(": ").append(said).append(".");
  }
  return text;
}

void write_tokens(const Job& job, const TextStyle& style, std::ostream& out) {
  // What a finding above has told already is not told again.
  const auto wants_more = [](const core::TokenStatus& status) {
    return std::any_of(status.verdicts.begin(), status.verdicts.end(), [](const auto& v) { return !is_leak(v.kind); });
  };
  const auto& tokens = job.report.tokens;
  const auto count = static_cast<std::uint64_t>(std::count_if(tokens.begin(), tokens.end(), wants_more));
  if (count == 0) return;
  out << '\n' << style.bold("Tokens of the inventory that want attention: " + grouped(count)) << '\n';
  std::size_t shown = 0;
  for (const core::TokenStatus& status : tokens) {
    if (!wants_more(status)) continue;
    if (shown++ >= kTokensShown && !job.options.verbose) break;
    for (const core::Verdict& verdict : status.verdicts) {
      if (is_leak(verdict.kind)) continue;
      style.write_wrapped(
          "  ", visible(status.token.id) + "  " + verdict_title(verdict) + ": " + visible(verdict.reason) + ".", out);
    }
  }
  if (count > kTokensShown && !job.options.verbose) {
    out << "  and " << grouped(count - kTokensShown) << " more: `keytrail inventory due` and `audit` list them\n";
  }
}

std::uint64_t rank_of(const core::Verdict& verdict) {
  if (!verdict.open) return 5;
  constexpr std::array<std::uint64_t, 4> kRanks = {100, 75, 50, 25};
  return kRanks[static_cast<std::size_t>(verdict.priority)];
}

}  // namespace keytrail::report
