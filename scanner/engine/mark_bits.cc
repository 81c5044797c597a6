#include "scanner/engine/mark_bits.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <initializer_list>

#include "scanner/engine/marks.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace keytrail::engine {
namespace {

// One bit for each of 64 bytes, the first one lowest.
struct Bits {
  std::uint64_t run;    // characters of base64, either alphabet
  std::uint64_t quote;  // " '
  std::uint64_t sign;   // % &
  std::uint64_t backslash;
  std::uint64_t gap;     // white space, + and .
  std::uint64_t value;   // what may follow a sign: 2 to 7, #, and the first letters of entities
  std::uint64_t escape;  // what may follow a backslash: u x /
};

constexpr bool is_one_of(std::uint32_t byte, std::string_view set) {
  return std::any_of(set.begin(), set.end(), [byte](char c) { return byte == static_cast<std::uint8_t>(c); });
}
constexpr std::string_view kQuotes = "\"'";
constexpr std::string_view kSigns = "%&";
constexpr std::string_view kGaps = "\t\n\r +.";
constexpr std::string_view kValues = "234567#aglnq";
constexpr std::string_view kEscapes = "ux/";

void classify_plain(const char* bytes, std::size_t blocks, Bits* out) {
  for (std::size_t block = 0; block < blocks; ++block) {
    Bits bits{};
    for (unsigned i = 0; i < kMarkBlock; ++i) {
      const auto byte = static_cast<std::uint8_t>(bytes[block * kMarkBlock + i]);
      bits.run |= std::uint64_t{kBase64[byte] >= 0} << i;
      bits.quote |= std::uint64_t{is_one_of(byte, kQuotes)} << i;
      bits.sign |= std::uint64_t{is_one_of(byte, kSigns)} << i;
      bits.backslash |= std::uint64_t{byte == '\\'} << i;
      bits.gap |= std::uint64_t{is_one_of(byte, kGaps)} << i;
      bits.value |= std::uint64_t{is_one_of(byte, kValues)} << i;
      bits.escape |= std::uint64_t{is_one_of(byte, kEscapes)} << i;
    }
    out[block] = bits;
  }
}

#if defined(__x86_64__)
#define KEYTRAIL_AVX2 __attribute__((target("avx2")))

// A byte's classes are the bits that two tables have in common, one by its low and one by its high four bits. A bit
// stands for bytes of equal high halves; a class may need several.
struct Tables {
  std::array<std::uint8_t, 16> low{};
  std::array<std::uint8_t, 16> high{};

  // Bytes whose high half is in `rows`, and whose low half in `columns`.
  constexpr Tables& with(unsigned bit, std::initializer_list<unsigned> rows, std::initializer_list<unsigned> columns) {
    for (const unsigned row : rows) high[row] = static_cast<std::uint8_t>(high[row] | 1U << bit);
    for (const unsigned column : columns) low[column] = static_cast<std::uint8_t>(low[column] | 1U << bit);
    return *this;
  }
  constexpr unsigned of(unsigned byte) const { return static_cast<unsigned>(low[byte & 15U] & high[byte >> 4U]); }
};

alignas(16) constexpr Tables kFirst = Tables()
                                          .with(0, {4, 6}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
                                          .with(1, {5, 7}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
                                          .with(2, {3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
                                          .with(3, {2}, {11, 13, 15})  // + - /
                                          .with(4, {5}, {15})          // _
                                          .with(5, {2}, {2, 7})
                                          .with(6, {2}, {5, 6})
                                          .with(7, {5}, {12});
alignas(16) constexpr Tables kSecond = Tables()
                                           .with(0, {6}, {1, 7, 12, 14})  // a g l n
                                           .with(1, {7}, {1})             // q
                                           .with(2, {2}, {3})             // #
                                           .with(3, {3}, {2, 3, 4, 5, 6, 7})
                                           .with(4, {0}, {9, 10, 13})
                                           .with(5, {2}, {0, 11, 14})
                                           .with(6, {7}, {5, 8})
                                           .with(7, {2}, {15});
constexpr unsigned kRunBits = 0x1F;
constexpr unsigned kQuoteBit = 0x20;
constexpr unsigned kSignBit = 0x40;
constexpr unsigned kBackslashBit = 0x80;
constexpr unsigned kValueBits = 0x0F;
constexpr unsigned kGapBits = 0x30;
constexpr unsigned kEscapeBits = 0xC0;

static_assert([] {
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (((kFirst.of(byte) & kRunBits) != 0) != (kBase64[byte] >= 0)) return false;
    if (((kFirst.of(byte) & kQuoteBit) != 0) != is_one_of(byte, kQuotes)) return false;
    if (((kFirst.of(byte) & kSignBit) != 0) != is_one_of(byte, kSigns)) return false;
    if (((kFirst.of(byte) & kBackslashBit) != 0) != (byte == '\\')) return false;
    if (((kSecond.of(byte) & kValueBits) != 0) != is_one_of(byte, kValues)) return false;
    if (((kSecond.of(byte) & kGapBits) != 0) != is_one_of(byte, kGaps)) return false;
    if (((kSecond.of(byte) & kEscapeBits) != 0) != is_one_of(byte, kEscapes)) return false;
  }
  return true;
}());

KEYTRAIL_AVX2 inline __m256i table_of(const std::array<std::uint8_t, 16>& values) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(values.data())));
}

KEYTRAIL_AVX2 void classify_avx2(const char* bytes, std::size_t blocks, Bits* out) {
  const __m256i first_low = table_of(kFirst.low);
  const __m256i first_high = table_of(kFirst.high);
  const __m256i second_low = table_of(kSecond.low);
  const __m256i second_high = table_of(kSecond.high);
  const __m256i nibble = _mm256_set1_epi8(0x0F);
  const __m256i zero = _mm256_setzero_si256();
  for (std::size_t block = 0; block < blocks; ++block) {
    Bits bits{};  // those of classes of several bits are of what is not in them, until the end
    for (unsigned i = 0; i < kMarkBlock; i += 32) {
      const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + block * kMarkBlock + i));
      const __m256i low = _mm256_and_si256(text, nibble);
      const __m256i high = _mm256_and_si256(_mm256_srli_epi16(text, 4), nibble);
      const __m256i first =
          _mm256_and_si256(_mm256_shuffle_epi8(first_low, low), _mm256_shuffle_epi8(first_high, high));
      const __m256i second =
          _mm256_and_si256(_mm256_shuffle_epi8(second_low, low), _mm256_shuffle_epi8(second_high, high));
      const auto mask = [i](__m256i set) KEYTRAIL_AVX2 {
        return std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(set))} << i;
      };
      const auto without = [zero](__m256i kinds, unsigned of) KEYTRAIL_AVX2 {
        return _mm256_cmpeq_epi8(_mm256_and_si256(kinds, _mm256_set1_epi8(static_cast<char>(of))), zero);
      };
      bits.run |= mask(without(first, kRunBits));
      bits.quote |= mask(_mm256_slli_epi16(first, 2));
      bits.sign |= mask(_mm256_slli_epi16(first, 1));
      bits.backslash |= mask(first);
      bits.value |= mask(without(second, kValueBits));
      bits.gap |= mask(without(second, kGapBits));
      bits.escape |= mask(without(second, kEscapeBits));
    }
    bits.run = ~bits.run;
    bits.value = ~bits.value;
    bits.gap = ~bits.gap;
    bits.escape = ~bits.escape;
    out[block] = bits;
  }
}
#define KEYTRAIL_AVX512 __attribute__((target("avx512f,avx512bw")))

KEYTRAIL_AVX512 inline __m512i wide_table_of(const std::array<std::uint8_t, 16>& values) {
  return _mm512_maskz_broadcast_i32x4(0xFFFF, _mm_load_si128(reinterpret_cast<const __m128i*>(values.data())));
}

// The same, 64 bytes at once.
KEYTRAIL_AVX512 void classify_avx512(const char* bytes, std::size_t blocks, Bits* out) {
  const __m512i first_low = wide_table_of(kFirst.low);
  const __m512i first_high = wide_table_of(kFirst.high);
  const __m512i second_low = wide_table_of(kSecond.low);
  const __m512i second_high = wide_table_of(kSecond.high);
  const __m512i nibble = _mm512_set1_epi8(0x0F);
  for (std::size_t block = 0; block < blocks; ++block) {
    const __m512i text = _mm512_loadu_si512(bytes + block * kMarkBlock);
    const __m512i low = _mm512_and_si512(text, nibble);
    const __m512i high = _mm512_and_si512(_mm512_srli_epi16(text, 4), nibble);
    const __m512i first = _mm512_and_si512(_mm512_shuffle_epi8(first_low, low), _mm512_shuffle_epi8(first_high, high));
    const __m512i second =
        _mm512_and_si512(_mm512_shuffle_epi8(second_low, low), _mm512_shuffle_epi8(second_high, high));
    const auto mask = [](__m512i kinds, unsigned of) KEYTRAIL_AVX512 {
      return std::uint64_t{_mm512_test_epi8_mask(kinds, _mm512_set1_epi8(static_cast<char>(of)))};
    };
    out[block] = {mask(first, kRunBits),      mask(first, kQuoteBit), mask(first, kSignBit),
                  mask(first, kBackslashBit), mask(second, kGapBits), mask(second, kValueBits),
                  mask(second, kEscapeBits)};
  }
}
#endif

using Classify = void (*)(const char*, std::size_t, Bits*);
Classify choose_classify() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw")) return classify_avx512;
  if (__builtin_cpu_supports("avx2")) return classify_avx2;
#endif
  return classify_plain;
}
const Classify kClassify = choose_classify();

// Classifies the blocks from `at` on; behind the end of the text all bytes are zero.
void classify(std::string_view text, std::uint64_t at, std::size_t blocks, Bits* out) {
  const std::size_t whole = at < text.size() ? std::min<std::size_t>(blocks, (text.size() - at) / kMarkBlock) : 0;
  if (whole > 0) kClassify(text.data() + at, whole, out);
  for (std::size_t i = whole; i < blocks; ++i) {
    const std::uint64_t begin = at + i * kMarkBlock;
    if (begin >= text.size()) {
      out[i] = {};
      continue;
    }
    std::array<char, kMarkBlock> block{};
    std::memcpy(block.data(), text.data() + begin, text.size() - begin);
    kClassify(block.data(), 1, out + i);
  }
}

// Where runs of at least kMinRun characters begin; `next` is what comes behind `run`.
inline std::uint64_t long_runs(std::uint64_t run, std::uint64_t behind_run, std::uint64_t next) {
  std::uint64_t bits = run;
  for (const unsigned step : {1U, 2U, 4U, 8U, 8U}) bits &= bits >> step;
  bits &= ~behind_run;
  const auto here = static_cast<unsigned>(std::countl_one(run));
  if (here == 0 || here + static_cast<unsigned>(std::countr_one(next)) < kMinRun) return bits;
  return bits | (~behind_run & std::uint64_t{1} << (kMarkBlock - here));
}
static_assert(kMinRun == 1 + 1 + 2 + 4 + 8 + 8);

inline MarkBits wanted_of(const Bits& before, const Bits& bits, const Bits& next) {
  const auto behind = [](std::uint64_t then, std::uint64_t now) { return now << 1 | then >> 63; };
  const auto following = [](std::uint64_t now, std::uint64_t then) { return now >> 1 | then << 63; };
  const std::uint64_t behind_run = behind(before.run, bits.run);
  MarkBits wanted{};
  wanted.runs = long_runs(bits.run, behind_run, next.run);
  const std::uint64_t ends_token = behind_run & following(bits.gap, next.gap);
  wanted.others = bits.backslash & ends_token;
  // Of quotes those where a gap leads to another one: a carry runs through the gap to what stands behind it.
  if (const std::uint64_t quotes = bits.quote & ends_token; quotes != 0) {
    const std::uint64_t sum = bits.gap + (quotes << 1);
    const bool leaves_block = sum < bits.gap || quotes >> 63 != 0;
    const std::uint64_t opening = bits.quote | following(bits.quote, next.quote);  // b"…" too
    if (leaves_block || (sum & ~bits.gap & opening) != 0) wanted.others |= quotes;
  }
  wanted.others |= bits.sign & following(bits.value, next.value);
  wanted.others |= bits.backslash & ~behind(before.backslash, bits.backslash) & following(bits.escape, next.escape);
  return wanted;
}

}  // namespace

bool is_gap(char c) { return is_one_of(static_cast<std::uint8_t>(c), kGaps); }

void find_mark_bits(std::string_view text, std::uint64_t at, std::size_t blocks, MarkBits* out) {
  Bits batch[kMarkBatch + 2];  // not set: most texts have few blocks. The first is the one before
  batch[0] = {};
  if (at > 0) {
    const char c = text[at - 1];
    batch[0].run = std::uint64_t{base64_value(c) >= 0} << 63;
    batch[0].backslash = std::uint64_t{c == '\\'} << 63;
  }
  classify(text, at, blocks + 1, batch + 1);  // what comes behind the last one counts
  for (std::size_t i = 0; i < blocks; ++i) out[i] = wanted_of(batch[i], batch[i + 1], batch[i + 2]);
}

}  // namespace keytrail::engine
