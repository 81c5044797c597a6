#include "scanner/pack/find_entries.h"

#include <algorithm>

#include "scanner/base/buffer.h"
#include "scanner/pack/inflater.h"
#include "scanner/pack/pack_file.h"
#include "scanner/pack/zlib_stream.h"

namespace keytrail::pack {
namespace {

constexpr std::size_t kPackHeaderBytes = 12;
constexpr std::uint64_t kMaxAtOnce = std::uint64_t{16} << 20;
constexpr std::size_t kPiece = std::size_t{1} << 20;
// Bytes that may be made of false begins: a text of zeros can look like one at every second byte.
constexpr std::uint64_t kMaxWasted = std::uint64_t{4} << 30;

class Finder {
 public:
  Finder(std::string_view pack, std::size_t hash_size) : pack_(pack), hash_size_(hash_size) {}

  // The entry at `offset`; nothing when there is none that is whole.
  std::optional<FoundEntry> entry_at(std::uint64_t offset) {
    const std::string_view bytes = pack_.substr(offset);
    const auto header = parse_entry_header(bytes, hash_size_);
    if (!header || header->base_distance > offset) return std::nullopt;
    const std::string_view stream = bytes.substr(header->header_bytes);
    if (!begins_stream(stream) || !plausible_size(stream.size(), header->size)) return std::nullopt;
    const std::size_t length = stream_length(stream, header->size);
    if (length == 0) return std::nullopt;
    return FoundEntry{offset, header->header_bytes + length};
  }

  std::uint64_t made() const { return made_; }

 private:
  // The two bytes at the head of a zlib stream without a dictionary.
  static bool begins_stream(std::string_view bytes) {
    if (bytes.size() < 2) return false;
    const auto method = static_cast<std::uint8_t>(bytes[0]);
    const auto flags = static_cast<std::uint8_t>(bytes[1]);
    return (method & 15U) == 8 && method >> 4 <= 7 && (flags & 32U) == 0 && (method * 256U + flags) % 31 == 0;
  }

  // How long the stream is that gives `size` bytes; 0 when it is none.
  std::size_t stream_length(std::string_view stream, std::uint64_t size) {
    if (size > kMaxAtOnce) return long_stream_length(stream, size);
    made_ += size;
    if (buffer_.capacity() < size) buffer_ = Buffer(std::max<std::size_t>(size, kPiece));
    const Inflater::Inflated inflated = inflater_.inflate_up_to(stream, buffer_.data(), size);
    return inflated.end == Inflater::Inflated::End::good && inflated.size == size ? inflated.consumed : 0;
  }

  std::size_t long_stream_length(std::string_view stream, std::uint64_t size) {
    ZlibStream bytes(stream, size);
    if (buffer_.capacity() < kPiece) buffer_ = Buffer(kPiece);
    while (true) {
      const auto got = bytes.read(buffer_.data(), kPiece);
      if (!got || *got == 0) break;
      made_ += *got;
    }
    return bytes.at_end() && !bytes.failure() ? bytes.consumed() : 0;
  }

  std::string_view pack_;
  std::size_t hash_size_;
  Inflater inflater_;
  Buffer buffer_;
  std::uint64_t made_ = 0;
};

}  // namespace

std::optional<FoundEntry> entry_at(std::string_view pack, std::size_t hash_size, std::uint64_t offset) {
  return Finder(pack, hash_size).entry_at(offset);
}

std::vector<FoundEntry> find_entries(std::string_view pack, std::size_t hash_size,
                                     const std::vector<std::uint64_t>& hints) {
  std::vector<FoundEntry> found;
  if (pack.size() < kPackHeaderBytes + hash_size) return found;
  Finder finder(pack, hash_size);
  const std::uint64_t trailer = pack.size() - hash_size;
  std::uint64_t wasted = 0;
  auto hint = hints.begin();
  for (std::uint64_t at = kPackHeaderBytes; at < pack.size();) {
    if (at == trailer && !found.empty() && found.back().offset + found.back().size == at) break;
    const std::uint64_t before = finder.made();
    if (const auto entry = finder.entry_at(at)) {
      found.push_back(*entry);
      at += entry->size;
      continue;
    }
    wasted += finder.made() - before;
    // To the next offset that somebody believes in, or to the next byte.
    while (hint != hints.end() && *hint <= at) ++hint;
    if (hint != hints.end() && wasted > kMaxWasted / 2) {
      at = *hint;
    } else if (wasted > kMaxWasted) {
      break;
    } else {
      ++at;
    }
  }
  return found;
}

}  // namespace keytrail::pack
