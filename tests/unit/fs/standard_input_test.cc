#include "scanner/fs/standard_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "scanner/base/file.h"
#include "scanner/fs/streams.h"
#include "tests/support/catch.h"
#include "tests/unit/fs/collecting_sink.h"

namespace keytrail::fs {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    read = FileDescriptor(ends[0]);
    write = FileDescriptor(ends[1]);
  }
  FileDescriptor read;
  FileDescriptor write;
};

TEST_CASE("standard input is one stream") {
  Pipe pipe;
  const std::string text(std::size_t{300} << 10, 'x');
  std::thread writer([&] {
    std::string_view left = text;
    while (!left.empty()) {
      const ssize_t put = ::write(pipe.write.get(), left.data(), std::min<std::size_t>(left.size(), 1000));
      if (put <= 0) break;
      left.remove_prefix(static_cast<std::size_t>(put));
    }
    pipe.write.reset();
  });
  test::CollectingSink sink;
  REQUIRE(make_standard_input_source(pipe.read.get())->run(sink, 4));
  writer.join();
  REQUIRE(sink.paths() == test::Lines{"<stdin>"});
  CHECK(sink.delivered.begin()->second == text);
  CHECK(sink.origins[0].kind == core::BlobKind::standard_input);
  CHECK(sink.expected == 1);
  CHECK(sink.skips.empty());
}

TEST_CASE("standard input that somebody made non-blocking is read to its end") {
  Pipe pipe;
  REQUIRE(::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) == 0);
  ssize_t put = 0;
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    put = ::write(pipe.write.get(), "late", 4);
    pipe.write.reset();
  });
  test::CollectingSink sink;
  REQUIRE(make_standard_input_source(pipe.read.get())->run(sink, 1));
  writer.join();
  CHECK(put == 4);
  CHECK(sink.delivered.begin()->second == "late");
}

TEST_CASE("an interrupt ends the wait for standard input") {
  Pipe pipe;
  test::CollectingSink sink;
  sink.cancel_after = 0;
  REQUIRE(make_standard_input_source(pipe.read.get())->run(sink, 1));
  CHECK(sink.delivered.begin()->second.empty());
}

TEST_CASE("standard input that cannot be read is unreadable") {
  const FileDescriptor folder(::open("/", O_RDONLY));
  test::CollectingSink sink;
  REQUIRE(make_standard_input_source(folder.get())->run(sink, 1));
  CHECK(sink.skip_lines() == test::Lines{"unreadable <stdin>"});
}

TEST_CASE("streams give the same bytes in reads of any size") {
  const std::string text = "0123456789abcdefghij";
  for (std::size_t step = 1; step <= text.size() + 1; ++step) {
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      core::MemoryStream rest(std::string_view(text).substr(cut));
      core::PrefixedStream joined(std::string_view(text).substr(0, cut), rest);
      PeekStream peeked(joined);
      REQUIRE(peeked.head() == text);
      std::string out;
      std::string buffer(step, '\0');
      while (true) {
        const auto got = peeked.read(buffer.data(), step);
        REQUIRE(got);
        out.append(buffer, 0, *got);
        if (*got < step) break;
      }
      REQUIRE(out == text);
    }
  }
}

}  // namespace
}  // namespace keytrail::fs
