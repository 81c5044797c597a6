// Where a secret stands, for templates.
#include <algorithm>
#include <set>

#include "scanner/base/text.h"
#include "scanner/ticket/facts.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

std::string time_of(const std::optional<core::Instant>& instant) { return instant ? time_text(*instant) : ""; }

void add_listed_places(const Case& of, Value& out) {
  Value places = Value::list();
  std::set<std::string> paths;
  std::set<std::string> authors;
  for (const Place& place : of.sources.places) {
    places.add(place_value(place, of.sources));
    if (!place.path.empty()) paths.insert(place.path);
    if (!place.author.empty()) authors.insert(place.author);
  }
  out.set("places", std::move(places));
  out.set("paths", Value::texts({paths.begin(), paths.end()}));
  out.set("authors", Value::texts({authors.begin(), authors.end()}));
}

}  // namespace

void add_source_facts(const Case& of, Value& out) {
  const auto text = [&](const char* name, std::string value) { out.set(name, std::move(value)); };
  const auto flag = [&](const char* name, bool on) { out.set(name, Value::flag(on)); };
  const std::vector<Source>& sources = of.sources.list;
  const auto any = [&](bool Source::*is) {
    return std::any_of(sources.begin(), sources.end(), [&](const Source& source) { return source.*is; });
  };
  std::size_t count = 0;
  std::vector<std::string> repositories;  // the files and the history of one are two sources
  Value all = Value::list();
  for (const Source& source : sources) {
    count += source.place_count;
    if (std::find(repositories.begin(), repositories.end(), source.target) == repositories.end())
      repositories.push_back(source.target);
    all.add(source_value(source));
  }
  const Source* first = worst(sources);
  flag("found", first != nullptr);
  text("masked", first == nullptr ? "" : first->masked);
  text("fingerprint", first == nullptr ? "" : first->fingerprint);
  text("rule", first == nullptr ? "" : first->rule);
  text("rule_name", first == nullptr ? "" : first->rule_name);
  text("severity", of.secrets.empty() ? "" : of.secrets.front()->severity);
  flag("history", any(&Source::history));
  flag("in_messages", any(&Source::in_messages));
  flag("unreachable", any(&Source::history) && !any(&Source::reachable));
  flag("reachable_history", any(&Source::history) && any(&Source::reachable));
  flag("at_tip", of.at_tip && !sources.empty());
  flag("removed", !sources.empty() && !of.at_tip);
  text("first_exposed", time_of(of.first_exposed));
  text("last_exposed", time_of(of.last_exposed));
  text("place_count", std::to_string(count));
  flag("many_places", count > 1);
  text("repository", repositories.empty() ? of.situation->target() : repositories.front());
  text("repository_count", std::to_string(repositories.size()));
  flag("many_repositories", repositories.size() > 1);
  text("revision", sources.empty() ? "" : sources.front().revision);
  out.set("sources", std::move(all));
  add_listed_places(of, out);
}

Value source_value(const Source& source) {
  Value one = Value::object();
  one.set("target", source.target);
  one.set("scope", source.scope);
  one.set("revision", source.revision);
  one.set("visibility", source.visibility);
  one.set("reason", source.reason);
  one.set("place_count", std::to_string(source.place_count));
  one.set("many", Value::flag(source.place_count > 1));
  one.set("none", Value::flag(source.place_count == 0));
  one.set("is_open", Value::flag(source.open));
  one.set("incomplete", Value::flag(!source.complete));
  one.set("at_tip", Value::flag(source.at_tip));
  one.set("in_messages", Value::flag(source.in_messages));
  one.set("in_history", Value::flag(source.history));
  one.set("rewrite", Value::flag(source.history && source.reachable));
  return one;
}

Value place_value(const Place& place, const Sources& sources) {
  constexpr std::size_t kShort = 10;
  Value one = Value::object();
  one.set("repository", sources.list.size() > 1 ? sources.list[place.source].target : "");
  one.set("path", place.path);
  one.set("line", place.line == 0 ? "" : std::to_string(place.line));
  one.set("kind", place.kind);
  one.set("commit", place.commit);
  one.set("short", place.commit.substr(0, kShort));
  one.set("blob", place.blob);
  one.set("author", place.author);
  one.set("date", time_of(place.date));
  one.set("removed_by", place.removed_by.substr(0, kShort));
  one.set("at_tip", Value::flag(place.at_tip));
  one.set("in_files", Value::flag(!place.in_history));
  one.set("unreachable", Value::flag(place.in_history && !place.reachable));
  one.set("held_by", place.held_by);
  one.set("refs", joined(place.refs, ", "));
  return one;
}

}  // namespace keytrail::ticket
