#include "scanner/ticket/composer.h"

#include <algorithm>

#include "scanner/base/text.h"
#include "scanner/ticket/runbook.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

// Stand in a part's text for `|` and for the "$ " of a command: no value can hold them (one_line).
constexpr char kColumn = '\x1f';
constexpr char kCommand = '\x1e';
constexpr std::string_view kTicketFile = "ticket.md";

// The parts beside the sections.
constexpr std::string_view kTitle = "title.txt";
constexpr std::string_view kSummary = "summary.txt";

std::string marked(std::string_view text) {
  std::string out;
  bool at_start = true;
  bool command = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (at_start) command = text.substr(i).starts_with("$ ");
    if (at_start && command) {
      out += kCommand;
      ++i;  // the blank
    } else {
      out += text[i] == '|' && !command ? kColumn : text[i];
    }
    at_start = text[i] == '\n';
  }
  return out;
}

Ticket sample_ticket() {
  Ticket ticket;
  ticket.sources.list.emplace_back();
  ticket.sources.places.emplace_back();
  ticket.fingerprints = {"x"};
  ticket.approvals.emplace_back();
  ticket.history.emplace_back();
  for (const SectionKind& kind : section_kinds()) {
    ticket.sections.push_back(
        {std::string(kind.name), {Item{std::vector<std::string>(kind.columns.size(), "x"), "x"}}});
  }
  return ticket;
}

Escape escape_of(std::string_view name) {
  return name.ends_with(".md") ? Escape::markdown : name.ends_with(".html") ? Escape::html : Escape::plain;
}

std::string first_upper(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

std::vector<std::string> Composer::languages() {
  std::vector<std::string> out;
  for (const BuiltinFile& file : builtin_template_files()) {
    const std::string language(file.name.substr(0, file.name.find('/')));
    if (std::find(out.begin(), out.end(), language) == out.end()) out.push_back(language);
  }
  return out;
}

Result<Composer> Composer::load(const std::string& language, const std::vector<File>& files) {
  Composer made;
  for (const BuiltinFile& file : builtin_template_files()) {
    const std::size_t slash = file.name.find('/');
    if (file.name.substr(0, slash) != language) continue;
    const std::string place = "scanner/ticket/templates/" + std::string(file.name);
    if (Status added = made.add({std::string(file.name.substr(slash + 1)), std::string(file.text), place}); !added) {
      return added.error();
    }
  }
  if (made.templates_.empty()) {
    return make_error(ErrorCode::invalid_argument,
                      "no templates in this language; there are: " + joined(languages(), ", "), language);
  }
  for (const File& file : files) {
    if (!made.templates_.contains(file.name)) {
      return make_error(ErrorCode::invalid_argument, "no template is called so; docs/tickets.md lists them",
                        file.place);
    }
    if (Status added = made.add(file); !added) return added.error();
  }
  return made;
}

Status Composer::add(const File& file) {
  static const Value kFacts = facts_shape();
  static const Value kTicket = ticket_value(sample_ticket());
  static const Value kRunbook = runbook_shape();
  const bool runbook = file.name.starts_with("runbook.");
  const bool whole = file.name == kTicketFile || runbook;
  const std::string text = whole ? file.text : marked(file.text);
  auto parsed = Template::parse(text, file.place, escape_of(file.name), runbook ? kRunbook : whole ? kTicket : kFacts);
  if (!parsed) return parsed.error();
  templates_.insert_or_assign(file.name, std::move(*parsed));
  return {};
}

std::vector<Item> Composer::items(std::string_view part, std::size_t columns, const Value& facts) const {
  std::vector<Item> out;
  const auto found = templates_.find(std::string(part) + ".txt");
  if (found == templates_.end()) return out;
  for (const std::string& raw : split_lines(found->second.render(facts))) {
    if (!raw.empty() && raw[0] == kCommand) {
      if (!out.empty()) out.back().command += (out.back().command.empty() ? "" : "\n") + raw.substr(1);
      continue;
    }
    std::string_view rest = raw;
    if (trimmed(rest).empty()) continue;
    Item item;
    for (std::size_t i = 0; i < columns; ++i) {
      const std::size_t end = i + 1 < columns ? std::min(rest.find(kColumn), rest.size()) : rest.size();
      std::string cell(trimmed(rest.substr(0, end)));
      std::replace(cell.begin(), cell.end(), kColumn, '|');
      item.columns.push_back(std::move(cell));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    out.push_back(std::move(item));
  }
  return out;
}

std::string Composer::line(std::string_view part, const Value& facts) const {
  const auto found = templates_.find(part);
  if (found == templates_.end()) return {};
  std::string out;
  for (const std::string& raw : split_lines(found->second.render(facts))) {
    const std::string_view text = trimmed(raw);
    if (text.empty()) continue;
    if (!out.empty()) out += ' ';
    out += text;
  }
  return out;
}

Ticket Composer::compose(const Case& of, const Settings& settings) const {
  const Value facts = ticket::facts(of, settings);
  Ticket made;
  made.id = ticket_id(of.subject, of.trigger);
  made.subject = of.subject;
  made.about_token = of.token != nullptr || of.trigger == Trigger::hash_secret;
  made.trigger = of.trigger;
  made.order = of.order;
  made.privileged = of.two_people;
  made.priority = of.priority;
  made.title = first_upper(line(kTitle, facts));
  made.summary = line(kSummary, facts);
  made.reason = of.reason;
  made.provider = facts.find("provider")->text();
  made.guide = of.guide->id;
  if (of.token != nullptr) {
    made.tier = of.token->tier;
    made.owner = of.token->token.owner;
    made.backup_owner = of.token->token.backup_owner;
    made.service = of.token->token.service;
    made.environment = of.token->token.environment;
  }
  made.sources = of.sources;
  made.masked = facts.find("masked")->text();
  for (const Secret* secret : of.secrets) made.fingerprints.push_back(secret->fingerprint);
  made.first_exposed = of.first_exposed;
  made.last_exposed = of.last_exposed;
  made.opened = of.request->now;
  made.due = of.due;
  if (of.trigger == Trigger::offboarding) made.person = of.request->offboard;
  for (const SectionKind& kind : section_kinds()) {
    Section section{std::string(kind.name), items(kind.name, kind.columns.size(), facts)};
    if (!section.items.empty()) made.sections.push_back(std::move(section));
  }
  return made;
}

std::string Composer::render(std::string_view name, const Value& data) const {
  const auto found = templates_.find(name);
  return found == templates_.end() ? std::string() : found->second.render(data);
}

std::string Composer::markdown(const Ticket& ticket) const {
  return templates_.find(kTicketFile)->second.render(ticket_value(ticket));
}

namespace {

// The rows of a section; none where the ticket has no such section.
Value items_value(const Section* section, const SectionKind& kind) {
  Value items = Value::list();
  for (std::size_t i = 0; section != nullptr && i < section->items.size(); ++i) {
    const Item& item = section->items[i];
    Value one = Value::object();
    one.set("number", std::to_string(i + 1));
    one.set("command", item.command);
    for (std::size_t c = 0; c < kind.columns.size(); ++c) one.set(std::string(kind.columns[c]), item.columns[c]);
    items.add(std::move(one));
  }
  return items;
}

Value approvals_value(const Ticket& ticket) {
  Value approvals = Value::list();
  for (const Approval& approval : ticket.approvals) {
    Value one = Value::object();
    one.set("role", approval.role);
    one.set("person", approval.person);
    one.set("at", time_text(approval.at));
    approvals.add(std::move(one));
  }
  return approvals;
}

Value history_value(const Ticket& ticket) {
  Value history = Value::list();
  for (const Change& change : ticket.history) {
    Value one = Value::object();
    one.set("at", time_text(change.at));
    one.set("text", change.text);
    history.add(std::move(one));
  }
  return history;
}

}  // namespace

Value ticket_value(const Ticket& ticket) {
  Value out = Value::object();
  const auto time = [](const std::optional<core::Instant>& instant) {
    return instant ? time_text(*instant) : std::string();
  };
  out.set("id", ticket.id);
  out.set("subject", ticket.subject);
  out.set("about_token", Value::flag(ticket.about_token));
  out.set("trigger", std::string(to_string(ticket.trigger)));
  out.set("order", std::string(to_string(ticket.order)));
  out.set("open", Value::flag(ticket.open));
  out.set("privileged", Value::flag(ticket.privileged));
  out.set("priority", std::string(core::to_string(ticket.priority)));
  out.set("tier", ticket.about_token ? std::string(core::to_string(ticket.tier)) : "");
  out.set("title", ticket.title);
  out.set("summary", ticket.summary);
  out.set("owner", ticket.owner);
  out.set("backup_owner", ticket.backup_owner);
  out.set("service", ticket.service);
  out.set("environment", ticket.environment);
  out.set("provider", ticket.provider);
  Value sources = Value::list();
  for (const Source& source : ticket.sources.list) sources.add(source_value(source));
  out.set("sources", std::move(sources));
  out.set("masked", ticket.masked);
  out.set("fingerprints", Value::texts(ticket.fingerprints));
  out.set("opened", time_text(ticket.opened));
  out.set("due", time(ticket.due));
  out.set("closed", time(ticket.closed));
  out.set("close_reason", ticket.close_reason);
  out.set("first_exposed", time(ticket.first_exposed));
  out.set("last_exposed", time(ticket.last_exposed));
  Value places = Value::list();
  for (const Place& place : ticket.sources.places) places.add(place_value(place, ticket.sources));
  out.set("places", std::move(places));
  const std::size_t listed = ticket.sources.places.size();
  const std::size_t more = ticket.place_count() - std::min(ticket.place_count(), listed);
  out.set("more_places", more == 0 ? "" : std::to_string(more));
  for (const SectionKind& kind : section_kinds()) {
    Value items = items_value(ticket.section(kind.name), kind);
    out.set("has_" + std::string(kind.name), Value::flag(!items.items().empty()));
    out.set(std::string(kind.name), std::move(items));
  }
  out.set("has_approvals", Value::flag(!ticket.approvals.empty()));
  out.set("approvals", approvals_value(ticket));
  out.set("has_history", Value::flag(!ticket.history.empty()));
  out.set("history", history_value(ticket));
  return out;
}

}  // namespace keytrail::ticket
