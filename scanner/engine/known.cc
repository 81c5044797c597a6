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
// Of a run up to this size all that counts is in one word. No value in it has kManySeparators.
constexpr std::uint64_t kShortRun = 62;
// Kinds of characters from rare to frequent, as source text has them.
constexpr std::string_view kBySeldom = "^~`|\\@$%!?+#[]{}&'\"<>*:;=,()/.-_";

std::uint64_t mixed(std::uint64_t x) {
  x *= 0x9E3779B97F4A7C15ULL;
  return x ^ x >> 32U;
}

// Never 0.
std::uint64_t key_of(std::uint64_t length, std::uint64_t probe) { return mixed(probe ^ length << 50U) | 1U; }

std::uint64_t shape_key(std::uint64_t length, std::uint64_t shape) { return mixed(shape ^ length << 50U); }

constexpr unsigned kFirstLetterBit = 33;
static_assert(core::kLetterBits == std::uint64_t{7} << kFirstLetterBit);
static_assert(core::kSmallBit == std::uint64_t{1} << kFirstLetterBit && core::kDigitBit == core::kSmallBit << 2U);
std::size_t letter_set(std::uint64_t kinds) { return kinds >> kFirstLetterBit & 7U; }

// The kind of character that tells best that a value with these kinds may stand in a text.
std::uint64_t telling_kind(std::uint64_t kinds) {
  for (const std::uint64_t kind : {core::kDigitBit, core::kCapitalBit}) {
    if ((kinds & kind) != 0) return kind;
  }
  for (const char sign : kBySeldom) {
    if ((kinds & core::kind_of(sign)) != 0) return core::kind_of(sign);
  }
  return kinds & core::kKindMask;
}

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

// The bits that such rows cover, of `word`, where rows of it and of the one before it begin.
std::uint64_t covered_by_rows(std::uint64_t word, std::uint64_t before, unsigned count) {
  unsigned have = 1;
  while (have < count) {
    const unsigned step = std::min(have, count - have);
    word |= word << step | before >> (64 - step);
    before |= before << step;  // lacks what begins before it, which does not reach here
    have += step;
  }
  return word;
}

// The set of letters of which there are any.
std::size_t set_of(std::uint64_t small, std::uint64_t capital, std::uint64_t digit) {
  return std::size_t{small != 0} | std::size_t{capital != 0} << 1U | std::size_t{digit != 0} << 2U;
}

// The bits of `member` from `begin` on.
std::uint64_t window(const std::vector<KnownFinder::Marks>& marks, std::uint64_t KnownFinder::Marks::*member,
                     std::uint64_t begin) {
  const std::uint64_t word = marks[begin / kBlock].*member >> begin % kBlock;
  return begin % kBlock == 0 ? word : word | marks[begin / kBlock + 1].*member << (kBlock - begin % kBlock);
}

// The run of allowed bytes that `at` stands in; none begins before `first`, and none ends behind `size`.
Span run_around(const std::vector<KnownFinder::Marks>& marks, std::uint64_t at, std::uint64_t first,
                std::uint64_t size) {
  std::uint64_t block = at / kBlock;
  std::uint64_t gaps = ~marks[block].allowed & ~(~std::uint64_t{0} << at % kBlock);
  while (gaps == 0 && block * kBlock > first) gaps = ~marks[--block].allowed;
  const std::uint64_t begin = gaps == 0 ? 0 : block * kBlock + static_cast<unsigned>(std::bit_width(gaps));
  block = at / kBlock;
  gaps = ~marks[block].allowed & ~std::uint64_t{0} << at % kBlock;
  while (gaps == 0 && block + 1 < marks.size()) gaps = ~marks[++block].allowed;
  const std::uint64_t end = block * kBlock + static_cast<unsigned>(std::countr_zero(gaps));
  return {std::max(begin, first), std::min(end, size)};
}

}  // namespace

void KnownFinder::ByteSet::add(std::uint64_t kinds) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    if ((core::kKindOf[byte] & kinds) == 0) continue;
    has[byte] = true;
    if (byte < 128) columns[byte & 15U] = static_cast<std::uint8_t>(columns[byte & 15U] | 1U << (byte >> 4U));
  }
}

KnownFinder::KnownFinder(const core::KnownValues* values) : values_(values) {
  if (values == nullptr) return;
  key_ = values->probe_key();
  std::vector<core::KnownProbe> probes = values->probes();
  std::erase_if(probes, [](const core::KnownProbe& known) {
    return known.probe == 0 || known.length == 0 || known.length > kMaxKnownBytes;
  });
  if (probes.empty()) return;
  limits_.resize(kLetterSets);
  for (Limits& limits : limits_) {
    limits.least.fill(UINT32_MAX);
    limits.required.fill(core::kKindMask);
  }
  std::uint64_t kinds = core::kLetterBits;
  std::uint64_t telling = 0;
  for (const core::KnownProbe& known : probes) {
    kinds |= known.probe & core::kKindMask;
    telling |= telling_kind(known.probe & core::kKindMask);
    min_length_ = std::min<std::uint64_t>(min_length_, known.length);
    max_length_ = std::max<std::uint64_t>(max_length_, known.length);
    add_limits(known.length, known.probe & core::kShapeMask);
  }
  for (Limits& limits : limits_) {
    for (std::size_t i = 1; i < limits.least.size(); ++i)
      limits.least[i] = std::min(limits.least[i - 1], limits.least[i]);
    for (std::size_t i = limits.reach.size() - 1; i-- > 0;) {
      limits.reach[i] = std::max(limits.reach[i], limits.reach[i + 1]);
    }
  }
  add_shapes(probes);
  add_probes(probes);
  allowed_.add(kinds);
  telling_.add(telling);
}

void KnownFinder::add_limits(std::uint32_t length, std::uint64_t shape) {
  const std::uint64_t separators = shape >> core::kCountBit;
  if (length < kBlock) short_lengths_[letter_set(shape)][separators] |= std::uint64_t{1} << length;
  for (std::size_t set = 0; set < kLetterSets; ++set) {
    if ((letter_set(shape) & ~set) != 0) continue;
    Limits& limits = limits_[set];
    limits.least[separators] = std::min(limits.least[separators], length);
    limits.lengths.set(length);
    if (separators == core::kManySeparators) continue;
    limits.reach[separators] = std::max(limits.reach[separators], length);
    limits.required[separators] &= shape;
  }
}

void KnownFinder::add_shapes(const std::vector<core::KnownProbe>& probes) {
  // First with room for as many shapes as there are values, to learn how many there are: a table that stays in the
  // processor's first cache is worth the second round.
  const auto fill = [&](std::size_t words) {
    shapes_.assign(std::max<std::size_t>(std::bit_ceil(words), 64), 0);
    std::size_t shapes = 0;
    for (const core::KnownProbe& known : probes) {
      const std::uint64_t bit = shape_key(known.length, known.probe & core::kShapeMask) & (shapes_.size() * 64 - 1);
      shapes += std::size_t{(shapes_[bit / 64] >> bit % 64 & 1U) == 0};
      shapes_[bit / 64] |= std::uint64_t{1} << bit % 64;
    }
    return shapes;
  };
  fill(fill(probes.size() / 4) / 4);
}

void KnownFinder::add_probes(const std::vector<core::KnownProbe>& probes) {
  const std::size_t size = std::bit_ceil(4 * probes.size());
  table_.assign(size, 0);
  first_.assign(std::max<std::size_t>(size / 16, 1), 0);
  for (const core::KnownProbe& known : probes) {
    const std::uint64_t key = key_of(known.length, known.probe);
    std::size_t place = key >> 1U & (size - 1);
    while (table_[place] != 0 && table_[place] != key) place = (place + 1) & (size - 1);
    table_[place] = key;
    const std::uint64_t bit = key >> 24U & (first_.size() * 64 - 1);
    first_[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
}

bool KnownFinder::is_border(std::string_view text, std::uint64_t at) const {
  return at == 0 || at == text.size() || core::is_separator(text[at - 1]) || core::is_separator(text[at]);
}

KnownFinder::Marks KnownFinder::mark_plain(std::string_view text) const {
  Marks marks;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint64_t kind = core::kind_of(text[i]);
    marks.allowed |= std::uint64_t{allows(text[i])} << i;
    marks.small |= std::uint64_t{(kind & core::kSmallBit) != 0} << i;
    marks.capital |= std::uint64_t{(kind & core::kCapitalBit) != 0} << i;
    marks.digit |= std::uint64_t{(kind & core::kDigitBit) != 0} << i;
    marks.telling |= std::uint64_t{telling_.has[static_cast<std::uint8_t>(text[i])]} << i;
  }
  return marks;
}

#if defined(__x86_64__)
// A byte is in a set when the column of its low half has the bit of its high half; those of 128 and more all or none.
__attribute__((target("avx2"))) void KnownFinder::mark_avx2(const char* bytes, std::uint64_t blocks, Marks* out) const {
  const auto* allowed = reinterpret_cast<const __m128i*>(allowed_.columns.data());
  const auto* telling = reinterpret_cast<const __m128i*>(telling_.columns.data());
  const __m256i allowed_columns = _mm256_broadcastsi128_si256(_mm_loadu_si128(allowed));
  const __m256i telling_columns = _mm256_broadcastsi128_si256(_mm_loadu_si128(telling));
  const __m256i row = _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i half = _mm256_set1_epi8(15);
  const auto mask_of = [](__m256i bytes_of_mask) __attribute__((target("avx2"))) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes_of_mask));
  };
  for (std::uint64_t block = 0; block < blocks; ++block) {
    std::array<std::uint64_t, 5> bits{};
    for (unsigned part = 0; part < 2; ++part) {
      const __m256i text =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + block * kBlock + std::size_t{part} * 32));
      const __m256i low = _mm256_and_si256(text, half);
      const __m256i high = _mm256_shuffle_epi8(row, _mm256_and_si256(_mm256_srli_epi16(text, 4), half));
      const auto in_set = [&](__m256i columns, bool has_high) __attribute__((target("avx2"))) {
        const __m256i column = _mm256_and_si256(_mm256_shuffle_epi8(columns, low), high);
        const std::uint32_t mask = ~mask_of(_mm256_cmpeq_epi8(column, _mm256_setzero_si256()));
        return has_high ? mask | mask_of(text) : mask;
      };
      const auto in_range = [&](char first, char count) __attribute__((target("avx2"))) {
        const __m256i offset = _mm256_sub_epi8(text, _mm256_set1_epi8(first));
        return mask_of(_mm256_cmpeq_epi8(_mm256_min_epu8(offset, _mm256_set1_epi8(count)), offset));
      };
      const std::array<std::uint32_t, 5> masks = {in_set(allowed_columns, allowed_.has[255]), in_range('a', 25),
                                                  in_range('A', 25), in_range('0', 9),
                                                  in_set(telling_columns, telling_.has[255])};
      for (std::size_t i = 0; i < bits.size(); ++i) bits[i] |= std::uint64_t{masks[i]} << (32 * part);
    }
    out[block] = {bits[0], bits[1], bits[2], bits[3], bits[4]};
  }
}
#endif

void KnownFinder::mark(std::string_view text, std::vector<Marks>& marks) const {
  const std::uint64_t blocks = text.size() / kBlock;
  // One more than there are bytes for, so that each has a next one.
  marks.resize(blocks + 2);
  marks.back() = {};
  const std::string_view rest = text.substr(blocks * kBlock);
#if defined(__x86_64__)
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;
  if (kHasAvx2) {
    // Behind the text stand control characters, which no value has.
    alignas(32) std::array<char, kBlock> last{};
    std::copy(rest.begin(), rest.end(), last.begin());
    mark_avx2(text.data(), blocks, marks.data());
    mark_avx2(last.data(), 1, marks.data() + blocks);
    return;
  }
#endif
  for (std::uint64_t block = 0; block < blocks; ++block) marks[block] = mark_plain(text.substr(block * kBlock, kBlock));
  marks[blocks] = mark_plain(rest);
}

const KnownFinder::Limits* KnownFinder::limits_of(const std::vector<Marks>& marks, Span run) const {
  std::uint64_t small = 0;
  std::uint64_t capital = 0;
  std::uint64_t digit = 0;
  const auto each = [&](const auto& visit) {
    const std::uint64_t first = run.begin / kBlock;
    const std::uint64_t last = (run.end - 1) / kBlock;
    for (std::uint64_t block = first; block <= last; ++block) {
      std::uint64_t mask = ~std::uint64_t{0};
      if (block == first) mask <<= run.begin % kBlock;
      if (block == last) mask &= ~std::uint64_t{0} >> (kBlock - 1 - (run.end - 1) % kBlock);
      visit(marks[block], mask);
    }
  };
  each([&](const Marks& mark, std::uint64_t mask) {
    small |= mark.small & mask;
    capital |= mark.capital & mask;
    digit |= mark.digit & mask;
  });
  const Limits& limits = limits_[set_of(small, capital, digit)];
  if (run.size() < limits.least.back()) return nullptr;
  std::uint64_t separators = 0;
  each([&](const Marks& mark, std::uint64_t mask) {
    separators += static_cast<unsigned>(std::popcount(mask & ~(mark.small | mark.capital | mark.digit)));
  });
  return run.size() < limits.least[std::min(separators, core::kManySeparators)] ? nullptr : &limits;
}

bool KnownFinder::may_be(std::uint64_t length, std::uint64_t shape) const {
  const std::uint64_t bit = shape_key(length, shape) & (shapes_.size() * 64 - 1);
  return (shapes_[bit / 64] >> bit % 64 & 1U) != 0;
}

bool KnownFinder::is_value(std::string_view text, std::uint64_t shape) const {
  const std::uint64_t key = key_of(text.size(), core::probe_of(shape, key_, text));
  const std::uint64_t bit = key >> 24U & (first_.size() * 64 - 1);
  if ((first_[bit / 64] >> bit % 64 & 1U) == 0) return false;
  for (std::size_t place = key >> 1U & (table_.size() - 1); table_[place] != 0;
       place = (place + 1) & (table_.size() - 1)) {
    if (table_[place] == key) return values_->is_value(text);
  }
  return false;
}

void KnownFinder::look_from(std::string_view text, std::size_t first, const Piece& slice, const Scratch& scratch,
                            std::vector<Span>& out) const {
  const auto& elements = scratch.elements;
  const Limits& limits = slice.limits;
  const std::uint64_t begin = elements[first].begin;
  std::uint64_t kinds = 0;
  std::uint64_t separators = 0;
  for (std::size_t i = first; i < elements.size(); ++i) {
    kinds |= elements[i].kinds;
    separators += std::uint64_t{(elements[i].kinds & core::kLetterBits) == 0};
    const bool is_last = i + 1 == elements.size();
    const std::uint64_t end = is_last ? slice.span.end : elements[i + 1].begin;
    // Both only grow from here.
    if (separators >= limits.reach.size() || end - begin > limits.reach[separators]) return;
    if ((limits.required[separators] & ~kinds) != 0 || !limits.lengths[end - begin]) continue;
    const std::uint64_t shape = kinds | separators << core::kCountBit;
    if (!may_be(end - begin, shape) || !is_border(text, end)) continue;
    if (is_value(text.substr(begin, end - begin), shape)) out.push_back({begin, end});
  }
}

void KnownFinder::look_at_slice(std::string_view text, const Piece& slice, std::uint64_t begin_limit, Scratch& scratch,
                                std::vector<Span>& out) const {
  auto& elements = scratch.elements;
  elements.clear();
  for (std::uint64_t at = slice.span.begin; at < slice.span.end; ++at) {
    const std::uint64_t kind = core::kind_of(text[at]);
    if (elements.empty() || (kind & core::kLetterBits) == 0 || (elements.back().kinds & core::kLetterBits) == 0) {
      elements.push_back({at, kind});
    } else {
      elements.back().kinds |= kind;
    }
  }
  const std::uint64_t least = slice.limits.least.back();
  for (std::size_t i = 0; i < elements.size() && elements[i].begin < begin_limit; ++i) {
    if (slice.span.end - elements[i].begin < least) return;
    if (i == 0 && !is_border(text, elements[i].begin)) continue;
    look_from(text, i, slice, scratch, out);
  }
}

void KnownFinder::look_at_run(std::string_view text, const Piece& run, Scratch& scratch, std::vector<Span>& out) const {
  const Span span = run.span;
  const bool is_whole =
      (span.begin == 0 || !allows(text[span.begin - 1])) && (span.end == text.size() || !allows(text[span.end]));
  if (is_whole && span.size() <= max_length_ && run.limits.lengths[span.size()]) {
    const std::uint64_t shape = core::shape_of(text.substr(span.begin, span.size()));
    const bool has_many = shape >> core::kCountBit == core::kManySeparators;
    if (has_many && may_be(span.size(), shape) && is_value(text.substr(span.begin, span.size()), shape))
      out.push_back(span);
  }
  for (std::uint64_t begin = span.begin; begin < span.end; begin += kSliceBytes) {
    const std::uint64_t end = std::min(span.end, begin + kSliceBytes + max_length_);
    look_at_slice(text, {{begin, end}, run.limits}, begin + kSliceBytes, scratch, out);
  }
}

void KnownFinder::look_at_short_run(std::string_view text, std::uint64_t region_begin, Span run,
                                    const std::vector<Marks>& marks, std::vector<Span>& out) const {
  const std::uint64_t size = run.size();
  const std::uint64_t all = (std::uint64_t{1} << size) - 1;
  const std::uint64_t small = window(marks, &Marks::small, run.begin) & all;
  const std::uint64_t capital = window(marks, &Marks::capital, run.begin) & all;
  const std::uint64_t digit = window(marks, &Marks::digit, run.begin) & all;
  const std::uint64_t least = limits_[set_of(small, capital, digit)].least.back();
  if (size < least) return;
  const std::uint64_t separators = ~(small | capital | digit) & all;
  const std::uint64_t begin = region_begin + run.begin;
  // Inside a run one of the neighbours is in it, on its sides is_border() looks at the others.
  std::uint64_t borders = (separators | separators << 1U) & all & ~std::uint64_t{1};
  borders |= std::uint64_t{is_border(text, begin)} | std::uint64_t{is_border(text, begin + size)} << size;
  for (std::uint64_t from = borders & ((std::uint64_t{2} << (size - least)) - 1); from != 0; from &= from - 1) {
    const auto first = static_cast<unsigned>(std::countr_zero(from));
    for (std::uint64_t to = borders & ~std::uint64_t{0} << (first + least); to != 0; to &= to - 1) {
      const auto length = static_cast<unsigned>(std::countr_zero(to)) - first;
      const std::uint64_t here = (std::uint64_t{1} << length) - 1;
      const std::size_t set = set_of(small >> first & here, capital >> first & here, digit >> first & here);
      const auto count = static_cast<std::uint64_t>(std::popcount(separators >> first & here));
      if ((short_lengths_[set][count] >> length & 1U) == 0) continue;
      std::uint64_t shape = std::uint64_t{set} << kFirstLetterBit | count << core::kCountBit;
      for (std::uint64_t left = separators >> first & here; left != 0; left &= left - 1) {
        shape |= core::kind_of(text[begin + first + static_cast<unsigned>(std::countr_zero(left))]);
      }
      if (!may_be(length, shape)) continue;
      const Span place{begin + first, begin + first + length};
      if (is_value(text.substr(place.begin, length), shape)) out.push_back(place);
    }
  }
}

void KnownFinder::find_in(std::string_view text, Span region, Scratch& scratch, std::vector<Span>& out) const {
  if (region.size() < min_length_) return;
  const std::string_view part = text.substr(region.begin, region.size());
  mark(part, scratch.marks);
  const std::vector<Marks>& marks = scratch.marks;
  const auto row = static_cast<unsigned>(std::min<std::uint64_t>(min_length_, kBlock));
  std::uint64_t end = 0;     // of the last run
  std::uint64_t before = 0;  // where rows begin in the block before
  std::size_t next = 0;      // the block that `before` is of, and one
  for (std::size_t block = 0; block + 1 < marks.size(); ++block) {
    std::uint64_t telling = marks[block].telling;
    if (telling == 0) continue;
    if (next != block) before = begins_of_rows(marks[block - 1].allowed, marks[block].allowed, row);
    const std::uint64_t begins = begins_of_rows(marks[block].allowed, marks[block + 1].allowed, row);
    telling &= covered_by_rows(begins, before, row);
    before = begins;
    next = block + 1;
    if (end > block * kBlock) telling = end >= (block + 1) * kBlock ? 0 : telling & ~std::uint64_t{0} << end % kBlock;
    while (telling != 0) {
      const std::uint64_t at = block * kBlock + static_cast<unsigned>(std::countr_zero(telling));
      const Span run = run_around(marks, at, end, part.size());
      end = run.end;
      if (run.size() <= kShortRun) {
        look_at_short_run(text, region.begin, run, marks, out);
      } else if (const Limits* limits = limits_of(marks, run); limits != nullptr) {
        look_at_run(text, {{region.begin + run.begin, region.begin + run.end}, *limits}, scratch, out);
      }
      telling = end >= (block + 1) * kBlock ? 0 : telling & ~std::uint64_t{0} << end % kBlock;
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
    if (base.empty()) continue;
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
