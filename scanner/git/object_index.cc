#include "scanner/git/object_index.h"

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

ObjectIndex::ObjectIndex() : slots_(kFirstSlots, kNoObject) {}

std::size_t ObjectIndex::slot_of(const ObjectName& name) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_(name) & mask;
  while (slots_[slot] != kNoObject && names_[slots_[slot]] != name) slot = (slot + 1) & mask;
  return slot;
}

void ObjectIndex::grow() {
  slots_.assign(slots_.size() * 2, kNoObject);
  for (ObjectNumber number = 0; number < size(); ++number) slots_[slot_of(names_[number])] = number;
}

bool ObjectIndex::add(const ObjectName& name) {
  const std::size_t slot = slot_of(name);
  if (slots_[slot] != kNoObject || names_.size() >= kNoObject - 1) return false;
  slots_[slot] = static_cast<ObjectNumber>(names_.size());
  names_.push_back(name);
  types_.push_back(ObjectType::unknown);
  if (names_.size() * 4 > slots_.size() * 3) grow();
  return true;
}

ObjectNumber ObjectIndex::find(const ObjectName& name) const { return slots_[slot_of(name)]; }

}  // namespace keytrail::git
