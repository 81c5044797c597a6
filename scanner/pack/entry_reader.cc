#include "scanner/pack/entry_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "scanner/pack/delta.h"

namespace keytrail::pack {
namespace {

constexpr std::uint64_t kBytesOfWork = 4096;

Error corrupt(const char* what) { return make_error(ErrorCode::corrupt, what); }

Error too_large(std::uint64_t size) {
  return make_error(ErrorCode::limit_exceeded, "it has " + std::to_string(size) + " bytes, over the limit");
}

}  // namespace

// Notes the entries from `rank` down to a whole object, or to what is not to be had here.
Status EntryReader::climb(const PackFile& pack, Rank rank, std::uint64_t& work) {
  chain_.clear();
  base_id_ = {};
  while (true) {
    if (chain_.size() > pack.count()) return corrupt("its delta chain ends in itself");
    if (work == 0) return make_error(ErrorCode::limit_exceeded, "reading it takes too long");
    --work;
    const PackFile::Origin origin = pack.origin(rank);
    if (!origin.whole && origin.base == kNoRank && origin.base_id.empty()) {
      if (chain_.empty()) return corrupt("its header in the pack is damaged");
      base_id_ = pack.raw_id(rank);
      return {};
    }
    chain_.push_back(rank);
    base_id_ = origin.base_id;
    if (origin.whole || origin.base == kNoRank) return {};
    rank = origin.base;
  }
}

Result<std::string_view> EntryReader::stream_of(const PackFile& pack, Rank rank, std::uint64_t& size) const {
  const std::string_view packed = pack.packed(rank);
  const auto header = parse_entry_header(packed, pack.hash_size());
  if (!header) return corrupt("its header in the pack is damaged");
  if (const auto crc = pack.crc(rank); crc && fast_crc32(packed) != *crc) {
    return corrupt("its packed bytes do not have the checksum of the index");
  }
  const std::string_view stream = packed.substr(header->header_bytes);
  if (!plausible_size(stream.size(), header->size)) return corrupt("its declared size is absurd");
  if (header->size > max_bytes_) return too_large(header->size);
  size = header->size;
  return stream;
}

Status EntryReader::expand_whole(const PackFile& pack, Rank rank, GraftBase& text) {
  const auto stream = stream_of(pack, rank, text.size);
  if (!stream) return stream.error();
  text.type = pack.origin(rank).type;
  text.text = Buffer(text.size);
  if (!inflater_.inflate(*stream, text.text.data(), text.size)) return corrupt("its packed bytes are damaged");
  return {};
}

Status EntryReader::expand_delta(const PackFile& pack, Rank rank, GraftBase& text) {
  std::uint64_t size = 0;
  const auto stream = stream_of(pack, rank, size);
  if (!stream) return stream.error();
  if (delta_.capacity() < size) delta_ = Buffer(size);
  if (!inflater_.inflate(*stream, delta_.data(), size)) return corrupt("its packed bytes are damaged");
  const auto sizes = delta_sizes(delta_.view(size));
  if (!sizes || sizes->base != text.size) return corrupt("its delta does not fit its base");
  if (!plausible_result(size, *sizes)) return corrupt("its declared size is absurd");
  if (sizes->result > max_bytes_) return too_large(sizes->result);
  Buffer result(sizes->result);
  if (!apply_delta(delta_.view(size), text.text.view(text.size), result.data(), copies_)) {
    return corrupt("its delta is damaged");
  }
  text.text = std::move(result);
  text.size = sizes->result;
  return {};
}

Result<EntryReader::Text> EntryReader::read(const PackFile& pack, Rank rank, const Elsewhere& elsewhere,
                                            std::uint64_t& work) {
  if (Status climbed = climb(pack, rank, work); !climbed) return climbed.error();
  const auto fetch = [&](std::string_view raw_id) {
    std::optional<GraftBase> found = elsewhere(raw_id);
    if (found) text_ = std::move(*found);
    return found.has_value();
  };
  // `elsewhere` may use this pack again, with another reader: what is needed of the chain stays here.
  if (!base_id_.empty() && !fetch(base_id_)) return corrupt("its delta base cannot be read");
  bool whole = base_id_.empty();
  for (std::size_t i = chain_.size(); i-- > 0; whole = false) {
    Status done = whole ? expand_whole(pack, chain_[i], text_) : expand_delta(pack, chain_[i], text_);
    if (!done && i == 0) return done.error();
    if (!done && !fetch(pack.raw_id(chain_[i])))
      return corrupt("it is stored as a delta of an object that cannot be read");
    const std::uint64_t cost = text_.size / kBytesOfWork;
    work -= std::min(work, cost);
  }
  return Text{text_.type, text_.text.view(text_.size)};
}

}  // namespace keytrail::pack
