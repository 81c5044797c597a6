// Objects that stand in a file of their own: a zlib stream of "TYPE SIZE\0" and the bytes.
//
// Not read through libgit2, which in version 1.5 does not come back from a file that is cut off.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "scanner/base/buffer.h"
#include "scanner/base/mapped_file.h"
#include "scanner/base/result.h"
#include "scanner/git/object_index.h"
#include "scanner/pack/inflater.h"
#include "scanner/pack/zlib_stream.h"

namespace keytrail::git {

// One for each thread.
class LooseReader {
 public:
  // Blobs larger than this come as a stream; other objects of that size are limit_exceeded.
  explicit LooseReader(std::uint64_t max_bytes = std::uint64_t{256} << 20) : max_bytes_(max_bytes) {}

  struct Object {
    ObjectType type = ObjectType::unknown;
    std::string_view bytes;              // good until the next read
    pack::ZlibStream* stream = nullptr;  // of a large blob, instead of `bytes`; good as long
  };
  // `folder` is one of objects. corrupt where the stream, its checksum, the head or the size is wrong.
  Result<Object> read(const std::string& folder, const ObjectName& name);

 private:
  Result<Object> read_large(std::string_view packed, const ObjectName& name);

  std::uint64_t max_bytes_;
  pack::Inflater inflater_;
  Buffer buffer_;
  MappedFile file_;
  std::unique_ptr<pack::ZlibStream> stream_;
};

}  // namespace keytrail::git
