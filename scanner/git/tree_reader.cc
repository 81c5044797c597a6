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

void TreeReader::add(ObjectNumber number, std::uint32_t index, const TreeEntry& entry) {
  KnownEntry known;
  known.index = index;
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
    missing_.add(entry.object, objects_.name(number), entry.name);
  }
  known.name = names_.intern(entry.name);
  known_.push_back(known);
}

// Takes over an entry that begins at `begin` here.
void TreeReader::inherit_known(ObjectNumber number, std::string_view bytes, const KnownEntry& entry,
                               std::uint32_t begin) {
  known_.push_back(entry);
  if (entry.kind != KnownEntry::Kind::missing) return;
  // The first tree that names it is told, so this one must speak up as well.
  TreeEntries parser(bytes.substr(begin));
  if (const auto parsed = parser.next()) missing_.add(parsed->object, objects_.name(number), parsed->name);
}

// Takes over the entries that begin at position_ and lie wholly in `copy`. False when none does.
bool TreeReader::inherit(ObjectNumber number, std::string_view bytes, const TreeState& base, const core::Copy& copy) {
  const std::vector<std::uint32_t>& begins = *base.begins;
  const std::uint64_t from = position_ - copy.at + copy.from;
  const auto first = std::lower_bound(begins.begin(), begins.end(), from);
  if (first == begins.end() || *first != from) return false;
  const auto last = std::prev(std::upper_bound(first, begins.end(), copy.from + copy.size));
  if (last == first) return false;
  const auto first_index = static_cast<std::uint32_t>(first - begins.begin());
  const auto last_index = static_cast<std::uint32_t>(last - begins.begin());
  const auto own_index = static_cast<std::uint32_t>(begins_.size());
  // Unsigned arithmetic: a run can move either way.
  const auto moved = static_cast<std::uint32_t>(copy.at - copy.from);
  std::transform(first, last, std::back_inserter(begins_), [moved](std::uint32_t begin) { return begin + moved; });
  position_ = *last + moved;
  auto entry = std::lower_bound(base.known.begin(), base.known.end(), first_index,
                                [](const KnownEntry& known, std::uint32_t index) { return known.index < index; });
  for (; entry != base.known.end() && entry->index < last_index; ++entry) {
    KnownEntry known = *entry;
    known.index = known.index - first_index + own_index;
    inherit_known(number, bytes, known, begins_[known.index]);
  }
  return true;
}

// The entries that begin in or reach into `gap`, when they end where the base's did, and before them those of the base
// that matter. Otherwise false.
bool TreeReader::read_gap(ObjectNumber number, std::string_view bytes, const TreeState& base, core::Span gap) {
  const std::vector<std::uint32_t>& begins = *base.begins;
  auto index =
      static_cast<std::uint32_t>(std::upper_bound(begins.begin(), begins.end(), gap.begin) - begins.begin()) - 1;
  for (; inherited_ < base.known.size() && base.known[inherited_].index < index; ++inherited_) {
    const KnownEntry& known = base.known[inherited_];
    inherit_known(number, bytes, known, begins[known.index]);
  }
  for (; begins[index] < gap.end; ++index) {
    if (begins[index] < position_) continue;  // an earlier gap reached into it
    TreeEntries parser(bytes.substr(begins[index]));
    const auto entry = parser.next();
    if (!entry || begins[index] + parser.position() != begins[index + 1]) return false;
    add(number, index, *entry);
    position_ = begins[index + 1];
    while (inherited_ < base.known.size() && base.known[inherited_].index <= index) ++inherited_;
  }
  return true;
}

// Reads a tree of which every run stands where it did in the base. False when its borders are not the base's.
bool TreeReader::read_gaps(ObjectNumber number, std::string_view bytes, const TreeState& base,
                           const std::vector<core::Copy>& copies) {
  if (base.begins->back() != bytes.size()) return false;
  if (std::any_of(copies.begin(), copies.end(), [](const core::Copy& copy) { return copy.at != copy.from; }))
    return false;
  inherited_ = 0;
  std::uint64_t next = 0;
  for (const core::Copy& copy : copies) {
    if (copy.at > next && !read_gap(number, bytes, base, {next, copy.at})) return false;
    next = copy.at + copy.size;
  }
  // The end of the tree is a border without an entry: what of the base is left comes before it.
  if (!read_gap(number, bytes, base, {next, bytes.size()})) return false;
  for (; inherited_ < base.known.size(); ++inherited_) {
    const KnownEntry& known = base.known[inherited_];
    inherit_known(number, bytes, known, (*base.begins)[known.index]);
  }
  shared_begins_ = base.begins;
  return true;
}

const std::vector<KnownEntry>& TreeReader::read(ObjectNumber number, std::string_view bytes, const TreeState* base,
                                                const std::vector<core::Copy>* copies) {
  begins_.clear();
  shared_begins_.reset();
  known_.clear();
  position_ = 0;
  damaged_ = false;
  const bool derived = base != nullptr && copies != nullptr;
  if (derived && read_gaps(number, bytes, *base, *copies)) return known_;
  known_.clear();
  position_ = 0;
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
    const auto index = static_cast<std::uint32_t>(begins_.size());
    begins_.push_back(static_cast<std::uint32_t>(position_));
    add(number, index, *entry);
    position_ += parser.position();
  }
  begins_.push_back(static_cast<std::uint32_t>(position_));
  return known_;
}

std::unique_ptr<TreeState> TreeReader::keep() const {
  auto state = std::make_unique<TreeState>();
  state->begins = shared_begins_ ? shared_begins_ : std::make_shared<const std::vector<std::uint32_t>>(begins_);
  state->known = known_;
  return state;
}

}  // namespace keytrail::git
