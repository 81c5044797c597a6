#include "scanner/base/buffer.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "scanner/base/mapped_file.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace keytrail {
namespace {

TEST_CASE("buffers have room for what was asked, in powers of two from 4 KiB") {
  struct Row {
    std::size_t size;
    std::size_t capacity;
  };
  const Row rows[] = {{0, 4096}, {1, 4096}, {4096, 4096}, {4097, 8192}, {8192, 8192}, {100000, 131072}};
  BufferPool pool;
  for (const Row& row : rows) {
    CAPTURE(row.size);
    Buffer buffer = pool.take(row.size);
    CHECK(buffer.capacity() == row.capacity);
    std::fill_n(buffer.data(), row.size, 'x');
    CHECK(buffer.view(row.size) == std::string(row.size, 'x'));
  }
}

TEST_CASE("a buffer that was given back is taken again for its class alone") {
  BufferPool pool;
  Buffer buffer = pool.take(5000);
  const char* const bytes = buffer.data();
  pool.give(std::move(buffer));
  CHECK(pool.take(4096).data() != bytes);
  CHECK(pool.take(8193).data() != bytes);
  Buffer again = pool.take(8192);
  CHECK(again.data() == bytes);
  CHECK(again.capacity() == 8192);
  // It is gone: nobody else gets it.
  CHECK(pool.take(8192).data() != bytes);
}

TEST_CASE("a pool takes buffers of another one and those of no class") {
  BufferPool one;
  BufferPool two;
  Buffer buffer = one.take(4096);
  const char* const bytes = buffer.data();
  two.give(std::move(buffer));
  CHECK(two.take(10).data() == bytes);
  two.give(Buffer());
  two.give(Buffer(5000));
  Buffer odd = two.take(4096);
  CHECK(odd.capacity() >= 4096);
  two.give(Buffer(1));
  CHECK(two.take(0).capacity() >= 4096);
}

TEST_CASE("a pool keeps at most 64 MiB") {
  constexpr std::size_t kPart = std::size_t{32} << 20;
  BufferPool pool;
  Buffer first = pool.take(kPart);
  Buffer second = pool.take(kPart);
  const char* const kept[] = {first.data(), second.data()};
  pool.give(std::move(first));
  pool.give(std::move(second));
  // Over the limit: freed.
  pool.give(Buffer(kPart));
  pool.give(Buffer(4096));
  const Buffer a = pool.take(kPart);
  const Buffer b = pool.take(kPart);
  CHECK(a.data() == kept[1]);
  CHECK(b.data() == kept[0]);
  // There is room again.
  Buffer small = pool.take(4096);
  const char* const bytes = small.data();
  pool.give(std::move(small));
  CHECK(pool.take(1).data() == bytes);
}

TEST_CASE("a mapped file has the file's bytes, also when it is moved or the file goes") {
  const test::TemporaryFolder folder;
  const std::string text = "some bytes\n" + std::string(9000, 'm');
  const std::string path = folder.write("file", text);
  auto mapped = MappedFile::open(path);
  REQUIRE(mapped);
  CHECK(mapped->bytes() == text);
  MappedFile moved = std::move(*mapped);
  CHECK(mapped->bytes().empty());
  REQUIRE(::unlink(path.c_str()) == 0);
  CHECK(moved.bytes() == text);
  auto other = MappedFile::open(folder.write("other", "other"));
  REQUIRE(other);
  moved = std::move(*other);
  CHECK(moved.bytes() == "other");
}

TEST_CASE("an empty file is mapped as no bytes") {
  const test::TemporaryFolder folder;
  const auto mapped = MappedFile::open(folder.write("empty", ""));
  REQUIRE(mapped);
  CHECK(mapped->bytes().empty());
}

TEST_CASE("what is no file cannot be mapped") {
  const test::TemporaryFolder folder;
  const auto missing = MappedFile::open(folder.path("missing"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::not_found);
  CHECK(missing.error().subject == folder.path("missing"));
  const auto directory = MappedFile::open(folder.path());
  REQUIRE_FALSE(directory);
  CHECK(directory.error().code == ErrorCode::invalid_argument);
  // Opening a pipe that nobody writes to must not wait for somebody.
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  const auto pipe = MappedFile::open(folder.path("pipe"));
  REQUIRE_FALSE(pipe);
  CHECK(pipe.error().code == ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace keytrail
