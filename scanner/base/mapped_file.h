// A file mapped for reading. The bytes stay while the object lives, also when the file is removed meanwhile; when
// another process cuts the file short, reading behind its new end is a fault, so only files that are written once are
// mapped.
#pragma once

#include <string>
#include <string_view>

#include "scanner/base/result.h"

namespace keytrail {

class MappedFile {
 public:
  static Result<MappedFile> open(const std::string& path);
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::string_view bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
};

}  // namespace keytrail
