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
  friend bool operator==(const ObjectName& a, const ObjectName& b) {
    const Words left = a.words();
    const Words right = b.words();
    return ((left.first ^ right.first) | (left.second ^ right.second) | (left.third ^ right.third)) == 0;
  }

  // By words, not by a call of memcmp: names are compared and hashed for every entry of every tree.
  struct Words {
    std::uint64_t first, second;
    std::uint32_t third;
  };
  Words words() const {
    Words words;
    std::memcpy(&words.first, bytes.data(), 8);
    std::memcpy(&words.second, bytes.data() + 8, 8);
    std::memcpy(&words.third, bytes.data() + 16, 4);
    return words;
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
    const ObjectName::Words words = name.words();
    const std::uint64_t mixed = words.first * factors_[0] + words.second * factors_[1] + words.third * factors_[2];
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
