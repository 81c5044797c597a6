// Archives for tests, written by libarchive.
#pragma once

#include <string>
#include <vector>

namespace keytrail::test {

struct Member {
  enum class Kind { file, folder, symlink, hard_link, fifo };
  std::string name;
  std::string bytes;  // of a link its target
  Kind kind = Kind::file;
};

enum class Container { zip, zip_stored, zip_encrypted, tar, seven_zip, raw };
enum class Compression { none, gzip, bzip2, xz, zstd, lz4 };

// The bytes of an archive. Container::raw takes one member, whose name is lost.
std::string make_archive(Container container, Compression compression, const std::vector<Member>& members);

// Text that does not compress well and differs with the seed.
std::string noise(std::size_t size, unsigned seed);

}  // namespace keytrail::test
