#include "scanner/pack/zlib_stream.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace keytrail::pack {

struct ZlibStream::State {
  explicit State(std::string_view bytes, std::uint64_t wanted) : packed(bytes), size(wanted) {
    if (::inflateInit(&stream) != Z_OK) failure = make_error(ErrorCode::internal, "out of memory");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::inflateEnd(&stream); }

  // zlib counts in 32 bits: input and output go to it in parts.
  void inflate_some(char* out, std::size_t room) {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max() / 2;
    const std::size_t in = std::min(packed.size() - consumed, kMost);
    const std::size_t most = std::min(room, kMost);
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data() + consumed));
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = reinterpret_cast<Bytef*>(out);
    stream.avail_out = static_cast<uInt>(most);
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    consumed += in - stream.avail_in;
    made = most - stream.avail_out;
    total += made;
    at_end = code == Z_STREAM_END;
    const bool stuck = code == Z_BUF_ERROR || (code == Z_OK && made == 0 && consumed == packed.size());
    if (stuck || (code != Z_OK && !at_end)) failure = make_error(ErrorCode::corrupt, "its packed bytes are damaged");
    if (total > size || (at_end && total != size)) {
      failure = make_error(ErrorCode::corrupt, "it has another size than it says");
    }
  }

  std::string_view packed;
  std::uint64_t size;
  std::size_t consumed = 0;
  std::size_t made = 0;  // by the last call
  std::uint64_t total = 0;
  z_stream stream{};
  bool at_end = false;
  std::optional<Error> failure;
};

ZlibStream::ZlibStream(std::string_view packed, std::uint64_t size) : state_(std::make_unique<State>(packed, size)) {}
ZlibStream::~ZlibStream() = default;

std::size_t ZlibStream::consumed() const { return state_->consumed; }
bool ZlibStream::at_end() const { return state_->at_end; }

Result<std::size_t> ZlibStream::read(char* buffer, std::size_t capacity) {
  std::size_t got = 0;
  while (got < capacity && !state_->at_end && !state_->failure) {
    state_->inflate_some(buffer + got, capacity - got);
    got += state_->made;
  }
  return got;
}

const std::optional<Error>& ZlibStream::failure() const { return state_->failure; }

}  // namespace keytrail::pack
