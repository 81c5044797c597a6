// Messages of the Language Server Protocol in a stream of bytes: "Content-Length: N", an empty line, N bytes of JSON
// (Language Server Protocol 3.17, "Base Protocol").
//
// A header that is none and a body over the limit give an error in the order in which they came; reading goes on at the
// next header. Memory is bounded by the limits whatever comes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace keytrail::lsp {

inline constexpr std::size_t kMaxHeaderBytes = 4096;
inline constexpr std::size_t kMaxBodyBytes = std::size_t{64} << 20;

class FrameReader {
 public:
  explicit FrameReader(std::size_t max_body_bytes = kMaxBodyBytes) : max_body_bytes_(max_body_bytes) {}

  struct Frame {
    std::string body;
    std::string error;  // not empty: there is no body, for this reason
  };

  void add(std::string_view bytes);
  // The next whole one; nothing when more bytes are needed. To be asked until nothing comes, before more is added.
  std::optional<Frame> next();

 private:
  std::optional<Frame> read_header();
  std::optional<Frame> skip_to_header(std::string reason);

  std::size_t max_body_bytes_;
  std::string buffer_;
  std::size_t at_ = 0;               // of what has been read of it
  std::optional<std::size_t> body_;  // bytes of the body that is waited for
  std::size_t discard_ = 0;          // bytes that are still to be thrown away
  bool lost_ = false;                // what comes is thrown away up to the next header
};

std::string framed(std::string_view body);

}  // namespace keytrail::lsp
