// What a repository consists of at one moment, read without opening an object: so that a later sweep can tell that
// nothing changed, or what is new.
//
// Packs and loose objects are written once and never changed, so they are told by their names, the checksums at their
// ends, and what the file system says of them: size, i-node, times of change. Damage done to a file later changes its
// times. Everything else that a sweep reads (references, reflogs, HEADs, shallow commits, configuration, indexes,
// mailmaps) is told by its contents.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scanner/base/hash.h"
#include "scanner/base/state_file.h"
#include "scanner/git/object_index.h"
#include "scanner/git/repository.h"

namespace keytrail::git {

// Which file it is, and when it was changed.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // nanoseconds
  std::int64_t changed = 0;   // the same, of the i-node

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

struct PackStamp {
  std::string index_path;
  FileStamp index;
  FileStamp pack;
  std::array<std::uint8_t, 40> checksums{};  // of the pack, then of the index

  friend bool operator==(const PackStamp&, const PackStamp&) = default;
};

// One folder of objects, the repository's own or an alternate.
struct FolderStamp {
  std::string path;
  std::vector<PackStamp> packs;         // as an ObjectStore orders them
  std::vector<ObjectName> loose;        // sorted
  std::vector<FileStamp> loose_stamps;  // of each

  friend bool operator==(const FolderStamp&, const FolderStamp&) = default;
};

struct RepositorySnapshot {
  std::vector<FolderStamp> folders;  // in the order in which objects are looked for
  Sha256Digest digest{};             // of these and of everything else
};

// Nothing where something cannot be read, contradicts itself or is a symbolic link: what a sweep makes of that must not
// be kept.
std::optional<RepositorySnapshot> take_snapshot(const Repository& repository);

void write_folders(const std::vector<FolderStamp>& folders, StateWriter& out);
std::vector<FolderStamp> read_folders(StateReader& in);

}  // namespace keytrail::git
