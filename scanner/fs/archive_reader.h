// Reads one archive through libarchive: the entries in their order, and the bytes of the entry at hand.
//
// Owns libarchive's state; reads from a stream or from bytes in memory, which must outlive it. One thread at a time. No
// method throws. Not for gzip, see gzip_stream.h. Another format that compresses one thing has one entry without a
// name. Call next() before read(); when either fails and is_dead() then, there is no going on; else next() goes on
// behind the damage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/core/blob.h"
#include "scanner/fs/archive_format.h"

namespace keytrail::fs {

class ArchiveReader : public core::ByteStream {
 public:
  enum class Kind : std::uint8_t { file, folder, hard_link, symlink, special };
  struct Entry {
    std::string name;  // any bytes
    Kind kind = Kind::file;
    bool is_encrypted = false;
  };

  static Result<std::unique_ptr<ArchiveReader>> open(ArchiveFormat format, core::ByteStream& input);
  static Result<std::unique_ptr<ArchiveReader>> open(ArchiveFormat format, std::string_view bytes);
  ~ArchiveReader() override;

  // Goes to the next entry; false at the end. Errors: corrupt, unsupported, or what the input failed with.
  Result<bool> next(Entry& entry);
  // Of the entry at hand. What was read before an error is given first, and the error with the next call.
  Result<std::size_t> read(char* buffer, std::size_t capacity) override;

  bool is_dead() const;
  // Whether something was met that needs a password.
  bool saw_encryption() const;

 private:
  struct State;
  explicit ArchiveReader(std::unique_ptr<State> state);
  static Result<std::unique_ptr<ArchiveReader>> start(ArchiveFormat format, core::ByteStream* input,
                                                      std::string_view bytes);

  std::unique_ptr<State> state_;
};

}  // namespace keytrail::fs
