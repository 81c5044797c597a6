#include "scanner/ticket/facts.h"

#include <algorithm>
#include <set>

#include "scanner/base/text.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

constexpr core::Instant kHour = 3600;
constexpr std::string_view kVault = "YOUR_VAULT_WRITE_COMMAND";

std::string time_of(const std::optional<core::Instant>& instant) { return instant ? time_text(*instant) : ""; }
std::string day_of(const std::optional<core::Instant>& instant) { return instant ? day_text(*instant) : ""; }

// May stand in a command unquoted and between double quotes.
bool is_plain_word(const std::string& text) {
  return !text.empty() && text[0] != '-' && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("._-@:/").find(c) != std::string_view::npos;
  });
}

class Facts {
 public:
  Facts(const Case& of, const Settings& settings) : case_(of), settings_(settings) {
    if (of.token != nullptr) token_ = &of.token->token;
  }

  Value make() {
    add_flags();
    add_case();
    add_stages();
    add_token();
    add_source_facts(case_, out_);
    add_guide();
    add_settings();
    return std::move(out_);
  }

 private:
  void text(std::string name, std::string value) { out_.set(std::move(name), std::move(value)); }
  void flag(std::string name, bool on) { out_.set(std::move(name), Value::flag(on)); }
  bool has_verdict(core::VerdictKind kind) const {
    if (case_.token == nullptr) return false;
    const auto& verdicts = case_.token->verdicts;
    return std::any_of(verdicts.begin(), verdicts.end(),
                       [&](const core::Verdict& verdict) { return verdict.kind == kind; });
  }

  void add_flags() {
    const Trigger trigger = case_.trigger;
    flag("leak", trigger == Trigger::leak);
    flag("superseded", trigger == Trigger::superseded);
    flag("never_rotated", trigger == Trigger::never_rotated);
    flag("overdue", trigger == Trigger::overdue);
    flag("expiring", trigger == Trigger::expiring);
    flag("expired", has_verdict(core::VerdictKind::expired_active));
    flag("offboarding", trigger == Trigger::offboarding);
    flag("incident", trigger == Trigger::incident);
    flag("exception_over", trigger == Trigger::exception_over);
    flag("hash_secret", trigger == Trigger::hash_secret);
    flag("exposed", trigger == Trigger::leak || trigger == Trigger::superseded || trigger == Trigger::incident ||
                        trigger == Trigger::hash_secret);
    flag("urgent", trigger == Trigger::leak || trigger == Trigger::incident || trigger == Trigger::hash_secret);
    flag("emergency", case_.order == Order::emergency);
    flag("dual", case_.order == Order::dual);
    flag("gap", case_.order == Order::gap);
    flag("direct", case_.order == Order::direct);
    flag("confirm", case_.order == Order::confirm);
    flag("changes_value", case_.order != Order::confirm);
    const auto& sources = case_.sources.list;
    const auto is_private = [](const Source& source) { return source.visibility == "private"; };
    const bool all_private = sources.empty() ? visibility_of(*case_.situation, settings_) == "private"
                                             : std::all_of(sources.begin(), sources.end(), is_private);
    flag("public", case_.is_public);
    flag("private", !case_.is_public && all_private);
    flag("visibility_unknown", !case_.is_public && !all_private);
    flag("privileged", case_.privileged);
    flag("two_people", case_.two_people);
    flag("calendar",
         trigger == Trigger::never_rotated || trigger == Trigger::overdue || trigger == Trigger::exception_over);
    for (const core::Priority priority :
         {core::Priority::p0, core::Priority::p1, core::Priority::p2, core::Priority::p3}) {
      flag(lower(core::to_string(priority)), case_.priority == priority);
    }
    flag("over_privileged", has_verdict(core::VerdictKind::over_privileged));
    flag("shared", has_verdict(core::VerdictKind::shared));
    flag("reused", has_verdict(core::VerdictKind::reused));
    flag("unused", has_verdict(core::VerdictKind::unused));
    flag("scan_incomplete", std::any_of(sources.begin(), sources.end(), [](const auto& one) { return !one.complete; }));
    flag("with_inventory", case_.situation->with_inventory);
  }

  void add_case() {
    text("id", ticket_id(case_.subject, case_.trigger));
    text("subject", case_.subject);
    text("trigger", std::string(to_string(case_.trigger)));
    text("order", std::string(to_string(case_.order)));
    text("priority", std::string(core::to_string(case_.priority)));
    text("deadline", time_text(case_.due));
    text("opened", time_text(case_.request->now));
    const Source* source = case_.trigger == Trigger::leak ? worst(case_.sources.list) : nullptr;
    text("reason", case_.reason);
    text("policy_rule", source != nullptr ? source->policy_rule : case_.verdict == nullptr ? "" : case_.verdict->rule);
    text("exception", case_.verdict == nullptr ? "" : case_.verdict->exception);
    text("since", case_.verdict == nullptr ? "" : day_of(case_.verdict->since));
    flag("probable", source != nullptr ? source->probable : case_.verdict != nullptr && case_.verdict->probable);
    text("person", case_.trigger == Trigger::offboarding ? one_line(case_.request->offboard) : "");
    Value affected = Value::list();
    for (const core::TokenStatus* status : case_.affected) {
      Value one = Value::object();
      one.set("id", status->token.id);
      one.set("service", status->token.service);
      one.set("owner", status->token.owner);
      affected.add(std::move(one));
    }
    text("affected_count", case_.affected.empty() ? "" : std::to_string(case_.affected.size()));
    out_.set("affected", std::move(affected));
  }

  // Contain by the deadline; then what the policy gives the next severities: look (P1), report (P2), review (a week).
  void add_stages() {
    constexpr core::Instant kWeek = std::int64_t{7} * 24 * kHour;
    const core::Instant opened = case_.request->now;
    const core::Instant look = std::max(case_.due, respond_by(*case_.request, core::Priority::p1, opened));
    const core::Instant report = std::max(look, respond_by(*case_.request, core::Priority::p2, opened));
    const core::Instant review = std::max(report, opened + kWeek);
    const std::pair<const char*, core::Instant> stages[] = {
        {"now", case_.due}, {"hour", look}, {"day", report}, {"week", review}};
    for (const auto& [name, at] : stages) {
      text(std::string("stage_") + name, time_text(at));
      text(std::string("span_") + name, span_text(std::max<core::Instant>(0, at - opened)));
    }
  }

  void add_token() {
    static const core::Token kNone;
    const core::Token& token = token_ == nullptr ? kNone : *token_;
    flag("tracked", token_ != nullptr);
    text("token_id", token.id);
    text("service", token.service);
    text("environment", token.environment);
    text("purpose", token.purpose);
    text("owner", token.owner);
    text("backup_owner", token.backup_owner);
    text("approver", token.approver);
    text("storage", token.storage);
    text("compliance", token.compliance);
    text("state", token_ == nullptr ? "" : std::string(core::to_string(token.state)));
    text("created", day_of(token.created));
    text("expires", day_of(token.expires));
    text("last_rotated", day_of(token.last_rotated));
    text("last_used", day_of(token.last_used));
    text("value_since", token_ == nullptr ? "" : time_of(value_since(token)));
    text("rotation_days", rotation_days(token));
    text("rotate_by", case_.token == nullptr ? "" : day_of(case_.token->rotate_by));
    text("tier", case_.token == nullptr ? "" : std::string(core::to_string(case_.token->tier)));
    for (const core::Tier tier : {core::Tier::low, core::Tier::medium, core::Tier::high}) {
      flag(std::string(core::to_string(tier)), case_.token != nullptr && case_.token->tier == tier);
    }
    text("tier_rule", case_.token == nullptr ? "" : case_.token->tier_rule);
    text("last_four", token.values.empty() ? "" : token.values.front().last_four);
    flag("production", token_ != nullptr && is_production(token));
    flag("regulated", token.regulated.value_or(false) || !token.compliance.empty());
    flag("can_write", token.can_write.value_or(false));
    flag("read_only", token.can_write.has_value() && !*token.can_write);
    const std::vector<std::string> dependents = services_of(token);
    out_.set("dependents", Value::texts(dependents));
    out_.set("scopes", Value::texts(token.scopes));
    out_.set("access", Value::texts(token.access));
    text("scope_list", joined(token.scopes, ", "));
    text("access_list", joined(token.access, ", "));
    text("dependent_list", joined(dependents, ", "));
    Value identifiers = Value::list();
    for (const auto& [name, value] : known_identifiers()) {
      Value one = Value::object();
      one.set("name", name);
      one.set("value", value);
      identifiers.add(std::move(one));
    }
    out_.set("identifiers", std::move(identifiers));
  }

  // What is deployed: tokens that are derived from this one stand in `affected`.
  std::vector<std::string> services_of(const core::Token& token) const {
    std::vector<std::string> out;
    for (const std::string& name : token.dependents) {
      const bool derived = std::any_of(case_.affected.begin(), case_.affected.end(),
                                       [&](const core::TokenStatus* other) { return other->token.id == name; });
      if (!derived) out.push_back(name);
    }
    return out;
  }

  // Its own period, else what the policy made the next date from.
  std::string rotation_days(const core::Token& token) const {
    constexpr core::Instant kDay = 24 * kHour;
    if (token.rotation_days) return std::to_string(*token.rotation_days);
    const auto since = value_since(token);
    if (case_.token == nullptr || !case_.token->rotate_by || !since || *case_.token->rotate_by <= *since) return {};
    return std::to_string((*case_.token->rotate_by - *since) / kDay);
  }

  std::map<std::string, std::string> known_identifiers() const {
    std::map<std::string, std::string> known;
    for (const Source& source : case_.sources.list) known.insert(source.facts.begin(), source.facts.end());
    if (token_ != nullptr) {
      for (const auto& [name, value] : token_->identifiers) known[name] = value;
    }
    return known;
  }

  // What guides' commands may name: what is known, else a variable for who runs it.
  Value arguments() const {
    std::map<std::string, std::string> known = {{"service", token_ == nullptr ? "" : token_->service}};
    for (const auto& [raw, value] : known_identifiers()) {
      std::string name = lower(raw);
      std::replace(name.begin(), name.end(), '-', '_');
      if (name == "aws_key_id" || name == "kid" || name == "public_key") name = "key_id";
      if (name == "url") name = "host";
      known[name] = value;
    }
    Value arguments = Value::object();
    for (const std::string& name : guide_arguments()) {
      const auto found = known.find(name);
      // In braces: a guide may go on with letters after it.
      std::string variable = "${KT_";
      for (const char c : name) variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      variable += '}';
      arguments.set(name, found != known.end() && is_plain_word(found->second) ? found->second : variable);
    }
    return arguments;
  }

  Value steps(const std::vector<GuideStep>& from, const Value& arguments) const {
    Value list = Value::list();
    for (const GuideStep& step : from) {
      std::string command = step.command.render(arguments);
      if (const std::size_t at = command.find(kVault); at != std::string::npos) {
        command.replace(at, kVault.size(), settings_.vault);
      }
      Value one = Value::object();
      one.set("text", step.text.render(arguments));
      one.set("command", std::move(command));
      list.add(std::move(one));
    }
    return list;
  }

  void add_guide() {
    const Guide& guide = *case_.guide;
    const Secret* first = case_.secrets.empty() ? nullptr : case_.secrets.front();
    std::string name = guide.fallback && first != nullptr && !first->provider.empty() ? first->provider : guide.name;
    if (guide.fallback && token_ != nullptr && !token_->provider.empty()) name = token_->provider;
    constexpr std::string_view kKinds[] = {"key", "password", "secret", "token", "credential", "webhook", "seed"};
    const std::string small = lower(name);
    const bool says_kind = std::any_of(std::begin(kKinds), std::end(kKinds),
                                       [&](std::string_view kind) { return small.find(kind) != std::string::npos; });
    text("credential", says_kind ? name : name + " credential");
    text("provider", std::move(name));
    flag("provider_known", !guide.fallback);
    flag("own_key", guide.id == "own" || guide.id == "hash-secret");
    text("guide", guide.id);
    text("console", guide.console);
    text("docs", guide.docs);
    flag("two_live", guide.two_live);
    text("two_live_note", guide.two_live_note);
    text("owner_hint", guide.owner);
    text("abuse", guide.abuse);
    text("vendor", guide.vendor.ends_with('.') ? guide.vendor.substr(0, guide.vendor.size() - 1) : guide.vendor);
    text("customers", guide.customers);
    text("automate", guide.automate);
    Value root = Value::object();
    root.set("arg", arguments());
    out_.set("create", steps(guide.create, root));
    out_.set("replace", steps(guide.replace, root));
    out_.set("revoke", steps(guide.revoke, root));
    out_.set("verify", steps(guide.verify, root));
    out_.set("dead", steps(guide.dead, root));
    add_blanks();
  }

  // What whoever runs the commands has to fill in.
  void add_blanks() {
    std::set<std::string> variables;
    bool needs_vault = false;
    for (const Value* step : shown_steps()) {
      const std::string& command = step->find("command")->text();
      for (std::size_t at = command.find("${KT_"); at != std::string::npos; at = command.find("${KT_", at + 1)) {
        variables.insert(command.substr(at + 2, command.find('}', at) - at - 2));
      }
      needs_vault = needs_vault || command.find(kVault) != std::string::npos;
    }
    flag("needs_vault", needs_vault);
    text("variables", joined({variables.begin(), variables.end()}, ", "));
  }

  // Those of the order in which this is done.
  std::vector<const Value*> shown_steps() const {
    const bool replaces = case_.order == Order::gap && !out_.find("replace")->items().empty();
    const bool makes =
        case_.order != Order::confirm && !replaces && (case_.guide->two_live || case_.order == Order::gap);
    std::vector<const Value*> out;
    const auto add = [&](const char* list, bool shown) {
      for (const Value& step : out_.find(list)->items()) {
        if (shown) out.push_back(&step);
      }
    };
    add("create", makes);
    add("replace", replaces);
    add("revoke", case_.order != Order::confirm && case_.order != Order::gap);
    add("verify", case_.order != Order::confirm);
    add("dead", true);
    return out;
  }

  void add_settings() {
    text("requester", settings_.requester);
    text("requester_role", settings_.requester_role);
    text("security", settings_.security);
    text("incident_contact", settings_.incident_contact);
    text("vault", settings_.vault);
    text("evidence_place", settings_.evidence);
    add_levels();
  }

  // An exposure does not wait: each level is told when the one before it did not answer. A date of the calendar has
  // time until its deadline.
  void add_levels() {
    const core::Instant opened = case_.request->now;
    const bool urgent = out_.find("urgent")->shown();
    constexpr core::Instant kLongest = core::Instant{15} * 60;
    const core::Instant half = std::max<core::Instant>(0, case_.due - opened) / 2;
    const core::Instant backup = urgent ? std::min(kLongest, half) : half;
    text("backup_within", span_text(backup));
    text("backup_by", time_text(opened + backup));
    Value levels = Value::list();
    const core::Instant from = urgent ? opened : std::max(opened, case_.due);
    core::Instant at = from;
    int number = 1;
    for (const Settings::Level& level : settings_.escalation) {
      at += level.within;
      Value one = Value::object();
      one.set("level", std::to_string(number++));
      one.set("who", level.who);
      one.set("within", span_text(at - from));
      one.set("by", time_text(at));
      levels.add(std::move(one));
    }
    out_.set("levels", std::move(levels));
  }

  const Case& case_;
  const Settings& settings_;
  const core::Token* token_ = nullptr;
  Value out_ = Value::object();
};

}  // namespace

Value facts(const Case& of, const Settings& settings) { return Facts(of, settings).make(); }

Value facts_shape() {
  core::TokenStatus status;
  status.token.dependents = {"x"};
  status.token.scopes = {"x"};
  status.token.access = {"x"};
  status.token.identifiers["x"] = "x";
  Secret secret;
  Place place;
  place.path = "x";
  place.author = "x";
  secret.places.push_back(place);
  const Value no_arguments = Value::object();
  const Template nothing = Template::parse("x", "shape", Escape::plain, no_arguments).value();
  Guide guide;
  guide.create.push_back({nothing, nothing});
  guide.replace = guide.revoke = guide.verify = guide.dead = guide.create;
  Situation situation;
  Request request;
  Case made;
  made.token = &status;
  made.secrets = {&secret};
  made.sources = sources_of(situation, made.secrets, "");
  made.affected = {&status};
  made.guide = &guide;
  made.situation = &situation;
  made.request = &request;
  made.two_people = true;
  return facts(made, default_settings());
}

}  // namespace keytrail::ticket
