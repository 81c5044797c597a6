// Repositories with a random history in one pack, made with git itself: no configuration of the machine, fixed dates.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "scanner/pack/pack_file.h"
#include "tests/support/temporary_folder.h"

namespace keytrail::pack::test {

// Bytes of a raw id as hexadecimal digits.
std::string hex_of(std::string_view raw_id);
std::string raw_of(std::string_view hex);
std::string read_bytes(const std::string& path);

class PackedRepository {
 public:
  struct Object {
    ObjectType type = ObjectType::none;
    std::string bytes;
    friend bool operator==(const Object&, const Object&) = default;
  };
  struct Stored {
    std::uint64_t offset = 0;
    std::string base;  // raw id; empty: a whole object
  };

  // `revisions` commits of edits to several files, and an annotated tag.
  PackedRepository(unsigned seed, unsigned revisions, const std::string& format = "sha1");

  // Runs git in the repository; throws when it fails. `arguments` go through the shell.
  std::string git(const std::string& arguments) const;
  // Makes one pack of everything.
  void repack(const std::string& arguments) const { git("repack -q -ad " + arguments); }

  const keytrail::test::TemporaryFolder& folder() const { return folder_; }
  std::string index_path() const;
  std::string pack_path() const;
  // Every object, as git reads it; by raw id.
  std::map<std::string, Object> objects() const;
  // How the pack stores each one, as git tells; by raw id.
  std::map<std::string, Stored> stored() const;

 private:
  keytrail::test::TemporaryFolder folder_;
};

}  // namespace keytrail::pack::test
