#include "scanner/git/loose_object.h"

#include <libdeflate.h>

#include <algorithm>

#include "scanner/base/checked.h"
#include "scanner/base/file.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kMaxFile = std::size_t{16} << 30;
constexpr std::size_t kMaxRatio = 1040;  // deflate makes at most 1,032 bytes of one
constexpr std::size_t kFirstCapacity = std::size_t{64} << 10;
constexpr std::size_t kKeptCapacity = std::size_t{16} << 20;
constexpr std::size_t kMaxSizeDigits = 18;

ObjectType parse_type(std::string_view word) {
  if (word == "blob") return ObjectType::blob;
  if (word == "tree") return ObjectType::tree;
  if (word == "commit") return ObjectType::commit;
  return word == "tag" ? ObjectType::tag : ObjectType::unknown;
}

Error corrupt(const char* what, const ObjectName& name) { return make_error(ErrorCode::corrupt, what, name.hex()); }

Result<LooseReader::Object> parse(std::string_view inflated, const ObjectName& name) {
  ByteReader reader(inflated);
  const std::optional<std::string_view> word = reader.until(' ');
  const std::optional<std::string_view> digits = reader.until('\0');
  if (!word || !digits || digits->empty() || digits->size() > kMaxSizeDigits) {
    return corrupt("the loose object has no head", name);
  }
  std::uint64_t size = 0;
  for (const char c : *digits) {
    if (c < '0' || c > '9') return corrupt("the loose object has no size", name);
    size = size * 10 + static_cast<std::uint64_t>(c - '0');
  }
  const ObjectType type = parse_type(*word);
  if (type == ObjectType::unknown) return corrupt("the loose object is of no known type", name);
  if (size != reader.remaining()) return corrupt("the loose object has another size than it says", name);
  return LooseReader::Object{type, inflated.substr(reader.position())};
}

}  // namespace

LooseReader::LooseReader() = default;
LooseReader::LooseReader(LooseReader&&) noexcept = default;
LooseReader::~LooseReader() = default;

void LooseReader::Free::operator()(libdeflate_decompressor* decompressor) const noexcept {
  libdeflate_free_decompressor(decompressor);
}

Result<LooseReader::Object> LooseReader::read(const std::string& folder, const ObjectName& name) {
  if (!decompressor_) decompressor_.reset(libdeflate_alloc_decompressor());
  if (!decompressor_) return make_error(ErrorCode::internal, "no memory", name.hex());
  const std::string hex = name.hex();
  const Result<std::string> packed = read_file(folder + "/" + hex.substr(0, 2) + "/" + hex.substr(2), kMaxFile);
  if (!packed) return make_error(packed.error().code, packed.error().message, hex);
  if (capacity_ > kKeptCapacity) capacity_ = 0;
  // The size stands inside the stream, and libdeflate wants room for all of it: so the room grows until it is enough.
  const std::size_t most = packed->size() * kMaxRatio + 1024;
  for (std::size_t wanted = std::max(kFirstCapacity, packed->size() * 4);; wanted *= 4) {
    if (capacity_ < wanted) {
      buffer_.reset();
      buffer_ = std::make_unique_for_overwrite<char[]>(wanted);
      capacity_ = wanted;
    }
    std::size_t read = 0;
    std::size_t made = 0;
    const libdeflate_result result = libdeflate_zlib_decompress_ex(decompressor_.get(), packed->data(), packed->size(),
                                                                   buffer_.get(), capacity_, &read, &made);
    if (result == LIBDEFLATE_SUCCESS) {
      if (read != packed->size()) return corrupt("the loose object has bytes behind its end", name);
      return parse({buffer_.get(), made}, name);
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE || capacity_ > most) {
      return corrupt("the loose object is damaged or cut off", name);
    }
  }
}

}  // namespace keytrail::git
