#include "scanner/git/ewah.h"

#include <random>
#include <string>

#include "tests/support/catch.h"

namespace keytrail::git {
namespace {

void put(std::string& bytes, std::uint64_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
}

std::uint64_t marker(bool bit, std::uint64_t run, std::uint64_t literals) {
  return (bit ? 1U : 0U) | run << 1 | literals << 33;
}

std::string bitmap(std::uint32_t size, const std::vector<std::uint64_t>& words) {
  std::string bytes;
  put(bytes, size, 4);
  put(bytes, words.size(), 4);
  for (const std::uint64_t word : words) put(bytes, word, 8);
  put(bytes, 0, 4);
  return bytes;
}

std::vector<std::size_t> set_in(const std::string& bytes, std::size_t count) {
  ByteReader reader(bytes);
  const auto bits = read_bitmap(reader, count);
  if (!bits) return {999'999};
  REQUIRE(bits->size() == count);
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < count; ++i) {
    if ((*bits)[i]) positions.push_back(i);
  }
  return positions;
}

const std::vector<std::size_t> kRefused = {999'999};

TEST_CASE("runs and words of a bitmap are put one behind the other") {
  CHECK(set_in(bitmap(0, {}), 10).empty());
  CHECK(set_in(bitmap(3, {marker(false, 0, 1), 5}), 3) == std::vector<std::size_t>{0, 2});
  CHECK(set_in(bitmap(200, {marker(false, 2, 1), 1}), 200) == std::vector<std::size_t>{128});
  CHECK(set_in(bitmap(130, {marker(true, 2, 1), 2}), 130).size() == 129);
  CHECK(set_in(bitmap(300, {marker(true, 1, 0), marker(false, 1, 1), 1, marker(false, 1, 0)}), 300).back() == 128);
}

TEST_CASE("a bitmap that sets what there is not is refused, and so is one that is cut") {
  CHECK(set_in(bitmap(64, {marker(false, 0, 1), 8}), 3) == kRefused);
  CHECK(set_in(bitmap(64, {marker(true, 1, 0)}), 63) == kRefused);
  CHECK(set_in(bitmap(64, {marker(true, 0xFFFFFFFF, 0)}), 63) == kRefused);
  CHECK(set_in(bitmap(64, {marker(false, 0xFFFFFFFF, 0), marker(true, 0xFFFFFFFF, 0)}), 63) == kRefused);
  CHECK(set_in(bitmap(64, {marker(false, 0, 2), 1}), 64) == kRefused);
  const std::string whole = bitmap(200, {marker(true, 1, 1), 1, marker(false, 1, 0)});
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK(set_in(whole.substr(0, size), 200) == kRefused);
}

TEST_CASE("any bytes give a bitmap of the right size or none") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::uint64_t> words(random() % 6);
    for (std::uint64_t& word : words) word = random() >> random() % 64;
    const std::string bytes = bitmap(static_cast<std::uint32_t>(random()), words);
    ByteReader reader(bytes);
    const auto bits = read_bitmap(reader, random() % 500);
    if (bits) CHECK(bits->size() < 500);
  }
}

}  // namespace
}  // namespace keytrail::git
