#include "scanner/engine/known.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace keytrail::engine {
namespace {

using core::Copy;
using core::Span;

constexpr std::uint64_t kBlock = 64;
// A run is taken apart in slices of this size, which bounds the memory that it takes.
constexpr std::uint64_t kSliceBytes = 64U << 10U;

std::uint64_t mixed(std::uint64_t x) {
  x *= 0x9E3779B97F4A7C15ULL;
  return x ^ x >> 32U;
}

// Never 0.
std::uint64_t key_of(std::uint64_t length, std::uint64_t probe) { return mixed(probe ^ length << 50U) | 1U; }

std::uint64_t mark_plain(const char* bytes, std::uint64_t count, const std::array<bool, 256>& allowed) {
  std::uint64_t bits = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    bits |= std::uint64_t{allowed[static_cast<std::uint8_t>(bytes[i])]} << i;
  }
  return bits;
}

#if defined(__x86_64__)
// A byte is allowed when the column of its low half has the bit of its high half; those of 128 and more all or none.
__attribute__((target("avx2"))) void mark_avx2(const char* bytes, std::uint64_t blocks, const std::uint8_t* columns,
                                               bool high, std::uint64_t* out) {
  const __m256i column = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(columns)));
  const __m256i row = _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i half = _mm256_set1_epi8(15);
  for (std::uint64_t block = 0; block < blocks; ++block) {
    std::uint64_t bits = 0;
    for (unsigned part = 0; part < 2; ++part) {
      const __m256i text =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + block * kBlock + std::size_t{part} * 32));
      const __m256i low = _mm256_shuffle_epi8(column, _mm256_and_si256(text, half));
      const __m256i high_half = _mm256_shuffle_epi8(row, _mm256_and_si256(_mm256_srli_epi16(text, 4), half));
      const __m256i none = _mm256_cmpeq_epi8(_mm256_and_si256(low, high_half), _mm256_setzero_si256());
      std::uint32_t mask = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(none));
      if (high) mask |= static_cast<std::uint32_t>(_mm256_movemask_epi8(text));
      bits |= std::uint64_t{mask} << (32 * part);
    }
    out[block] = bits;
  }
}
#endif

// Where `count` bits in a row (at most 64) begin, of `word` and the one behind it.
std::uint64_t begins_of_rows(std::uint64_t word, std::uint64_t next, unsigned count) {
  unsigned have = 1;
  while (have < count) {
    const unsigned step = std::min(have, count - have);
    word &= word >> step | next << (64 - step);
    next &= next >> step;  // wrong in its last bits only, of which none is asked: count is at most 64
    have += step;
  }
  return word;
}

}  // namespace

KnownFinder::KnownFinder(const core::KnownValues* values) : values_(values) {
  if (values == nullptr) return;
  key_ = values->probe_key();
  std::vector<core::KnownProbe> probes = values->probes();
  std::erase_if(probes, [](const core::KnownProbe& known) {
    return known.probe == 0 || known.length == 0 || known.length > kMaxKnownBytes;
  });
  if (probes.empty()) return;
  required_ = core::kKindMask;
  required_with_.fill(core::kKindMask);
  std::uint64_t kinds = core::kLetterBits;
  const std::size_t size = std::bit_ceil(4 * probes.size());
  table_.assign(size, 0);
  shapes_.assign(std::max<std::size_t>(size / 32, 64), 0);
  for (const core::KnownProbe& known : probes) {
    const std::uint64_t shape = known.probe & core::kShapeMask;
    const std::uint64_t separators = shape >> core::kCountBit;
    kinds |= shape & core::kKindMask;
    required_ &= shape;
    min_length_ = std::min<std::uint64_t>(min_length_, known.length);
    max_length_ = std::max<std::uint64_t>(max_length_, known.length);
    if (separators < core::kManySeparators) {
      reach_[separators] = std::max<std::uint64_t>(reach_[separators], known.length);
      required_with_[separators] &= shape;
    }
    lengths_.set(known.length);
    const std::uint64_t bit = mixed(shape ^ std::uint64_t{known.length} << 50U) % (shapes_.size() * 64);
    shapes_[bit / 64] |= std::uint64_t{1} << bit % 64;
    const std::uint64_t key = key_of(known.length, known.probe);
    std::size_t place = key >> 1U & (size - 1);
    while (table_[place] != 0 && table_[place] != key) place = (place + 1) & (size - 1);
    table_[place] = key;
  }
  for (std::size_t i = reach_.size() - 1; i-- > 0;) reach_[i] = std::max(reach_[i], reach_[i + 1]);
  for (unsigned byte = 0; byte < 256; ++byte) {
    allowed_[byte] = (core::kKindOf[byte] & kinds) != 0;
    if (allowed_[byte] && byte < 128) {
      columns_[byte & 15U] = static_cast<std::uint8_t>(columns_[byte & 15U] | 1U << (byte >> 4U));
    }
  }
}

bool KnownFinder::is_border(std::string_view text, std::uint64_t at) const {
  return at == 0 || at == text.size() || core::is_separator(text[at - 1]) || core::is_separator(text[at]);
}

void KnownFinder::mark_allowed(std::string_view text, std::vector<std::uint64_t>& bits) const {
  // One word more than there are bytes for, so that each has a next one.
  bits.resize(text.size() / kBlock + 2);
  std::uint64_t block = 0;
#if defined(__x86_64__)
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;
  if (kHasAvx2) {
    block = text.size() / kBlock;
    mark_avx2(text.data(), block, columns_.data(), allowed_[255], bits.data());
  }
#endif
  for (; block < bits.size(); ++block) {
    const std::uint64_t at = std::min<std::uint64_t>(block * kBlock, text.size());
    bits[block] = mark_plain(text.data() + at, std::min<std::uint64_t>(kBlock, text.size() - at), allowed_);
  }
}

bool KnownFinder::may_be(std::uint64_t length, std::uint64_t shape) const {
  const std::uint64_t bit = mixed(shape ^ length << 50U) % (shapes_.size() * 64);
  return (shapes_[bit / 64] >> bit % 64 & 1U) != 0;
}

bool KnownFinder::is_value(std::string_view text, std::uint64_t shape) const {
  const std::uint64_t key = key_of(text.size(), core::probe_of(shape, key_, text));
  for (std::size_t place = key >> 1U & (table_.size() - 1); table_[place] != 0;
       place = (place + 1) & (table_.size() - 1)) {
    if (table_[place] == key) return values_->is_value(text);
  }
  return false;
}

void KnownFinder::look_from(std::string_view text, std::size_t first, Span slice, const Scratch& scratch,
                            std::vector<Span>& out) const {
  const auto& elements = scratch.elements;
  const std::uint64_t begin = elements[first].begin;
  std::uint64_t kinds = 0;
  std::uint64_t separators = 0;
  for (std::size_t i = first; i < elements.size(); ++i) {
    kinds |= elements[i].kinds;
    separators += std::uint64_t{(elements[i].kinds & core::kLetterBits) == 0};
    const bool is_last = i + 1 == elements.size();
    const std::uint64_t end = is_last ? slice.end : elements[i + 1].begin;
    // Both only grow from here.
    if (separators >= reach_.size() || end - begin > reach_[separators]) return;
    if ((required_with_[separators] & ~kinds) != 0 || !lengths_[end - begin]) continue;
    const std::uint64_t shape = kinds | separators << core::kCountBit;
    if (!may_be(end - begin, shape) || !is_border(text, end)) continue;
    if (is_value(text.substr(begin, end - begin), shape)) out.push_back({begin, end});
  }
}

void KnownFinder::look_at_slice(std::string_view text, Span slice, std::uint64_t begin_limit, Scratch& scratch,
                                std::vector<Span>& out) const {
  auto& elements = scratch.elements;
  elements.clear();
  std::uint64_t kinds = 0;
  for (std::uint64_t at = slice.begin; at < slice.end; ++at) {
    const std::uint64_t kind = core::kind_of(text[at]);
    kinds |= kind;
    if (elements.empty() || (kind & core::kLetterBits) == 0 || (elements.back().kinds & core::kLetterBits) == 0) {
      elements.push_back({at, kind});
    } else {
      elements.back().kinds |= kind;
    }
  }
  if ((kinds & required_) != required_) return;
  for (std::size_t i = 0; i < elements.size() && elements[i].begin < begin_limit; ++i) {
    if (slice.end - elements[i].begin < min_length_) return;
    if (i == 0 && !is_border(text, elements[i].begin)) continue;
    look_from(text, i, slice, scratch, out);
  }
}

void KnownFinder::look_at_run(std::string_view text, Span run, Scratch& scratch, std::vector<Span>& out) const {
  const bool is_whole =
      (run.begin == 0 || !allows(text[run.begin - 1])) && (run.end == text.size() || !allows(text[run.end]));
  if (is_whole && run.size() <= max_length_ && lengths_[run.size()]) {
    const std::uint64_t shape = core::shape_of(text.substr(run.begin, run.size()));
    const bool has_many = shape >> core::kCountBit == core::kManySeparators;
    if (has_many && may_be(run.size(), shape) && is_value(text.substr(run.begin, run.size()), shape))
      out.push_back(run);
  }
  for (std::uint64_t begin = run.begin; begin < run.end; begin += kSliceBytes) {
    const std::uint64_t end = std::min(run.end, begin + kSliceBytes + max_length_);
    look_at_slice(text, {begin, end}, begin + kSliceBytes, scratch, out);
  }
}

void KnownFinder::find_in(std::string_view text, Span region, Scratch& scratch, std::vector<Span>& out) const {
  if (region.size() < min_length_) return;
  const std::string_view part = text.substr(region.begin, region.size());
  mark_allowed(part, scratch.bits);
  const std::vector<std::uint64_t>& bits = scratch.bits;
  const auto row = static_cast<unsigned>(std::min<std::uint64_t>(min_length_, kBlock));
  std::uint64_t end = 0;  // of the last run
  for (std::size_t word = 0; word + 1 < bits.size(); ++word) {
    std::uint64_t begins = begins_of_rows(bits[word], bits[word + 1], row);
    while (begins != 0) {
      const std::uint64_t begin = word * kBlock + static_cast<unsigned>(std::countr_zero(begins));
      if (begin >= end) {
        std::size_t last = word;
        std::uint64_t gaps = ~bits[last] & ~std::uint64_t{0} << begin % kBlock;
        while (gaps == 0 && last + 1 < bits.size()) gaps = ~bits[++last];
        end = std::min<std::uint64_t>(last * kBlock + static_cast<unsigned>(std::countr_zero(gaps)), part.size());
        look_at_run(text, {region.begin + begin, region.begin + end}, scratch, out);
      }
      // What of this word belongs to the run.
      const std::uint64_t next_word = (word + 1) * kBlock;
      begins = end >= next_word ? 0 : begins & ~std::uint64_t{0} << end % kBlock;
    }
  }
}

void KnownFinder::find(std::string_view text, Scratch& scratch, std::vector<Span>& out) const {
  if (empty()) return;
  find_in(text, {0, text.size()}, scratch, out);
  std::sort(out.begin(), out.end());
}

void KnownFinder::find_copied(std::string_view text, const std::vector<Span>& base, const CopyMap& map,
                              Scratch& scratch, std::vector<Span>& out) const {
  if (empty()) return;
  std::vector<Span>& regions = scratch.regions;
  regions.clear();
  // [begin, end) was not copied, or two runs meet there: as far around it as a value can reach.
  const auto add = [&](std::uint64_t begin, std::uint64_t end) {
    const std::uint64_t first = begin > max_length_ ? begin - max_length_ : 0;
    const std::uint64_t last = std::min<std::uint64_t>(text.size(), end + max_length_);
    while (begin > first && allows(text[begin - 1])) --begin;
    while (end < last && allows(text[end])) ++end;
    if (!regions.empty() && begin <= regions.back().end) {
      regions.back().end = std::max(regions.back().end, end);
    } else if (end - begin >= min_length_) {
      regions.push_back({begin, end});
    }
  };
  std::uint64_t next = 0;
  for (const Copy& copy : map.copies()) {
    add(next, copy.at);
    next = copy.at + copy.size;
    auto known = std::lower_bound(base.begin(), base.end(), Span{copy.from, 0});
    for (; known != base.end() && known->begin < copy.from + copy.size; ++known) {
      const Span moved{known->begin - copy.from + copy.at, known->end - copy.from + copy.at};
      if (map.holds(copy, moved, 1)) out.push_back(moved);
    }
  }
  add(next, text.size());
  for (const Span& region : regions) find_in(text, region, scratch, out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

}  // namespace keytrail::engine
