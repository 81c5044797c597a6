#include "scanner/ticket/source.h"

#include <algorithm>
#include <tuple>

#include "scanner/base/text.h"
#include "scanner/ticket/text.h"

namespace keytrail::ticket {
namespace {

bool is_message(const Place& place) { return place.kind == "commit-message" || place.kind == "tag-message"; }

bool is_of_history(const Situation& situation) {
  return situation.mode == "history" || situation.mode == "range" || situation.mode == "staged";
}

void add_place(Source& source, const Place& place) {
  ++source.place_count;
  if (place.date) {
    source.first_exposed = std::min(*place.date, source.first_exposed.value_or(*place.date));
    source.last_exposed = std::max(*place.date, source.last_exposed.value_or(*place.date));
  }
  // A message that a branch leads to is as much there as a file at the tip.
  source.at_tip = source.at_tip || place.at_tip || !place.in_history || (is_message(place) && place.reachable);
  source.history = source.history || place.in_history;
  source.in_messages = source.in_messages || is_message(place);
  source.reachable = source.reachable || place.reachable || !place.in_history;
}

void take_facts(Source& source, const Secret& secret) {
  source.masked = secret.masked;
  source.rule = secret.rule;
  source.rule_name = secret.rule_name;
  source.fingerprint = secret.fingerprint;
  if (!secret.verdict) return;
  source.priority = secret.verdict->priority;
  source.reason = secret.verdict->reason;
  source.policy_rule = secret.verdict->rule;
  source.probable = secret.verdict->probable;
}

bool same_place(const Place& a, const Place& b) {
  const auto key = [](const Place& p) { return std::tie(p.path, p.line, p.commit, p.blob, p.kind); };
  return key(a) == key(b);
}

std::vector<Place> of_source(const Sources& from, std::size_t index) {
  std::vector<Place> out;
  for (const Place& place : from.places) {
    if (place.source == index) out.push_back(place);
  }
  return out;
}

std::size_t index_of(const std::vector<Source>& list, const Source& wanted) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Source& one) { return one.is_same_place(wanted); });
  return static_cast<std::size_t>(found - list.begin());
}

bool is_same_state(const Source& before, Source now) {
  now.revision = before.revision;
  now.reason = before.reason;
  return now == before;
}

// A part of a source was seen: what was known of the rest stays.
void widen(Source& source, std::vector<Place>& places, const Source& seen, const std::vector<Place>& seen_places) {
  const std::size_t unlisted = source.place_count - std::min(source.place_count, places.size());
  for (const Place& place : seen_places) {
    const auto known =
        std::find_if(places.begin(), places.end(), [&](const Place& other) { return same_place(other, place); });
    if (known == places.end())
      places.push_back(place);
    else
      *known = place;
  }
  const auto earlier = [](const auto& a, const auto& b) { return a && b ? std::min(a, b) : a ? a : b; };
  source.place_count = std::max(places.size() + unlisted, seen.place_count);
  source.first_exposed = earlier(source.first_exposed, seen.first_exposed);
  source.last_exposed = std::max(source.last_exposed, seen.last_exposed);
  source.at_tip = source.at_tip || seen.at_tip;
  source.history = source.history || seen.history;
  source.in_messages = source.in_messages || seen.in_messages;
  source.reachable = source.reachable || seen.reachable;
  source.facts.insert(seen.facts.begin(), seen.facts.end());
  if (!seen.open) return;
  if (!source.open || seen.priority < source.priority) {
    source.priority = seen.priority;
    source.reason = seen.reason;
    source.policy_rule = seen.policy_rule;
    source.probable = seen.probable;
  }
  source.open = true;
}

// Each source has the same share, so that what one scan shows does not depend on which scan came last.
void cut_to_share(Sources& sources) {
  const std::size_t share =
      std::clamp<std::size_t>(kMaxListed / std::max<std::size_t>(1, sources.list.size()), 1, kMaxListedOfSource);
  std::vector<std::size_t> listed(sources.list.size(), 0);
  std::erase_if(sources.places, [&](const Place& place) { return ++listed[place.source] > share; });
  if (sources.places.size() > kMaxListed) sources.places.resize(kMaxListed);
}

}  // namespace

Sources sources_of(const Situation& situation, const std::vector<const Secret*>& secrets, std::string visibility) {
  Sources out;
  if (secrets.empty()) return out;
  Source source;
  source.target = situation.target();
  source.scope = is_of_history(situation) ? "history" : "files: " + joined(situation.targets, ", ");
  source.revision = situation.revision;
  source.visibility = std::move(visibility);
  source.complete = situation.complete;
  source.open = false;
  for (const Secret* secret : secrets) {
    source.open = source.open || !secret->verdict || secret->verdict->open;
    const bool first = source.fingerprint.empty();
    if (first || (secret->verdict && secret->verdict->priority < source.priority)) take_facts(source, *secret);
    source.facts.insert(secret->facts.begin(), secret->facts.end());
    for (const Place& place : secret->places) {
      add_place(source, place);
      if (out.places.size() < kMaxListedOfSource) out.places.push_back(place);
    }
  }
  out.list.push_back(std::move(source));
  return out;
}

bool sees_all(const Situation& situation) {
  return situation.complete && !situation.narrowed && situation.mode != "range" && situation.mode != "staged";
}

Sources merged(const Sources& before, const Sources& now, const Situation& situation) {
  Sources out;
  out.list = before.list;
  Source here;
  if (now.list.empty()) {
    here.target = situation.target();
    here.scope = is_of_history(situation) ? "history" : "files: " + joined(situation.targets, ", ");
  } else {
    here = now.list.front();
  }
  const std::size_t at = index_of(out.list, here);
  const bool known = at < out.list.size();
  if (!known && !now.list.empty()) out.list.push_back(here);
  for (std::size_t i = 0; i < out.list.size(); ++i) {
    std::vector<Place> places = of_source(before, i);
    if (i == at && !known) {
      places = now.places;
    } else if (i == at && sees_all(situation)) {
      places = now.places;
      Source& source = out.list[i];
      if (!now.list.empty()) {
        // The same at another revision is no change, and a reason may count days.
        here.revision = is_same_state(source, here) ? source.revision : here.revision;
        source = here;
      } else {  // gone from there; when it was exposed does not change by that
        source.revision = situation.revision;
        source.complete = true;
        source.place_count = 0;
        source.open = source.at_tip = source.history = source.in_messages = source.reachable = false;
      }
    } else if (i == at && !now.list.empty()) {
      widen(out.list[i], places, here, now.places);
    }
    for (Place& place : places) {
      place.source = i;
      out.places.push_back(std::move(place));
    }
  }
  cut_to_share(out);
  return out;
}

const Source* worst(const std::vector<Source>& list) {
  const auto found = std::min_element(list.begin(), list.end(), [](const Source& a, const Source& b) {
    return std::tuple(!a.open, a.priority) < std::tuple(!b.open, b.priority);
  });
  return found == list.end() ? nullptr : &*found;
}

std::size_t places_missing(const Sources& a, const Sources& b) {
  std::size_t count = 0;
  for (const Place& place : a.places) {
    const Source& source = a.list[place.source];
    const bool known = std::any_of(b.places.begin(), b.places.end(), [&](const Place& other) {
      return same_place(place, other) && source.is_same_place(b.list[other.source]);
    });
    count += known ? 0U : 1U;
  }
  return count;
}

}  // namespace keytrail::ticket
