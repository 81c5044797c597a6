#include "scanner/base/state_file.h"

#include <sys/stat.h>
#include <sys/time.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "scanner/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace keytrail;

namespace {

void put(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void age(const std::string& path, std::time_t seconds) {
  const timeval times[2] = {{seconds, 0}, {seconds, 0}};
  REQUIRE(::utimes(path.c_str(), times) == 0);
}

}  // namespace

TEST_CASE("what a writer writes a reader reads") {
  StateWriter out;
  out.u8(7);
  out.u32(1U << 31);
  out.u64(1ULL << 63);
  out.i64(-5);
  out.text("a text");
  out.items(std::vector<std::uint32_t>{1, 2, 3});
  const std::string bytes = out.take();
  StateReader in(bytes);
  CHECK(in.u8() == 7);
  CHECK(in.u32() == 1U << 31);
  CHECK(in.u64() == 1ULL << 63);
  CHECK(in.i64() == -5);
  CHECK(in.text() == "a text");
  CHECK(in.items<std::uint32_t>() == std::vector<std::uint32_t>{1, 2, 3});
  CHECK(in.at_end());
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    StateReader some(std::string_view(bytes).substr(0, cut));
    some.u8();
    some.u32();
    some.u64();
    some.i64();
    some.text();
    some.items<std::uint32_t>();
    CHECK_FALSE(some.ok());
  }
}

TEST_CASE("a count that the bytes cannot hold is none") {
  StateWriter out;
  out.u64(1ULL << 61);
  out.u64(0);
  const std::string bytes = out.take();
  StateReader in(bytes);
  CHECK(in.items<std::uint64_t>().empty());
  CHECK_FALSE(in.ok());
  CHECK(in.u64() == 0);
}

TEST_CASE("a state file is whole, has its key, or is not there") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/deeper/x.state";
  const Sha256Digest key = sha256("key");
  const std::string content = "some content";
  CHECK_FALSE(StateFile::load(path, key));
  REQUIRE(save_state(path, key, content));
  const auto loaded = StateFile::load(path, key);
  REQUIRE(loaded);
  CHECK(loaded->content() == content);
  CHECK_FALSE(StateFile::load(path, sha256("another key")));
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600);
  REQUIRE(::stat((folder.path() + "/deeper").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0700);

  const std::string bytes = *read_file(path, 1 << 20);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    put(path, bytes.substr(0, cut));
    CHECK_FALSE(StateFile::load(path, key));
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string other = bytes;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    put(path, other);
    CHECK_FALSE(StateFile::load(path, key));
  }
  put(path, bytes + "x");
  CHECK_FALSE(StateFile::load(path, key));
  put(path, bytes);
  CHECK(StateFile::load(path, key));
}

TEST_CASE("a state that cannot be saved leaves the one before it and no other file") {
  const test::TemporaryFolder folder;
  const Sha256Digest key = sha256("key");
  const std::string path = folder.path() + "/x.state";
  std::filesystem::create_directory(path);
  CHECK_FALSE(save_state(path, key, "content"));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("state files go when they are unused for long or too many") {
  const test::TemporaryFolder folder;
  const Sha256Digest key = sha256("key");
  constexpr std::time_t kNow = 1'800'000'000;
  constexpr std::time_t kDay = 24 * 3600;
  const auto file = [&](const std::string& name, std::time_t days) {
    const std::string path = folder.path() + "/" + name;
    REQUIRE(save_state(path, key, std::string(1000, 'x')));
    age(path, kNow - days * kDay);
    return path;
  };
  const std::string old = file("old.state", 31);
  const std::string unused = file("unused.state", 20);
  const std::string used = file("used.state", 1);
  const std::string unfinished = file("a.state.tmp.1.2", 1);
  const std::string unfinished_now = file("b.state.tmp.1.2", 0);
  const std::string foreign = file("notes", 100);
  const auto there = [](const std::string& path) { return std::filesystem::exists(path); };
  prune_states(folder.path(), kNow);
  CHECK_FALSE(there(old));
  CHECK_FALSE(there(unfinished));
  for (const std::string& path : {unused, used, unfinished_now, foreign}) CHECK(there(path));
  prune_states(folder.path(), kNow, {30 * kDay, 2500});
  CHECK_FALSE(there(unused));
  CHECK(there(used));
  prune_states(folder.path() + "/nowhere", kNow);
}
