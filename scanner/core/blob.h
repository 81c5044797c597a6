// What sources hand to the scan: bytes and where they come from.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scanner/base/result.h"

namespace keytrail::core {

// The name of a git object: 20 bytes of SHA-1 or 32 of SHA-256.
struct ObjectId {
  std::array<std::uint8_t, 32> bytes{};
  std::uint8_t size = 20;

  static ObjectId from_bytes(std::string_view raw);
  // Nothing when `hex` is not 40 or 64 hexadecimal digits.
  static std::optional<ObjectId> from_hex(std::string_view hex);
  std::string hex() const;
  std::string_view raw() const { return {reinterpret_cast<const char*>(bytes.data()), size}; }

  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
  friend bool operator==(const ObjectId&, const ObjectId&) = default;
};

struct ObjectIdHash {
  std::size_t operator()(const ObjectId& id) const noexcept;
};

enum class BlobKind : std::uint8_t {
  file,
  standard_input,
  git_blob,
  commit_message,
  tag_message,
};

std::string_view to_string(BlobKind kind);

// Where bytes come from. `path` has '/' between its parts and is relative to the root of the scan where it is below it;
// a member of an archive is "archive!/member", nested as often as archives are. A git blob has no path of its own while
// it is scanned (provenance finds them): its path holds only the members below it ("!/member", or nothing).
struct BlobOrigin {
  BlobKind kind = BlobKind::file;
  std::string path;
  std::optional<ObjectId> object;  // of git_blob, commit_message, tag_message
};

// A run of a text that was copied from another: `size` bytes at `at` stand at `from` in the base.
struct Copy {
  std::uint64_t at = 0;
  std::uint64_t from = 0;
  std::uint64_t size = 0;
};

// A view: the bytes live for the call that it is passed to.
struct Blob {
  std::string_view bytes;
  const BlobOrigin* origin = nullptr;
};

// Bytes that are too many, or of unknown number, to be held at once.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  // Fills `buffer` up to `capacity`; fewer bytes only at the end, then 0.
  virtual Result<std::size_t> read(char* buffer, std::size_t capacity) = 0;
};

// A ByteStream over bytes in memory, which must outlive it.
class MemoryStream : public ByteStream {
 public:
  explicit MemoryStream(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read(char* buffer, std::size_t capacity) override;

 private:
  std::string_view bytes_;
};

// Bytes that were read to look at them, then the rest. Both must outlive it.
class PrefixedStream : public ByteStream {
 public:
  PrefixedStream(std::string_view head, ByteStream& rest) : head_(head), rest_(rest) {}
  Result<std::size_t> read(char* buffer, std::size_t capacity) override;

 private:
  std::string_view head_;
  ByteStream& rest_;
};

}  // namespace keytrail::core
