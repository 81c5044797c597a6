#include "scanner/git/object_index.h"

#include <algorithm>
#include <random>

namespace keytrail::git {
namespace {

constexpr std::size_t kFirstSlots = 1024;

std::uint64_t random_odd(std::random_device& device) {
  return ((static_cast<std::uint64_t>(device()) << 32) | device()) | 1;
}

}  // namespace

std::optional<ObjectName> parse_object_name(std::string_view hex) {
  if (hex.size() != 40) return std::nullopt;
  const std::optional<core::ObjectId> id = core::ObjectId::from_hex(hex);
  if (!id) return std::nullopt;
  return ObjectName::from_bytes(id->bytes.data());
}

ObjectNameHash::ObjectNameHash() {
  std::random_device device;
  for (std::uint64_t& factor : factors_) factor = random_odd(device);
}

ObjectIndex::ObjectIndex() : slots_(kFirstSlots) {}

std::size_t ObjectIndex::slot_of(const ObjectName& name, std::size_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t tag = tag_of(hash);
  std::size_t slot = hash & mask;
  while (slots_[slot].number != kNoObject && (slots_[slot].tag != tag || names_[slots_[slot].number] != name)) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

void ObjectIndex::reserve(std::size_t count) {
  // Not to the letter: with many packs that would move all names for each of them.
  if (count > names_.capacity()) {
    names_.reserve(std::max(count, 2 * names_.capacity()));
    types_.reserve(names_.capacity());
  }
  std::size_t slots = slots_.size();
  while (slots * 3 < count * 4) slots *= 2;
  if (slots != slots_.size()) resize(slots);
}

void ObjectIndex::resize(std::size_t slots) {
  slots_.assign(slots, Slot{});
  for (ObjectNumber number = 0; number < size(); ++number) {
    const std::size_t hash = hash_(names_[number]);
    slots_[slot_of(names_[number], hash)] = {number, tag_of(hash)};
  }
}

bool ObjectIndex::add(const ObjectName& name) {
  const std::size_t hash = hash_(name);
  Slot& slot = slots_[slot_of(name, hash)];
  if (slot.number != kNoObject || names_.size() >= kNoObject - 1) return false;
  slot = {static_cast<ObjectNumber>(names_.size()), tag_of(hash)};
  names_.push_back(name);
  types_.push_back(ObjectType::unknown);
  if (names_.size() * 4 > slots_.size() * 3) resize(slots_.size() * 2);
  return true;
}

ObjectNumber ObjectIndex::find(const ObjectName& name) const { return slots_[slot_of(name, hash_(name))].number; }

}  // namespace keytrail::git
