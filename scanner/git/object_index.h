// The objects of a repository, numbered in the order in which they are stored. Numbers stand for ids everywhere in this
// folder: 4 bytes instead of 20. 36 bytes of memory for each object.
//
// add() comes first, from one thread; afterwards find() and name() may be called from any number of threads, and
// set_type() for different numbers too.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/blob.h"

namespace keytrail::git {

// The id of an object: SHA-1.
struct ObjectName {
  std::array<std::uint8_t, 20> bytes{};

  static ObjectName from_bytes(const void* raw) {
    ObjectName name;
    std::memcpy(name.bytes.data(), raw, name.bytes.size());
    return name;
  }
  core::ObjectId id() const {
    return core::ObjectId::from_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  std::string hex() const { return id().hex(); }
  friend auto operator<=>(const ObjectName&, const ObjectName&) = default;
  // By words, not by a call of memcmp: it is asked for every entry of every tree.
  friend bool operator==(const ObjectName& a, const ObjectName& b) {
    std::uint64_t first[2], second[2];
    std::uint32_t third[2];
    const ObjectName* both[2] = {&a, &b};
    for (std::size_t i = 0; i < 2; ++i) {
      std::memcpy(&first[i], both[i]->bytes.data(), 8);
      std::memcpy(&second[i], both[i]->bytes.data() + 8, 8);
      std::memcpy(&third[i], both[i]->bytes.data() + 16, 4);
    }
    return ((first[0] ^ first[1]) | (second[0] ^ second[1]) | (third[0] ^ third[1])) == 0;
  }
};

// Nothing when `hex` is not 40 hexadecimal digits.
std::optional<ObjectName> parse_object_name(std::string_view hex);

// A hash that a repository made by an adversary, who may choose the ids, cannot fill with collisions: linear in the
// words of the id with random factors.
class ObjectNameHash {
 public:
  ObjectNameHash();
  std::size_t operator()(const ObjectName& name) const noexcept {
    std::uint64_t first, second;
    std::uint32_t third;
    std::memcpy(&first, name.bytes.data(), 8);
    std::memcpy(&second, name.bytes.data() + 8, 8);
    std::memcpy(&third, name.bytes.data() + 16, 4);
    const std::uint64_t mixed = first * factors_[0] + second * factors_[1] + third * factors_[2];
    return static_cast<std::size_t>(mixed ^ (mixed >> 32));
  }

 private:
  std::array<std::uint64_t, 3> factors_;
};

enum class ObjectType : std::uint8_t { unknown, commit, tree, blob, tag };

using ObjectNumber = std::uint32_t;
inline constexpr ObjectNumber kNoObject = 0xffffffff;

class ObjectIndex {
 public:
  ObjectIndex();

  // Makes room for `count` names in all.
  void reserve(std::size_t count);
  // False when it was there already, or when there are as many objects as numbers.
  bool add(const ObjectName& name);
  ObjectNumber find(const ObjectName& name) const;

  ObjectNumber size() const { return static_cast<ObjectNumber>(names_.size()); }
  const ObjectName& name(ObjectNumber number) const { return names_[number]; }
  ObjectType type(ObjectNumber number) const { return types_[number]; }
  void set_type(ObjectNumber number, ObjectType type) { types_[number] = type; }

 private:
  // A number, and some bits of its name's hash: nearly every name that is not the one in a slot is told apart by these,
  // without a look at the names, which do not fit the processor's cache.
  struct Slot {
    ObjectNumber number = kNoObject;
    std::uint32_t tag = 0;
  };
  // The slot that holds `name`, or the free one where it belongs.
  std::size_t slot_of(const ObjectName& name, std::size_t hash) const;
  static std::uint32_t tag_of(std::size_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  void resize(std::size_t slots);

  ObjectNameHash hash_;
  std::vector<ObjectName> names_;
  std::vector<ObjectType> types_;
  std::vector<Slot> slots_;  // a power of two, at most three quarters full
};

}  // namespace keytrail::git
