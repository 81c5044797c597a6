#include "scanner/ticket/runbook.h"

#include <algorithm>
#include <map>
#include <set>

#include "scanner/base/text.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

// A label of the map: letters that neither Mermaid nor Markdown reads as its own.
std::string label(const std::string& text) {
  std::string out;
  for (const char c : one_line(text)) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view(" .:/@-").find(c) != std::string_view::npos;
    out += plain ? c : '-';
  }
  return out;
}

class Maker {
 public:
  Maker(const Situation& situation, const Settings& settings, const Composer& composer)
      : situation_(situation), settings_(settings), composer_(composer) {}

  Runbook make(const std::vector<Case>& cases, std::string scope, core::Instant now) {
    runbook_.scope = std::move(scope);
    runbook_.made = now;
    for (const Case& one : cases) add(one);
    add_edges();
    add_waves();
    return std::move(runbook_);
  }

 private:
  void add(const Case& one) {
    Runbook::Entry entry;
    entry.ticket = composer_.compose(one, settings_);
    entry.id = one.token == nullptr ? "untracked " + one.subject.substr(0, 12) : one.token->token.id;
    if (one.token != nullptr) {
      const core::Token& token = one.token->token;
      entry.last_rotated = token.last_rotated ? day_text(*token.last_rotated) : "never";
      entry.dependents = joined(token.dependents, ", ");
      std::vector<std::string> reasons;
      for (const core::Verdict& verdict : one.token->verdicts) {
        const std::string kind(core::to_string(verdict.kind));
        reasons.push_back(verdict.reason.empty() ? kind : kind + ": " + verdict.reason);
      }
      entry.reasons = joined(reasons, "; ");
      index_[token.id] = runbook_.entries.size();
    }
    if (entry.reasons.empty() && one.verdict != nullptr) entry.reasons = one.verdict->reason;
    runbook_.entries.push_back(std::move(entry));
  }

  void add_edges() {
    std::map<std::string, std::size_t> services;
    for (const auto& [id, from] : index_) {
      for (const std::string& dependent : situation_.find_token(id)->token.dependents) {
        if (const auto found = index_.find(dependent); found != index_.end()) {
          if (found->second != from) runbook_.to_tokens.push_back({from, found->second});
          continue;
        }
        const auto [service, added] = services.emplace(dependent, services.size());
        if (added) runbook_.services.push_back(dependent);
        runbook_.to_services.push_back({from, service->second});
      }
    }
  }

  // What waits for nothing goes first; what is left when nothing can go any more is a circle.
  void add_waves() {
    const std::size_t count = runbook_.entries.size();
    std::vector<std::size_t> waits(count, 0);
    std::vector<std::vector<std::size_t>> after(count);
    for (const Runbook::Edge& edge : runbook_.to_tokens) {
      ++waits[edge.to];
      after[edge.from].push_back(edge.to);
    }
    std::vector<std::size_t> now;
    for (std::size_t i = 0; i < count; ++i) {
      if (waits[i] == 0) now.push_back(i);
    }
    std::size_t done = 0;
    while (!now.empty()) {
      std::vector<std::size_t> next;
      for (const std::size_t i : now) {
        for (const std::size_t j : after[i]) {
          if (--waits[j] == 0) next.push_back(j);
        }
      }
      done += now.size();
      runbook_.waves.push_back(std::move(now));
      std::sort(next.begin(), next.end());
      now = std::move(next);
    }
    if (done == count) return;
    for (std::size_t i = 0; i < count; ++i) {
      if (waits[i] > 0) runbook_.circle.push_back(i);
    }
    runbook_.waves.push_back(runbook_.circle);
  }

  const Situation& situation_;
  const Settings& settings_;
  const Composer& composer_;
  std::map<std::string, std::size_t> index_;
  Runbook runbook_;
};

bool uses(const core::Token& token, const std::string& service) {
  return token.service == service ||
         std::find(token.dependents.begin(), token.dependents.end(), service) != token.dependents.end();
}

Result<std::vector<const core::TokenStatus*>> chosen(const Situation& situation, const RunbookRequest& wanted) {
  std::vector<const core::TokenStatus*> out;
  for (const core::TokenStatus& status : situation.tokens) {
    const core::TokenState state = status.token.state;
    const bool live = state != core::TokenState::revoked && state != core::TokenState::expired;
    if (wanted.all ? live : !wanted.service.empty() && live && uses(status.token, wanted.service))
      out.push_back(&status);
  }
  if (!wanted.service.empty() && out.empty()) {
    return make_error(ErrorCode::not_found, "no token of the inventory names this service", wanted.service);
  }
  for (const std::string& id : wanted.tokens) {
    const core::TokenStatus* status = situation.find_token(id);
    if (status == nullptr) {
      return make_error(ErrorCode::not_found, "is no token of the report; give the whole inventory with --inventory",
                        id);
    }
    out.push_back(status);
  }
  return out;
}

std::string scope_of(const RunbookRequest& wanted) {
  if (wanted.all) return "the whole inventory";
  return wanted.service.empty() ? joined(wanted.tokens, ", ") : wanted.service;
}

Value items_value(const Ticket& ticket, std::string_view section_name, const std::vector<std::string_view>& columns) {
  Value out = Value::list();
  const Section* section = ticket.section(section_name);
  for (std::size_t i = 0; section != nullptr && i < section->items.size(); ++i) {
    Value one = Value::object();
    one.set("number", std::to_string(i + 1));
    one.set("command", section->items[i].command);
    for (std::size_t c = 0; c < columns.size(); ++c) one.set(std::string(columns[c]), section->items[i].columns[c]);
    out.add(std::move(one));
  }
  return out;
}

Value entry_value(const Runbook::Entry& entry) {
  Value one = Value::object();
  const Ticket& ticket = entry.ticket;
  const auto text = [&](const char* name, std::string value) { one.set(name, std::move(value)); };
  text("id", entry.id);
  text("ticket", ticket.id);
  text("priority", std::string(core::to_string(ticket.priority)));
  text("tier", ticket.about_token ? std::string(core::to_string(ticket.tier)) : "");
  text("title", ticket.title);
  text("provider", ticket.provider);
  text("service", ticket.service);
  text("environment", ticket.environment);
  text("owner", ticket.owner);
  text("order", std::string(to_string(ticket.order)));
  text("due", ticket.due ? time_text(*ticket.due) : "");
  text("last_rotated", entry.last_rotated);
  text("reasons", entry.reasons);
  text("dependents", entry.dependents);
  for (const Order order : {Order::emergency, Order::dual, Order::gap, Order::direct, Order::confirm}) {
    one.set("is_" + std::string(to_string(order)), Value::flag(ticket.order == order));
  }
  for (const SectionKind& kind : section_kinds()) {
    one.set(std::string(kind.name), items_value(ticket, kind.name, kind.columns));
  }
  return one;
}

// "a, b, c, d and 7 more"
std::string some_of(std::vector<std::string> ids) {
  constexpr std::size_t kShown = 4;
  if (ids.size() <= kShown + 1) return joined(ids, ", ");
  const std::size_t more = ids.size() - kShown;
  ids.resize(kShown);
  return joined(ids, ", ") + " and " + std::to_string(more) + " more";
}

// Texts of a section of all entries, each once, with the entries that it is for where that is not all of them.
Value merged(const Runbook& runbook, std::string_view section_name) {
  std::vector<std::string> texts;
  std::map<std::string, std::vector<std::string>> ids;
  for (const Runbook::Entry& entry : runbook.entries) {
    const Section* section = entry.ticket.section(section_name);
    for (std::size_t i = 0; section != nullptr && i < section->items.size(); ++i) {
      const std::string& text = section->items[i].columns.back();
      std::vector<std::string>& of = ids[text];
      if (of.empty()) texts.push_back(text);
      if (of.empty() || of.back() != entry.id) of.push_back(entry.id);
    }
  }
  Value out = Value::list();
  for (const std::string& text : texts) {
    Value one = Value::object();
    one.set("text", text);
    one.set("of", ids[text].size() == runbook.entries.size() ? "" : some_of(ids[text]));
    out.add(std::move(one));
  }
  return out;
}

Value map_value(const Runbook& runbook) {
  Value nodes = Value::list();
  const auto add_node = [&](const std::string& name, const std::string& text, bool service) {
    Value node = Value::object();
    node.set("name", name);
    node.set("label", label(text));
    node.set("is_service", Value::flag(service));
    nodes.add(std::move(node));
  };
  for (std::size_t i = 0; i < runbook.entries.size(); ++i)
    add_node("t" + std::to_string(i), runbook.entries[i].id, false);
  for (std::size_t i = 0; i < runbook.services.size(); ++i)
    add_node("s" + std::to_string(i), runbook.services[i], true);
  Value edges = Value::list();
  const auto add_edges = [&](const std::vector<Runbook::Edge>& from, const char* target) {
    for (const Runbook::Edge& edge : from) {
      Value one = Value::object();
      one.set("from", "t" + std::to_string(edge.from));
      one.set("to", target + std::to_string(edge.to));
      edges.add(std::move(one));
    }
  };
  add_edges(runbook.to_tokens, "t");
  add_edges(runbook.to_services, "s");
  Value out = Value::object();
  out.set("nodes", std::move(nodes));
  out.set("edges", std::move(edges));
  return out;
}

}  // namespace

Result<Runbook> make_runbook(const Situation& situation, const Guides& guides, const Settings& settings,
                             const Composer& composer, const RunbookRequest& wanted, const Request& request) {
  const auto tokens = chosen(situation, wanted);
  if (!tokens) return tokens.error();
  const std::vector<Case> cases = plan_tokens(situation, guides, settings, request, *tokens, wanted.all);
  return Maker(situation, settings, composer).make(cases, scope_of(wanted), request.now);
}

Value runbook_value(const Runbook& runbook) {
  Value out = Value::object();
  out.set("scope", runbook.scope);
  out.set("made", time_text(runbook.made));
  out.set("count", std::to_string(runbook.entries.size()));
  Value entries = Value::list();
  for (const Runbook::Entry& entry : runbook.entries) entries.add(entry_value(entry));
  Value triage = Value::list();
  for (const core::Priority priority :
       {core::Priority::p0, core::Priority::p1, core::Priority::p2, core::Priority::p3}) {
    Value group = Value::object();
    Value members = Value::list();
    for (std::size_t i = 0; i < runbook.entries.size(); ++i) {
      if (runbook.entries[i].ticket.priority == priority) members.add(entries.items()[i]);
    }
    if (members.items().empty()) continue;
    group.set("priority", std::string(core::to_string(priority)));
    group.set("entries", std::move(members));
    triage.add(std::move(group));
  }
  Value waves = Value::list();
  for (std::size_t i = 0; i < runbook.waves.size(); ++i) {
    Value wave = Value::object();
    Value members = Value::list();
    for (const std::size_t at : runbook.waves[i]) members.add(entries.items()[at]);
    wave.set("number", std::to_string(i + 1));
    wave.set("first", Value::flag(i == 0));
    wave.set("circle", Value::flag(!runbook.circle.empty() && i + 1 == runbook.waves.size()));
    wave.set("entries", std::move(members));
    waves.add(std::move(wave));
  }
  out.set("triage", std::move(triage));
  out.set("waves", std::move(waves));
  out.set("map", map_value(runbook));
  for (const char* name : {"prerequisites", "rollback", "audit", "automation"}) {
    out.set(std::string("all_") + name, merged(runbook, name));
  }
  out.set("entries", std::move(entries));
  return out;
}

Value runbook_shape() {
  Runbook runbook;
  Runbook::Entry entry;
  for (const SectionKind& kind : section_kinds()) {
    const Item item{std::vector<std::string>(kind.columns.size(), "x"), "x"};
    entry.ticket.sections.push_back({std::string(kind.name), {item}});
  }
  runbook.entries = {entry};
  runbook.services = {"x"};
  runbook.to_services = {{0, 0}};
  runbook.waves = {{0}};
  return runbook_value(runbook);
}

}  // namespace keytrail::ticket
