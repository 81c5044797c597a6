#include "scanner/git/loose_object.h"

#include <algorithm>
#include <array>
#include <optional>

#include "scanner/base/checked.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kFirstCapacity = std::size_t{64} << 10;
constexpr std::size_t kKeptCapacity = std::size_t{16} << 20;
constexpr std::size_t kMaxSizeDigits = 18;
constexpr std::size_t kMaxHead = 32;  // "commit ", 18 digits and a zero

ObjectType parse_type(std::string_view word) {
  if (word == "blob") return ObjectType::blob;
  if (word == "tree") return ObjectType::tree;
  if (word == "commit") return ObjectType::commit;
  return word == "tag" ? ObjectType::tag : ObjectType::unknown;
}

Error corrupt(const char* what, const ObjectName& name) { return make_error(ErrorCode::corrupt, what, name.hex()); }

constexpr const char* kDamaged = "the loose object is damaged or cut off";

struct Head {
  ObjectType type = ObjectType::unknown;
  std::uint64_t size = 0;  // of the bytes behind it
  std::size_t length = 0;
};

Result<Head> parse_head(std::string_view inflated, const ObjectName& name) {
  ByteReader reader(inflated);
  const std::optional<std::string_view> word = reader.until(' ');
  const std::optional<std::string_view> digits = reader.until('\0');
  if (!word || !digits || digits->empty() || digits->size() > kMaxSizeDigits) {
    return corrupt("the loose object has no head", name);
  }
  Head head{parse_type(*word), 0, reader.position()};
  for (const char c : *digits) {
    if (c < '0' || c > '9') return corrupt("the loose object has no size", name);
    head.size = head.size * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (head.type == ObjectType::unknown) return corrupt("the loose object is of no known type", name);
  return head;
}

Result<LooseReader::Object> parse(std::string_view inflated, const ObjectName& name) {
  const Result<Head> head = parse_head(inflated, name);
  if (!head) return head.error();
  if (head->size != inflated.size() - head->length) {
    return corrupt("the loose object has another size than it says", name);
  }
  return LooseReader::Object{head->type, inflated.substr(head->length), nullptr};
}

}  // namespace

// The size stands inside of the stream, and libdeflate wants room for all of it: a small object fits the buffer; of a
// large one zlib tells the head.
Result<LooseReader::Object> LooseReader::read(const std::string& folder, const ObjectName& name) {
  const std::string hex = name.hex();
  Result<MappedFile> file = MappedFile::open(folder + "/" + hex.substr(0, 2) + "/" + hex.substr(2));
  if (!file) return make_error(file.error().code, file.error().message, hex);
  stream_.reset();
  file_ = std::move(*file);
  const std::string_view packed = file_.bytes();
  if (buffer_.capacity() < kFirstCapacity || buffer_.capacity() > kKeptCapacity) buffer_ = Buffer(kFirstCapacity);
  const pack::Inflater::Inflated inflated = inflater_.inflate_up_to(packed, buffer_.data(), buffer_.capacity());
  using End = pack::Inflater::Inflated::End;
  if (inflated.end == End::no_room) return read_large(packed, name);
  if (inflated.end != End::good) return corrupt(kDamaged, name);
  if (inflated.consumed != packed.size()) return corrupt("the loose object has bytes behind its end", name);
  return parse(buffer_.view(inflated.size), name);
}

Result<LooseReader::Object> LooseReader::read_large(std::string_view packed, const ObjectName& name) {
  std::array<char, kMaxHead> begin{};
  const Result<std::size_t> got = pack::ZlibStream(packed, UINT64_MAX).read(begin.data(), begin.size());
  const Result<Head> head = parse_head({begin.data(), got ? *got : 0}, name);
  if (!head) return head.error();
  const std::uint64_t total = head->length + head->size;
  if (!pack::plausible_size(packed.size(), total)) return corrupt("the loose object's size is absurd", name);
  if (head->size > max_bytes_) {
    if (head->type != ObjectType::blob) {
      return make_error(ErrorCode::limit_exceeded, "it has " + std::to_string(head->size) + " bytes, over the limit",
                        name.hex());
    }
    stream_ = std::make_unique<pack::ZlibStream>(packed, total);
    const Result<std::size_t> skipped = stream_->read(begin.data(), head->length);
    if (!skipped || *skipped != head->length) return corrupt(kDamaged, name);
    return Object{head->type, {}, stream_.get()};
  }
  if (buffer_.capacity() < total) buffer_ = Buffer(total);
  const pack::Inflater::Inflated inflated = inflater_.inflate_up_to(packed, buffer_.data(), buffer_.capacity());
  using End = pack::Inflater::Inflated::End;
  if (inflated.end == End::no_room) return corrupt("the loose object has another size than it says", name);
  if (inflated.end != End::good) return corrupt(kDamaged, name);
  if (inflated.consumed != packed.size()) return corrupt("the loose object has bytes behind its end", name);
  return parse(buffer_.view(inflated.size), name);
}

}  // namespace keytrail::git
