#include "scanner/fs/archive.h"

#include <cstring>
#include <map>

#include "scanner/fs/archive_format.h"
#include "tests/support/catch.h"
#include "tests/unit/fs/collecting_sink.h"
#include "tests/unit/fs/make_archive.h"

namespace keytrail::fs {
namespace {

using test::CollectingSink;
using test::Compression;
using test::Container;
using test::Lines;
using test::make_archive;
using test::Member;
using test::noise;

void expand(const std::string& name, const std::string& bytes, CollectingSink& sink, const ArchiveLimits& limits = {}) {
  const auto expander = make_archive_expander(limits);
  REQUIRE(expander->recognises(std::string_view(bytes).substr(0, core::Expander::kHeadBytes)));
  core::MemoryStream stream(bytes);
  expander->expand(0, {core::BlobKind::file, name, std::nullopt}, stream, sink);
}

const std::vector<Member> kMembers = {
    {"first.txt", "one\n"}, {"folder/second.txt", noise(5000, 1)},
    {"folder/empty", ""},   {"folder/big.txt", noise(1'300'000, 2)},
    {"last", "z"},
};

TEST_CASE("the members of every container arrive unaltered") {
  struct Row {
    const char* name;
    Container container;
    Compression compression;
  };
  const std::vector<Row> rows = {
      {"a.zip", Container::zip, Compression::none},      {"stored.zip", Container::zip_stored, Compression::none},
      {"a.tar", Container::tar, Compression::none},      {"a.tar.gz", Container::tar, Compression::gzip},
      {"a.tar.bz2", Container::tar, Compression::bzip2}, {"a.tar.xz", Container::tar, Compression::xz},
      {"a.tar.zst", Container::tar, Compression::zstd},  {"a.tar.lz4", Container::tar, Compression::lz4},
      {"a.7z", Container::seven_zip, Compression::none},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      CollectingSink sink;
      expand(row.name, make_archive(row.container, row.compression, kMembers), sink);
      CHECK(sink.skip_lines().empty());
      REQUIRE(sink.delivered.size() == kMembers.size());
      for (const Member& member : kMembers) {
        const auto found = sink.delivered.find(std::string(row.name) + "!/" + member.name);
        REQUIRE(found != sink.delivered.end());
        CHECK((found->second == member.bytes));
      }
      // Only the big one is a stream.
      CHECK(sink.streamed.size() == 1);
    }
  }
}

TEST_CASE("a zip too large for memory is read in its order") {
  ArchiveLimits limits;
  limits.max_bytes_in_memory = 1000;
  for (const Container container : {Container::zip, Container::zip_stored}) {
    CollectingSink sink;
    expand("a.zip", make_archive(container, Compression::none, kMembers), sink, limits);
    CHECK(sink.skip_lines().empty());
    CHECK(sink.delivered.size() == kMembers.size());
  }
  CollectingSink sink;
  expand("a.7z", make_archive(Container::seven_zip, Compression::none, kMembers), sink, limits);
  CHECK(sink.skip_lines() == Lines{"archive-limit a.7z"});
}

TEST_CASE("a compressed file has one member named like it") {
  struct Row {
    const char* name;
    Compression compression;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"logs/x.log.gz", Compression::gzip, "logs/x.log.gz!/x.log"},
      {"x.bz2", Compression::bzip2, "x.bz2!/x"},
      {"x.xz", Compression::xz, "x.xz!/x"},
      {"x.zst", Compression::zstd, "x.zst!/x"},
      {"x.lz4", Compression::lz4, "x.lz4!/x"},
      {"no suffix", Compression::gzip, "no suffix!/no suffix"},
      {".gz", Compression::gzip, ".gz!/.gz"},
      {"", Compression::gzip, "!/content"},
  };
  for (const Row& row : rows) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100}, std::size_t{70'000}}) {
      // libarchive's writer of lz4 crashes on nothing.
      if (size == 0 && row.compression == Compression::lz4) continue;
      DYNAMIC_SECTION(row.name << " of " << size << " bytes") {
        const std::string text = noise(size, 3);
        CollectingSink sink;
        expand(row.name, make_archive(Container::raw, row.compression, {{"x", text}}), sink);
        CHECK(sink.skip_lines().empty());
        REQUIRE(sink.paths() == Lines{row.want});
        CHECK((sink.delivered.begin()->second == text));
      }
    }
  }
}

TEST_CASE("zeros under compression are not taken for an empty tar") {
  const std::string text = std::string(1024, '\0') + "behind zeros";
  CollectingSink sink;
  expand("disk.gz", make_archive(Container::raw, Compression::gzip, {{"x", text}}), sink);
  CHECK(sink.delivered.begin()->second == text);
}

TEST_CASE("members of a compressed file in two parts are one") {
  const std::string bytes = make_archive(Container::raw, Compression::gzip, {{"x", "one "}}) +
                            make_archive(Container::raw, Compression::gzip, {{"x", "two"}});
  CollectingSink sink;
  expand("x.gz", bytes, sink);
  CHECK(sink.delivered.begin()->second == "one two");
}

TEST_CASE("what follows a compressed file and is none is padding") {
  CollectingSink sink;
  expand("x.gz", make_archive(Container::raw, Compression::gzip, {{"x", "text"}}) + std::string(5000, '\0'), sink);
  CHECK(sink.delivered.begin()->second == "text");
  CHECK(sink.skips.empty());
}

TEST_CASE("two tars in one file are both read") {
  const std::string bytes = make_archive(Container::tar, Compression::none, {{"a", "1"}}) +
                            make_archive(Container::tar, Compression::none, {{"b", "2"}});
  CollectingSink sink;
  expand("x.tar", bytes, sink);
  CHECK(sink.paths() == Lines{"x.tar!/a", "x.tar!/b"});
  CHECK(sink.skips.empty());
}

std::string nest(unsigned levels, std::string bytes) {
  for (unsigned i = 1; i <= levels; ++i) {
    const bool zip = i % 2 == 0;
    const std::string name = i == 1 ? "core" : (i - 1) % 2 == 0 ? "in.zip" : "in.tgz";
    bytes = make_archive(zip ? Container::zip : Container::tar, zip ? Compression::none : Compression::gzip,
                         {{name, bytes}, {"beside", "text"}});
  }
  return bytes;
}

TEST_CASE("archives in archives are opened to the depth that the limits allow") {
  ArchiveLimits limits;
  for (unsigned levels = 1; levels <= 6; ++levels) {
    CollectingSink sink;
    expand("x", nest(levels, "secret"), sink, limits);
    INFO(levels << " levels");
    CHECK(sink.delivered.size() == std::min(levels, limits.max_depth) + (levels <= limits.max_depth ? 1 : 0));
    if (levels <= limits.max_depth) {
      CHECK(sink.skips.empty());
    } else {
      REQUIRE(sink.skips.size() == 1);
      CHECK(sink.skips[0].reason == core::SkipReason::archive_limit);
      CHECK(sink.skips[0].detail == "nested deeper than 4 archives");
    }
  }
  CollectingSink sink;
  expand("x.zip", nest(2, "secret"), sink);
  CHECK(sink.paths() == Lines{"x.zip!/beside", "x.zip!/in.tgz!/beside", "x.zip!/in.tgz!/core"});
}

TEST_CASE("links and pipes of a tar are not members to scan") {
  const std::string bytes = make_archive(Container::tar, Compression::none,
                                         {{"d", "", Member::Kind::folder},
                                          {"d/a", "1"},
                                          {"d/hard", "d/a", Member::Kind::hard_link},
                                          {"d/soft", "/etc/passwd", Member::Kind::symlink},
                                          {"d/pipe", "", Member::Kind::fifo}});
  CollectingSink sink;
  expand("x.tar", bytes, sink);
  CHECK(sink.paths() == Lines{"x.tar!/d/a"});
  CHECK(sink.skip_lines() == Lines{"special-file x.tar!/d/pipe", "symlink x.tar!/d/soft"});
}

TEST_CASE("names of members are text only") {
  const std::vector<std::string> names = {"/etc/passwd", "../../up", "same", "same", "\xc3\xa9t\xc3\xa9", "raw\xff"};
  std::vector<Member> members;
  for (const std::string& name : names) members.push_back({name, name});
  for (const Container container : {Container::tar, Container::zip}) {
    CollectingSink sink;
    expand("x", make_archive(container, Compression::none, members), sink);
    CHECK(sink.skips.empty());
    REQUIRE(sink.delivered.size() == names.size());
    for (const auto& [path, bytes] : sink.delivered) CHECK(path == "x!/" + bytes);
  }
}

TEST_CASE("members keep the kind and object of their archive") {
  const auto expander = make_archive_expander();
  const std::string bytes = make_archive(Container::zip, Compression::none, {{"a", "1"}});
  core::MemoryStream stream(bytes);
  const auto object = core::ObjectId::from_hex(std::string(40, 'a'));
  CollectingSink sink;
  expander->expand(3, {core::BlobKind::git_blob, "", object}, stream, sink);
  REQUIRE(sink.origins.size() == 1);
  CHECK(sink.origins[0].kind == core::BlobKind::git_blob);
  CHECK(sink.origins[0].object == object);
  CHECK(sink.origins[0].path == "!/a");
  CHECK(sink.max_worker == 3);
}

TEST_CASE("archives are told by their first bytes") {
  using F = ArchiveFormat;
  const std::string tar = make_archive(Container::tar, Compression::none, {{"a", "1"}});
  std::string bad_tar = tar;
  bad_tar[0] = 'b';
  struct Row {
    const char* name;
    std::string head;
    F want;
  };
  const std::vector<Row> rows = {
      {"zip", std::string("PK\x03\x04", 4), F::zip},
      {"empty zip", std::string("PK\x05\x06", 4), F::zip},
      {"initials", "PK is a name", F::none},
      {"gzip", std::string("\x1f\x8b\x08\x00", 4), F::gzip},
      {"gzip with reserved flags", std::string("\x1f\x8b\x08\xe0", 4), F::none},
      {"bzip2", "BZh9\x31\x41\x59\x26\x53\x59", F::bzip2},
      {"text like bzip2", "BZh9 is how it begins", F::none},
      {"bzip2 of no level", "BZh0\x31\x41\x59\x26\x53\x59", F::none},
      {"xz", std::string("\xfd\x37zXZ\x00", 6), F::xz},
      {"zstd", "\x28\xb5\x2f\xfd", F::zstd},
      {"7z", "7z\xbc\xaf\x27\x1c", F::seven_zip},
      {"deb", "!<arch>\ndebian-binary   ", F::deb},
      {"library of objects", "!<arch>\n/               ", F::none},
      {"tar", tar.substr(0, 512), F::tar},
      {"tar with a bad checksum", bad_tar.substr(0, 512), F::none},
      {"tar cut", tar.substr(0, 511), F::none},
      {"text", "#!/bin/sh\n", F::none},
      {"nothing", "", F::none},
      {"one byte", "P", F::none},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      CHECK(detect_archive(row.head) == row.want);
      CHECK(make_archive_expander()->recognises(row.head) == (row.want != F::none));
    }
  }
}

}  // namespace
}  // namespace keytrail::fs
