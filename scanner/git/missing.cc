#include "scanner/git/missing.h"

#include <algorithm>
#include <utility>

namespace keytrail::git {
namespace {

std::string_view to_string(ObjectType type) {
  switch (type) {
    case ObjectType::commit:
      return "commit";
    case ObjectType::tree:
      return "tree";
    case ObjectType::tag:
      return "tag";
    default:
      return "object";
  }
}

}  // namespace

core::Skip missing_skip(const ObjectName& missing, ObjectType type, const ObjectName& namer, std::string_view as) {
  std::string detail = "named by " + std::string(to_string(type)) + " " + namer.hex() + " as " + std::string(as);
  return {core::SkipReason::missing_object, missing.hex(), std::move(detail)};
}

core::Skip submodule_skip(const std::string& name) {
  return {core::SkipReason::submodule, name, "a commit of another repository"};
}

void MissingObjects::add(const ObjectName& missing, const ObjectName& namer, std::string_view as) {
  const auto [entry, is_new] = first_.try_emplace(missing);
  Place& place = entry->second;
  const bool is_first = is_new || namer < place.namer || (namer == place.namer && as < place.as);
  if (!is_first) return;
  place.namer = namer;
  place.as = as;
}

void MissingObjects::merge(MissingObjects&& other) {
  for (const auto& [name, place] : other.first_) add(name, place.namer, place.as);
  other.first_.clear();
}

std::vector<core::Skip> MissingObjects::skips(const ObjectIndex& objects) const {
  std::vector<core::Skip> skips;
  skips.reserve(first_.size());
  for (const auto& [name, place] : first_) {
    skips.push_back(missing_skip(name, objects.type(objects.find(place.namer)), place.namer, place.as));
  }
  std::sort(skips.begin(), skips.end());
  return skips;
}

}  // namespace keytrail::git
