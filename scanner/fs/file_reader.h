// Reads one file after the other into one buffer and hands them to a sink. One per worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "scanner/core/source.h"

namespace keytrail::fs {

class FileReader {
 public:
  // Files of up to `whole_file_bytes` are read whole and handed over as a blob, larger ones as a stream.
  explicit FileReader(std::uint64_t whole_file_bytes);

  // Reads the open file `fd` from its start. `short_read_is_end`: on this file system a read gives fewer bytes than
  // were asked for at the end of a file alone, which saves the second read of every small file.
  void deliver(int fd, bool short_read_is_end, unsigned worker, const core::BlobOrigin& origin, core::Sink& sink);

 private:
  int fill(int fd, bool short_read_is_end);  // to the buffer's capacity or the end; errno or 0
  void grow(std::size_t capacity);
  void deliver_stream(int fd, unsigned worker, const core::BlobOrigin& origin, core::Sink& sink);

  std::size_t whole_file_bytes_;
  std::unique_ptr<char[]> buffer_;
  std::size_t allocated_ = 0;
  std::size_t capacity_ = 0;  // of `allocated_`, how much to read now
  std::size_t size_ = 0;
  bool at_end_ = false;
};

}  // namespace keytrail::fs
