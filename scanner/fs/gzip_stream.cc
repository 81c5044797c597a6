#include "scanner/fs/gzip_stream.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

namespace keytrail::fs {
namespace {

constexpr std::size_t kInputBytes = std::size_t{64} << 10;
constexpr int kGzipWindowBits = 15 + 16;  // zlib's way to ask for the header and the checksum of gzip

}  // namespace

struct GzipStream::State {
  explicit State(core::ByteStream& bytes) : input(bytes) {
    if (::inflateInit2(&stream, kGzipWindowBits) != Z_OK) failure = make_error(ErrorCode::internal, "out of memory");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::inflateEnd(&stream); }

  bool refill();
  bool begins_member();
  void inflate_some();

  core::ByteStream& input;
  std::unique_ptr<unsigned char[]> buffer = std::make_unique_for_overwrite<unsigned char[]>(kInputBytes);
  z_stream stream{};
  bool at_end = false;
  std::optional<Error> failure;
};

// Puts more input behind what is left of it; false when there is none.
bool GzipStream::State::refill() {
  if (stream.avail_in > 0) std::memmove(buffer.get(), stream.next_in, stream.avail_in);
  stream.next_in = buffer.get();
  auto got = input.read(reinterpret_cast<char*>(buffer.get()) + stream.avail_in, kInputBytes - stream.avail_in);
  if (!got) {
    failure = std::move(got).error();
    return false;
  }
  stream.avail_in += static_cast<uInt>(*got);
  return *got > 0;
}

// What follows the last member and is not another one is padding.
bool GzipStream::State::begins_member() {
  while (stream.avail_in < 2) {
    if (!refill()) return false;
  }
  return stream.next_in[0] == 0x1f && stream.next_in[1] == 0x8b;
}

void GzipStream::State::inflate_some() {
  if (stream.avail_in == 0 && !refill()) {
    if (!failure) failure = make_error(ErrorCode::corrupt, "truncated gzip input");
    return;
  }
  const int code = ::inflate(&stream, Z_NO_FLUSH);
  if (code == Z_STREAM_END) {
    at_end = !begins_member();
    if (!at_end) ::inflateReset(&stream);
  } else if (code != Z_OK && code != Z_BUF_ERROR) {
    const std::string why = stream.msg == nullptr ? "damaged" : stream.msg;
    failure = make_error(ErrorCode::corrupt, "gzip: " + why);
  }
}

GzipStream::GzipStream(core::ByteStream& input) : state_(std::make_unique<State>(input)) {}
GzipStream::~GzipStream() = default;

Result<std::size_t> GzipStream::read(char* buffer, std::size_t capacity) {
  State& state = *state_;
  const std::size_t wanted = std::min<std::size_t>(capacity, std::numeric_limits<uInt>::max());
  state.stream.next_out = reinterpret_cast<unsigned char*>(buffer);
  state.stream.avail_out = static_cast<uInt>(wanted);
  while (state.stream.avail_out > 0 && !state.at_end && !state.failure) state.inflate_some();
  const std::size_t done = wanted - state.stream.avail_out;
  if (done == 0 && state.failure) return *state.failure;
  return done;
}

}  // namespace keytrail::fs
