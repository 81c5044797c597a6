// Archives that are damaged, encrypted, or made to do harm.
#include <chrono>
#include <functional>
#include <random>

#include "scanner/fs/archive.h"
#include "tests/support/catch.h"
#include "tests/support/effort.h"
#include "tests/unit/fs/collecting_sink.h"
#include "tests/unit/fs/make_archive.h"

namespace keytrail::fs {
namespace {

using core::SkipReason;
using test::CollectingSink;
using test::Compression;
using test::Container;
using test::Lines;
using test::make_archive;
using test::Member;
using test::noise;

void expand(const std::string& name, std::string_view bytes, CollectingSink& sink, const ArchiveLimits& limits = {}) {
  core::MemoryStream stream(bytes);
  make_archive_expander(limits)->expand(0, {core::BlobKind::file, name, std::nullopt}, stream, sink);
}

struct Format {
  const char* name;
  Container container;
  Compression compression;
};
const std::vector<Format> kFormats = {
    {"a.zip", Container::zip, Compression::none},      {"stored.zip", Container::zip_stored, Compression::none},
    {"a.tar", Container::tar, Compression::none},      {"a.tar.gz", Container::tar, Compression::gzip},
    {"a.tar.bz2", Container::tar, Compression::bzip2}, {"a.tar.xz", Container::tar, Compression::xz},
    {"a.tar.zst", Container::tar, Compression::zstd},  {"a.tar.lz4", Container::tar, Compression::lz4},
    {"a.7z", Container::seven_zip, Compression::none}, {"a.gz", Container::raw, Compression::gzip},
    {"a.xz", Container::raw, Compression::xz},         {"a.bz2", Container::raw, Compression::bzip2},
    {"a.zst", Container::raw, Compression::zstd},
};

std::string sample(const Format& format) {
  std::vector<Member> members = {{"one", noise(700, 1)}, {"two", noise(90'000, 2)}, {"three", noise(300, 3)}};
  if (format.container == Container::raw) members = {{"one", noise(90'000, 2)}};
  return make_archive(format.container, format.compression, members);
}

// Whether what was delivered is the beginning of what the whole archive holds.
bool is_part_of(const CollectingSink& part, const CollectingSink& whole) {
  for (const auto& [path, bytes] : part.delivered) {
    const auto found = whole.delivered.find(path);
    if (found == whole.delivered.end() || found->second.compare(0, bytes.size(), bytes) != 0) return false;
  }
  return true;
}

TEST_CASE("an archive cut at any length gives the beginning of what it held and says so") {
  for (const Format& format : kFormats) {
    DYNAMIC_SECTION(format.name) {
      const std::string bytes = sample(format);
      CollectingSink whole;
      expand(format.name, bytes, whole);
      REQUIRE(whole.skips.empty());
      std::vector<std::size_t> cuts;
      for (std::size_t cut = 512; cut < bytes.size(); cut += 1 + bytes.size() / 60) cuts.push_back(cut);
      for (std::size_t back = 1; back <= 40; ++back) cuts.push_back(bytes.size() - back);
      for (const std::size_t cut : cuts) {
        CollectingSink part;
        expand(format.name, std::string_view(bytes).substr(0, cut), part);
        INFO("cut at " << cut << " of " << bytes.size());
        REQUIRE(is_part_of(part, whole));
        const bool complete = part.delivered == whole.delivered;
        // The last blocks of a tar are zeros: without them nothing is missing.
        if (!complete) REQUIRE_FALSE(part.skips.empty());
        for (const core::Skip& skip : part.skips) {
          REQUIRE(skip.reason == SkipReason::archive_corrupt);
          REQUIRE(skip.path.rfind(format.name, 0) == 0);
        }
      }
    }
  }
}

TEST_CASE("of a cut archive the members before the cut are scanned") {
  for (const Format& format : kFormats) {
    // A 7z has the list of its members at its end, a stream under compression gives whole blocks.
    if (format.container != Container::zip && format.container != Container::zip_stored &&
        (format.container != Container::tar || format.compression != Compression::none)) {
      continue;
    }
    const std::string bytes = sample(format);
    CollectingSink sink;
    expand(format.name, std::string_view(bytes).substr(0, bytes.size() / 2), sink);
    INFO(format.name);
    CHECK((sink.delivered.find(format.name + std::string("!/one"))->second == noise(700, 1)));
    CHECK(sink.delivered.find(format.name + std::string("!/two"))->second.size() > 1000);
    CHECK(sink.skip_lines() == Lines{"archive-corrupt " + std::string(format.name) + "!/two"});
  }
}

TEST_CASE("a cut gzip file is scanned up to the cut") {
  const std::string text = noise(40'000, 9);
  const std::string bytes = make_archive(Container::raw, Compression::gzip, {{"x", text}});
  CollectingSink sink;
  expand("x.gz", std::string_view(bytes).substr(0, bytes.size() * 3 / 4), sink);
  REQUIRE(sink.delivered.count("x.gz!/x") == 1);
  CHECK(sink.delivered.find("x.gz!/x")->second.size() > text.size() / 2);
  CHECK(sink.skip_lines() == Lines{"archive-corrupt x.gz"});
}

TEST_CASE("an archive with changed bytes does no harm") {
  std::mt19937 random(7);
  for (const Format& format : kFormats) {
    const std::string bytes = sample(format);
    for (int round = 0; round < keytrail::test::rounds(60); ++round) {
      std::string changed = bytes;
      for (unsigned i = 0; i < 1 + random() % 8; ++i) changed[random() % changed.size()] = static_cast<char>(random());
      CollectingSink sink;
      expand(format.name, changed, sink);
      // Whatever came of it: something was delivered or something is named.
      REQUIRE(sink.delivered.size() + sink.skips.size() > 0);
    }
  }
}

TEST_CASE("damage in a nested archive is named where it is, and its neighbours are scanned") {
  std::string inner = make_archive(Container::raw, Compression::gzip, {{"x", noise(5000, 1)}});
  inner.resize(inner.size() / 2);
  const std::string bytes = make_archive(Container::tar, Compression::gzip, {{"a", "1"}, {"in.gz", inner}, {"z", "2"}});
  CollectingSink sink;
  expand("x.tgz", bytes, sink);
  CHECK(sink.delivered.count("x.tgz!/a") == 1);
  CHECK(sink.delivered.count("x.tgz!/z") == 1);
  CHECK(sink.skip_lines() == Lines{"archive-corrupt x.tgz!/in.gz"});
}

TEST_CASE("damage of the outer archive is not blamed on the inner one") {
  const std::string inner = make_archive(Container::zip_stored, Compression::none, {{"x", noise(200'000, 1)}});
  const std::string outer = make_archive(Container::tar, Compression::none, {{"in.zip", inner}});
  CollectingSink sink;
  expand("x.tar", std::string_view(outer).substr(0, outer.size() / 2), sink);
  CHECK(sink.delivered.count("x.tar!/in.zip!/x") == 1);
  CHECK(sink.skip_lines() == Lines{"archive-corrupt x.tar!/in.zip"});
}

TEST_CASE("a member with a wrong checksum is named and the next one is scanned") {
  const std::string text = noise(3000, 5);
  std::string bytes = make_archive(Container::zip_stored, Compression::none, {{"a", text}, {"b", "2"}});
  bytes[bytes.find(text.substr(0, 50)) + 1000] ^= 1;
  CollectingSink sink;
  expand("x.zip", bytes, sink);
  CHECK(sink.paths() == Lines{"x.zip!/a", "x.zip!/b"});
  CHECK(sink.skip_lines() == Lines{"archive-corrupt x.zip!/a"});
}

TEST_CASE("encrypted members are counted once for their archive") {
  SECTION("all of them") {
    CollectingSink sink;
    expand("x.zip", make_archive(Container::zip_encrypted, Compression::none, {{"a", "1"}, {"b", "2"}}), sink);
    CHECK(sink.delivered.empty());
    CHECK(sink.skip_lines() == Lines{"archive-encrypted x.zip"});
    CHECK(sink.detail_of("x.zip") == "members that need a password: 2");
  }
  SECTION("one of them") {
    // The flag of the first member, in its own header and in the list at the end.
    std::string bytes = make_archive(Container::zip_stored, Compression::none, {{"a", "1"}, {"b", "2"}});
    bytes[6] = static_cast<char>(bytes[6] | 1);
    const std::size_t listed = bytes.find(std::string("PK\x01\x02", 4)) + 8;
    bytes[listed] = static_cast<char>(bytes[listed] | 1);
    CollectingSink sink;
    expand("x.zip", bytes, sink);
    CHECK(sink.paths() == Lines{"x.zip!/b"});
    CHECK(sink.skip_lines() == Lines{"archive-encrypted x.zip"});
    CHECK(sink.detail_of("x.zip") == "members that need a password: 1");
  }
}

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST_CASE("a bomb is stopped by its ratio") {
  const std::string zeros(std::size_t{48} << 20, '\0');
  for (const Format& format : kFormats) {
    if (format.compression == Compression::none && format.container != Container::zip) continue;
    DYNAMIC_SECTION(format.name) {
      const std::string bytes = make_archive(format.container, format.compression, {{"zeros", zeros}});
      CollectingSink sink;
      sink.keep_streams = false;
      expand(format.name, bytes, sink);
      REQUIRE(sink.skips.size() == 1);
      CHECK(sink.skips[0].reason == SkipReason::archive_limit);
      CHECK(sink.skips[0].detail == "expands to more than 200 times its size");
      REQUIRE(sink.streamed.size() == 1);
      CHECK(sink.streamed.begin()->second < std::size_t{40} << 20);
    }
  }
}

TEST_CASE("a bomb of a GiB is stopped at once") {
  const std::string part =
      make_archive(Container::raw, Compression::gzip, {{"x", std::string(std::size_t{16} << 20, '\0')}});
  std::string bytes;
  for (int i = 0; i < 64; ++i) bytes += part;
  CollectingSink sink;
  sink.keep_streams = false;
  CHECK(seconds_of([&] { expand("x.gz", bytes, sink); }) < 3);
  CHECK(sink.skip_lines() == Lines{"archive-limit x.gz"});
  CHECK(sink.streamed["x.gz!/x"] < std::size_t{40} << 20);
}

TEST_CASE("a bomb that the sink does not read is stopped all the same") {
  const std::string bytes =
      make_archive(Container::tar, Compression::gzip, {{"zeros", std::string(std::size_t{48} << 20, '\0')}});
  CollectingSink sink;
  sink.max_stream_bytes = 1;
  expand("x.tgz", bytes, sink);
  CHECK(sink.skip_lines() == Lines{"archive-limit x.tgz!/zeros"});
}

TEST_CASE("a bomb in layers is charged to one account") {
  const std::string zeros(std::size_t{20} << 20, '\0');
  const std::string layer = make_archive(Container::zip, Compression::none, {{"zeros", zeros}});
  std::vector<Member> members;
  for (int i = 0; i < 30; ++i) members.push_back({std::to_string(i) + ".zip", layer});
  CollectingSink sink;
  sink.keep_streams = false;
  expand("x.zip", make_archive(Container::zip, Compression::none, members), sink);
  REQUIRE(sink.skips.size() == 1);
  CHECK(sink.skips[0].reason == SkipReason::archive_limit);
  CHECK(sink.streamed.size() < 5);
}

TEST_CASE("a log that compresses a hundredfold is read to its end") {
  std::string text = "2024-01-01 00:00:00 INFO service: request served in 12 ms\n";
  while (text.size() < std::size_t{40} << 20) text += text;
  // Something random in each 4 KiB keeps the ratio near 100.
  for (std::size_t i = 0; i + 24 < text.size(); i += 4096) text.replace(i, 24, noise(24, static_cast<unsigned>(i)));
  const std::string bytes = make_archive(Container::raw, Compression::gzip, {{"x", text}});
  REQUIRE(text.size() / bytes.size() > 60);
  CollectingSink sink;
  sink.keep_streams = false;
  expand("x.log.gz", bytes, sink);
  CHECK(sink.skips.empty());
  CHECK(sink.streamed["x.log.gz!/x.log"] == text.size());
}

TEST_CASE("the limits of entries and of bytes are kept") {
  std::vector<Member> members;
  for (int i = 0; i < 50; ++i) members.push_back({std::to_string(i), noise(1000, 1)});
  const std::string bytes = make_archive(Container::tar, Compression::none, members);
  ArchiveLimits limits;
  SECTION("entries") {
    limits.max_entries = 20;
    CollectingSink sink;
    expand("x.tar", bytes, sink, limits);
    CHECK(sink.delivered.size() == 20);
    CHECK(sink.skip_lines() == Lines{"archive-limit x.tar"});
    CHECK(sink.detail_of("x.tar") == "has more than 20 entries");
  }
  SECTION("exactly as many entries as allowed") {
    limits.max_entries = 50;
    CollectingSink sink;
    expand("x.tar", bytes, sink, limits);
    CHECK(sink.delivered.size() == 50);
    CHECK(sink.skips.empty());
  }
  SECTION("bytes") {
    limits.max_total_bytes = 20'500;
    CollectingSink sink;
    expand("x.tar", bytes, sink, limits);
    CHECK(sink.delivered.size() == 21);
    CHECK(sink.skip_lines() == Lines{"archive-limit x.tar!/20"});
  }
}

TEST_CASE("a cancelled expansion ends without a word") {
  std::vector<Member> members;
  for (int i = 0; i < 50; ++i) members.push_back({std::to_string(i), "text"});
  CollectingSink sink;
  sink.cancel_after = 5;
  expand("x.tgz", make_archive(Container::tar, Compression::gzip, members), sink);
  CHECK(sink.delivered.size() == 5);
  CHECK(sink.skips.empty());
}

class FailingStream : public core::ByteStream {
 public:
  explicit FailingStream(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read(char* buffer, std::size_t capacity) override {
    auto got = bytes_.read(buffer, capacity);
    if (got && *got == 0) return make_error(ErrorCode::internal, "cannot read: Input/output error");
    return got;
  }

 private:
  core::MemoryStream bytes_;
};

TEST_CASE("an archive whose own bytes cannot be read is unreadable") {
  const std::string bytes = make_archive(Container::tar, Compression::none, {{"a", "1"}, {"b", noise(100'000, 1)}});
  FailingStream stream(std::string_view(bytes).substr(0, 70'000));
  CollectingSink sink;
  make_archive_expander()->expand(0, {core::BlobKind::file, "x.tar", std::nullopt}, stream, sink);
  CHECK(sink.delivered.count("x.tar!/a") == 1);
  CHECK(sink.skip_lines() == Lines{"unreadable x.tar"});
}

TEST_CASE("what is no archive is not supported") {
  CollectingSink sink;
  expand("x.zip", "just text", sink);
  CHECK(sink.skip_lines() == Lines{"not-supported x.zip"});
}

}  // namespace
}  // namespace keytrail::fs
