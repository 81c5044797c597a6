// Objects that stand in a file of their own: a zlib stream of "TYPE SIZE\0" and the bytes.
//
// Not read through libgit2, which in version 1.5 does not come back from a file that is cut off.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/git/object_index.h"

struct libdeflate_decompressor;

namespace keytrail::git {

// One for each thread.
class LooseReader {
 public:
  LooseReader();
  LooseReader(LooseReader&&) noexcept;
  ~LooseReader();

  struct Object {
    ObjectType type = ObjectType::unknown;
    std::string_view bytes;  // good until the next read
  };
  // `folder` is one of objects. corrupt where the stream, its checksum, the head or the size is wrong.
  Result<Object> read(const std::string& folder, const ObjectName& name);

 private:
  struct Free {
    void operator()(libdeflate_decompressor* decompressor) const noexcept;
  };
  std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
};

}  // namespace keytrail::git
