#include "scanner/pack/delta.h"

#include <random>

#include "tests/support/catch.h"
#include "tests/support/effort.h"
#include "tests/unit/pack/collecting_visitor.h"
#include "tests/unit/pack/made_pack.h"

namespace keytrail::pack {
namespace {

using test::DeltaWriter;

struct Applied {
  bool good = false;
  std::string text;
  std::vector<core::Copy> copies;
};

// Every text in an allocation of its own of the exact size, so that a sanitizer sees what goes over an end.
Applied apply_exact(std::string_view delta_bytes, std::string_view base_bytes) {
  const std::vector<char> delta(delta_bytes.begin(), delta_bytes.end());
  const std::vector<char> base(base_bytes.begin(), base_bytes.end());
  Applied applied;
  const auto sizes = delta_sizes({delta.data(), delta.size()});
  if (!sizes) return applied;
  constexpr std::uint64_t kMaxResult = 1 << 24;
  std::vector<char> out(std::min(sizes->result, kMaxResult));
  if (sizes->result > kMaxResult) return applied;
  applied.good = apply_delta({delta.data(), delta.size()}, {base.data(), base.size()}, out.data(), applied.copies);
  if (applied.good) applied.text.assign(out.begin(), out.end());
  return applied;
}

std::string counted_text(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(i * 31 + (i >> 8)));
  return text;
}

bool same(const std::vector<core::Copy>& copies, const std::vector<core::Copy>& other) {
  return std::equal(copies.begin(), copies.end(), other.begin(), other.end(),
                    [](const auto& a, const auto& b) { return a.at == b.at && a.from == b.from && a.size == b.size; });
}

TEST_CASE("a delta gives its text and the runs that were copied") {
  const std::string base = counted_text(70000);
  struct Row {
    const char* name;
    std::string delta;
    std::string text;
    std::vector<core::Copy> copies;
  };
  const std::uint64_t all = base.size();
  const Row rows[] = {
      {"nothing", DeltaWriter(all, 0).bytes(), "", {}},
      {"an insert", DeltaWriter(all, 3).insert("abc").bytes(), "abc", {}},
      {"the longest insert", DeltaWriter(all, 127).insert(std::string(127, 'q')).bytes(), std::string(127, 'q'), {}},
      {"the whole base", DeltaWriter(all, all).copy(0, all).bytes(), base, {{0, 0, all}}},
      {"the last byte", DeltaWriter(all, 1).copy(all - 1, 1).bytes(), base.substr(all - 1), {{0, all - 1, 1}}},
      {"a copy of size 0 has 64 KiB",
       DeltaWriter(all, 0x10000).bytes() + "\x80",
       base.substr(0, 0x10000),
       {{0, 0, 0x10000}}},
      {"64 KiB from an offset",
       DeltaWriter(all, 0x10000).bytes() + "\x81\x05",
       base.substr(5, 0x10000),
       {{0, 5, 0x10000}}},
      {"a copy of size 0 that is spelled out",
       DeltaWriter(all, 0x10000).bytes() + std::string("\xf0\0\0\0", 4),
       base.substr(0, 0x10000),
       {{0, 0, 0x10000}}},
      {"an offset of three bytes",
       DeltaWriter(all, 2).bytes() + std::string("\x97\x00\x01\x01\x02", 5),
       base.substr(65792, 2),
       {{0, 65792, 2}}},
      {"copies that go on are one",
       DeltaWriter(all, 30).copy(5, 10).copy(15, 20).bytes(),
       base.substr(5, 30),
       {{0, 5, 30}}},
      {"copies that do not go on are two",
       DeltaWriter(all, 30).copy(5, 10).copy(16, 20).bytes(),
       base.substr(5, 10) + base.substr(16, 20),
       {{0, 5, 10}, {10, 16, 20}}},
      {"an insert parts copies",
       DeltaWriter(all, 31).copy(5, 10).insert("x").copy(15, 20).bytes(),
       base.substr(5, 10) + "x" + base.substr(15, 20),
       {{0, 5, 10}, {11, 15, 20}}},
      {"the same run twice",
       DeltaWriter(all, 20).copy(5, 10).copy(5, 10).bytes(),
       base.substr(5, 10) + base.substr(5, 10),
       {{0, 5, 10}, {10, 5, 10}}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const Applied applied = apply_exact(row.delta, base);
      REQUIRE(applied.good);
      CHECK(applied.text == row.text);
      CHECK(same(applied.copies, row.copies));
      // A delta has no mark at its end: whatever is missing shows in the size of the text.
      for (std::size_t length = 0; length < row.delta.size(); ++length) {
        CAPTURE(length);
        CHECK_FALSE(apply_exact(row.delta.substr(0, length), base).good);
      }
    }
  }
}

TEST_CASE("a delta that contradicts itself or its base is refused") {
  const std::string base = "0123456789";
  struct Row {
    const char* name;
    std::string delta;
  };
  const Row rows[] = {
      {"nothing", ""},
      {"a size that never ends", std::string(20, '\xff')},
      {"a size of more than 63 bits", std::string(9, '\xff') + "\x01\x01"},
      {"only the base's size", "\x0a"},
      {"a smaller base", DeltaWriter(9, 1).insert("a").bytes()},
      {"a larger base", DeltaWriter(11, 1).insert("a").bytes()},
      {"the reserved op", DeltaWriter(10, 1).bytes() + std::string(1, '\0')},
      {"the reserved op behind a good one", DeltaWriter(10, 1).insert("a").bytes() + std::string(1, '\0')},
      {"a text that is too short", DeltaWriter(10, 5).copy(0, 4).bytes()},
      {"an insert over the text's end", DeltaWriter(10, 2).insert("abc").bytes()},
      {"a copy over the text's end", DeltaWriter(10, 2).copy(0, 3).bytes()},
      {"an insert without its bytes", DeltaWriter(10, 3).bytes() + "\x03"
                                                                   "ab"},
      {"a copy from behind the base", DeltaWriter(10, 1).copy(10, 1).bytes()},
      {"a copy over the base's end", DeltaWriter(10, 4).copy(7, 4).bytes()},
      {"a copy from far behind the base", DeltaWriter(10, 1).copy(0xFFFFFFFF, 1).bytes()},
      {"64 KiB of a short base", DeltaWriter(10, 0x10000).bytes() + "\x80"},
      {"a copy without its offset", DeltaWriter(10, 1).bytes() + "\x91"},
      {"a copy without its size", DeltaWriter(10, 1).bytes() + std::string("\x91\0", 2)},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK_FALSE(apply_exact(row.delta, base).good); }
  }
}

TEST_CASE("results that no delta of that length can give are implausible") {
  struct Row {
    const char* name;
    std::size_t bytes;
    DeltaSizes sizes;
    bool plausible;
  };
  const Row rows[] = {
      {"nothing of nothing", 2, {0, 0}, true},
      {"an insert in an empty base", 130, {0, 127}, true},
      {"more than its bytes in an empty base", 130, {0, 200}, false},
      {"the base, copied by two bytes", 6, {100, 200}, true},
      {"the base a thousand times by two bytes", 6, {100, 100000}, false},
      {"the longest copy of two bytes", 10, {1 << 24, 0xFF0000}, true},
      {"all that 63 bits can say", 20, {1 << 24, (std::uint64_t{1} << 63) - 1}, false},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK(plausible_result(row.bytes, row.sizes) == row.plausible); }
  }
}

TEST_CASE("a delta of an empty base can only insert") {
  CHECK(apply_exact(DeltaWriter(0, 2).insert("ab").bytes(), "").text == "ab");
  CHECK(apply_exact(DeltaWriter(0, 0).bytes(), "").good);
  CHECK_FALSE(apply_exact(DeltaWriter(0, 1).copy(0, 1).bytes(), "").good);
}

// Runs of bytes that came from neighbours of the base: what `copies` must be, worked out byte by byte.
std::vector<core::Copy> runs_of(const std::vector<std::int64_t>& origins) {
  std::vector<core::Copy> runs;
  for (std::size_t at = 0; at < origins.size(); ++at) {
    if (origins[at] < 0) continue;
    const bool goes_on = at > 0 && origins[at - 1] >= 0 && origins[at - 1] + 1 == origins[at];
    if (goes_on) {
      ++runs.back().size;
    } else {
      runs.push_back({at, static_cast<std::uint64_t>(origins[at]), 1});
    }
  }
  return runs;
}

TEST_CASE("random deltas give their text, and copies describe all that was copied") {
  std::mt19937 random(20240611);
  const auto below = [&random](std::size_t bound) { return random() % bound; };
  for (int round = 0; round < keytrail::test::rounds(2000); ++round) {
    CAPTURE(round);
    const std::string base = counted_text(1 + below(round % 50 == 0 ? 200000 : 600));
    std::string text;
    std::vector<std::int64_t> origins;
    struct Op {
      std::uint64_t from, size;
      std::string inserted;
    };
    std::vector<Op> ops;
    std::uint64_t behind_last = 0;
    for (std::size_t count = below(12); count > 0; --count) {
      if (below(3) == 0) {
        ops.push_back({0, 0, std::string(1 + below(300), 'z')});
        text += ops.back().inserted;
        origins.resize(text.size(), -1);
        continue;
      }
      // Often where the last copy ended.
      const std::uint64_t from = below(2) == 0 && behind_last < base.size() ? behind_last : below(base.size());
      const std::uint64_t size = 1 + below(base.size() - from);
      ops.push_back({from, size, {}});
      text += base.substr(from, size);
      for (std::uint64_t i = 0; i < size; ++i) origins.push_back(static_cast<std::int64_t>(from + i));
      behind_last = from + size;
    }
    DeltaWriter writer(base.size(), text.size());
    for (const Op& op : ops) op.size == 0 ? writer.insert(op.inserted) : writer.copy(op.from, op.size);
    const Applied applied = apply_exact(writer.bytes(), base);
    REQUIRE(applied.good);
    REQUIRE(applied.text == text);
    REQUIRE(same(applied.copies, runs_of(origins)));
    REQUIRE(test::fault_of_copies(applied.copies, text, base).empty());
  }
}

TEST_CASE("a damaged delta is refused or gives a text with true copies") {
  std::mt19937 random(7);
  const std::string base = counted_text(500);
  const std::string good =
      DeltaWriter(500, 400).copy(10, 100).insert(std::string(100, 'y')).copy(110, 50).copy(300, 150).bytes();
  REQUIRE(apply_exact(good, base).good);
  for (int round = 0; round < keytrail::test::rounds(5000); ++round) {
    std::string damaged = good;
    const std::size_t at = random() % damaged.size();
    damaged[at] = static_cast<char>(random());
    const Applied applied = apply_exact(damaged, base);
    if (!applied.good) continue;
    CAPTURE(round);
    REQUIRE(test::fault_of_copies(applied.copies, applied.text, base).empty());
  }
}

}  // namespace
}  // namespace keytrail::pack
