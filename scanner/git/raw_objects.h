// The text of commits and tags and the entries of trees, read from the bytes of the objects. Pure. Views point into the
// bytes given. Tolerant: a commit is damaged only where its tree or its parents cannot be read; an author line that
// makes no sense gives what can be read of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "scanner/git/object_index.h"

namespace keytrail::git {

struct Identity {
  std::string_view who;  // "Name <address>", in whatever encoding
  std::int64_t time = 0;
  std::int32_t offset_minutes = 0;
};

struct RawCommit {
  ObjectName tree;
  std::vector<ObjectName> parents;
  Identity author;
  Identity committer;
  std::string_view message;
};

struct RawTag {
  ObjectName target;
  Identity tagger;
  std::string_view message;
};

// "Name <address> 1700000000 +0100".
Identity parse_identity(std::string_view text);
std::optional<RawCommit> parse_commit(std::string_view bytes);
std::optional<RawTag> parse_tag(std::string_view bytes);

struct TreeEntry {
  enum class Kind : std::uint8_t { blob, tree, submodule };
  Kind kind = Kind::blob;
  std::string_view name;
  ObjectName object;
};

// The entries of a tree, one after the other.
class TreeEntries {
 public:
  explicit TreeEntries(std::string_view bytes) : bytes_(bytes) {}

  // Nothing at the end, and where the bytes stop being a tree.
  std::optional<TreeEntry> next();
  bool damaged() const { return damaged_; }
  std::size_t position() const { return position_; }  // where the next entry begins
  // Goes on behind so many bytes, which must be whole entries.
  void skip(std::size_t bytes) { position_ += bytes; }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
  bool damaged_ = false;
};

}  // namespace keytrail::git
