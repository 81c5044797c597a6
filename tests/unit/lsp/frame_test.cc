#include "scanner/lsp/frame.h"

#include <random>
#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace keytrail::lsp;

namespace {

// Bodies as they are, errors as "!".
std::vector<std::string> frames_of(FrameReader& reader) {
  std::vector<std::string> all;
  while (auto frame = reader.next()) all.push_back(frame->error.empty() ? frame->body : "!");
  return all;
}

std::vector<std::string> read(std::string_view bytes) {
  FrameReader reader(1000);
  reader.add(bytes);
  return frames_of(reader);
}

using Bodies = std::vector<std::string>;

}  // namespace

TEST_CASE("frames of the protocol are read") {
  CHECK(read(framed("{}") + framed("") + framed("{\r\n\r\n}")) == Bodies{"{}", "", "{\r\n\r\n}"});
  CHECK(read("Content-Type: application/x\r\nCONTENT-LENGTH:  2 \r\n\r\n{}") == Bodies{"{}"});
  CHECK(read("Content-Length: 2\n\n{}") == Bodies{"{}"});
}

TEST_CASE("a frame that is not whole is waited for") {
  const std::string whole = framed("{\"a\": 1}");
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    FrameReader reader;
    reader.add(whole.substr(0, cut));
    CHECK(frames_of(reader).empty());
    reader.add(whole.substr(cut));
    CHECK(frames_of(reader) == Bodies{"{\"a\": 1}"});
  }
}

TEST_CASE("what is no frame is an error, and reading goes on at the next header") {
  const std::string good = framed("{}");
  CHECK(read("Hello: 1\r\n\r\n" + good) == Bodies{"!", "{}"});
  CHECK(read("Content-Length: -1\r\n\r\n" + good) == Bodies{"!", "{}"});
  CHECK(read("Content-Length: 1\r\nContent-Length: 2\r\n\r\n" + good) == Bodies{"!", "{}"});
  CHECK(read("Content-Length: 99999999999999999999999\r\n\r\n" + good) == Bodies{"!", "{}"});
  CHECK(read(std::string(5000, 'x') + good) == Bodies{"!", "{}"});
  CHECK(read("\r\n\r\n" + good) == Bodies{"!", "{}"});
}

TEST_CASE("a body over the limit is thrown away wherever it is cut") {
  const std::string bytes = framed(std::string(1001, 'x')) + framed("{}");
  CHECK(read(bytes) == Bodies{"!", "{}"});
  CHECK(read(framed(std::string(1000, 'x'))).front().size() == 1000);
  for (const std::size_t cut : {10U, 30U, 500U, 1020U, 1030U}) {
    FrameReader reader(1000);
    reader.add(bytes.substr(0, cut));
    Bodies all = frames_of(reader);
    reader.add(bytes.substr(cut));
    for (std::string& body : frames_of(reader)) all.push_back(std::move(body));
    CHECK(all == Bodies{"!", "{}"});
  }
}

TEST_CASE("pieces of any size give the same frames") {
  std::mt19937 random(3);
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    bytes += random() % 7 == 0 ? std::string("No: 1\r\n\r\n") : framed(std::string(random() % 1200, 'x'));
  }
  const Bodies whole = read(bytes);
  FrameReader reader(1000);
  Bodies pieces;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = 1 + random() % 300;
    reader.add(std::string_view(bytes).substr(at, size));
    for (std::string& body : frames_of(reader)) pieces.push_back(std::move(body));
    at += size;
  }
  CHECK(pieces == whole);
}
