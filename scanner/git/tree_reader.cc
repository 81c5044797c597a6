#include "scanner/git/tree_reader.h"

#include <algorithm>
#include <cstring>

namespace keytrail::git {
namespace {

constexpr std::size_t kRecentSlots = std::size_t{1} << 15;

}  // namespace

std::uint32_t NameTable::intern(std::string_view name) {
  const MutexLock lock(mutex_);
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  return numbers_.emplace(std::string(name), static_cast<std::uint32_t>(numbers_.size())).first->second;
}

std::vector<std::string> NameTable::take() {
  const MutexLock lock(mutex_);
  std::vector<std::string> names(numbers_.size());
  for (const auto& [name, number] : numbers_) names[number] = name;
  numbers_.clear();
  return names;
}

WantedBlobs::WantedBlobs(const ObjectIndex& objects, const std::vector<ObjectNumber>& blobs) : filter_(kBits) {
  for (const ObjectNumber blob : blobs) {
    filter_[bit_of(objects.name(blob))] = true;
    numbers_.emplace(objects.name(blob), blob);
  }
}

ObjectNumber WantedBlobs::find(const ObjectName& name) const {
  if (!filter_[bit_of(name)]) return kNoObject;
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? kNoObject : found->second;
}

TreeReader::TreeReader(const ObjectIndex& objects, const WantedBlobs& wanted, NameTable& names)
    : objects_(objects), wanted_(wanted), names_(names), recent_(kRecentSlots) {}

bool TreeReader::has(const ObjectName& name) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, name.bytes.data(), sizeof bits);
  ObjectName& slot = recent_[bits & (kRecentSlots - 1)];
  if (slot == name && name != ObjectName{}) return true;
  if (objects_.find(name) == kNoObject) return false;
  slot = name;
  return true;
}

void TreeReader::add(ObjectNumber number, const TreeEntry& entry) {
  KnownEntry known;
  known.index = static_cast<std::uint32_t>(tree_.begins.size() - 1);
  if (entry.kind == TreeEntry::Kind::submodule) {
    submodules_.emplace(entry.name);
    return;
  }
  if (entry.kind == TreeEntry::Kind::tree) {
    known.object = objects_.find(entry.object);
  } else {
    known.object = wanted_.find(entry.object);
    known.kind = KnownEntry::Kind::wanted;
    if (known.object == kNoObject && has(entry.object)) return;
  }
  if (known.object == kNoObject) {
    known.kind = KnownEntry::Kind::missing;
    missing_.add(entry.object, number, entry.name);
  }
  known.name = names_.intern(entry.name);
  tree_.known.push_back(known);
}

// Takes over the entries that begin at position_ and lie wholly in `copy`. False when none does.
bool TreeReader::inherit(ObjectNumber number, std::string_view bytes, const TreeState& base, const core::Copy& copy) {
  const std::uint64_t from = position_ - copy.at + copy.from;
  const auto first = std::lower_bound(base.begins.begin(), base.begins.end(), from);
  if (first == base.begins.end() || *first != from) return false;
  const auto last = std::prev(std::upper_bound(first, base.begins.end(), copy.from + copy.size));
  if (last == first) return false;
  const auto first_index = static_cast<std::uint32_t>(first - base.begins.begin());
  const auto last_index = static_cast<std::uint32_t>(last - base.begins.begin());
  const auto own_index = static_cast<std::uint32_t>(tree_.begins.size());
  // Unsigned arithmetic: a run can move either way.
  const auto moved = static_cast<std::uint32_t>(copy.at - copy.from);
  std::transform(first, last, std::back_inserter(tree_.begins), [moved](std::uint32_t begin) { return begin + moved; });
  position_ = *last + moved;
  auto entry = std::lower_bound(base.known.begin(), base.known.end(), first_index,
                                [](const KnownEntry& known, std::uint32_t index) { return known.index < index; });
  for (; entry != base.known.end() && entry->index < last_index; ++entry) {
    KnownEntry known = *entry;
    known.index = known.index - first_index + own_index;
    tree_.known.push_back(known);
    if (known.kind != KnownEntry::Kind::missing) continue;
    // The first tree that names it is told, so this one must speak up as well.
    TreeEntries parser(bytes.substr(tree_.begins[known.index]));
    if (const auto parsed = parser.next()) missing_.add(parsed->object, number, parsed->name);
  }
  return true;
}

TreeState& TreeReader::read(ObjectNumber number, std::string_view bytes, const TreeState* base,
                            const std::vector<core::Copy>* copies) {
  tree_.begins.clear();
  tree_.known.clear();
  position_ = 0;
  damaged_ = false;
  const bool derived = base != nullptr && copies != nullptr;
  std::size_t run = 0;
  while (position_ < bytes.size()) {
    if (derived) {
      while (run < copies->size() && (*copies)[run].at + (*copies)[run].size <= position_) ++run;
      const bool in_run = run < copies->size() && (*copies)[run].at <= position_;
      if (in_run && inherit(number, bytes, *base, (*copies)[run])) continue;
    }
    TreeEntries parser(bytes.substr(position_));
    const auto entry = parser.next();
    if (!entry) {
      damaged_ = true;
      break;
    }
    tree_.begins.push_back(static_cast<std::uint32_t>(position_));
    add(number, *entry);
    position_ += parser.position();
  }
  tree_.begins.push_back(static_cast<std::uint32_t>(position_));
  return tree_;
}

}  // namespace keytrail::git
