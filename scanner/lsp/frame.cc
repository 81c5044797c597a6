#include "scanner/lsp/frame.h"

#include <algorithm>
#include <charconv>

#include "scanner/base/text.h"

namespace keytrail::lsp {
namespace {

constexpr std::string_view kLength = "content-length:";

bool begins_with_name(std::string_view line) {
  return line.size() >= kLength.size() &&
         std::equal(kLength.begin(), kLength.end(), line.begin(), [](char name, char c) { return name == lower(c); });
}

// Where a header begins in `text`, at the begin of a line or not; else npos.
std::size_t find_header(std::string_view text) {
  const auto* at = std::search(text.begin(), text.end(), kLength.begin(), kLength.end(),
                               [](char c, char name) { return lower(c) == name; });
  return at == text.end() ? std::string_view::npos : static_cast<std::size_t>(at - text.begin());
}

// The length that the lines of a header give; nothing where they give none, or two.
std::optional<std::size_t> length_in(std::string_view header) {
  std::optional<std::size_t> length;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find('\n'), header.size());
    std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    if (!begins_with_name(line)) continue;
    line.remove_prefix(kLength.size());
    line = trimmed(line);
    std::size_t value = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error != std::errc() || stop != line.data() + line.size() || length) return std::nullopt;
    length = value;
  }
  return length;
}

}  // namespace

void FrameReader::add(std::string_view bytes) {
  const std::size_t gone = std::min(discard_, bytes.size());
  discard_ -= gone;
  bytes.remove_prefix(gone);
  buffer_.erase(0, at_);
  at_ = 0;
  buffer_.append(bytes);
}

std::optional<FrameReader::Frame> FrameReader::next() {
  if (lost_) {
    const std::size_t header = find_header(std::string_view(buffer_).substr(at_));
    if (header == std::string::npos) {
      // The begin of a header may stand at the end.
      at_ = std::max(at_, buffer_.size() - std::min(buffer_.size(), kLength.size() - 1));
      return std::nullopt;
    }
    at_ += header;
    lost_ = false;
  }
  if (!body_) {
    if (auto error = read_header()) return error;
    if (!body_) return std::nullopt;
  }
  if (buffer_.size() - at_ < *body_) return std::nullopt;
  Frame frame{buffer_.substr(at_, *body_), {}};
  at_ += *body_;
  body_.reset();
  return frame;
}

std::optional<FrameReader::Frame> FrameReader::skip_to_header(std::string reason) {
  lost_ = true;
  return Frame{{}, std::move(reason)};
}

// Sets body_ when the header is whole; returns what is wrong with it.
std::optional<FrameReader::Frame> FrameReader::read_header() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  const std::string_view head = rest.substr(0, kMaxHeaderBytes);
  std::size_t end = head.find("\r\n\r\n");
  std::size_t mark = 4;
  if (const std::size_t bare = head.find("\n\n"); bare < end) {
    end = bare;
    mark = 2;
  }
  if (end == std::string_view::npos) {
    if (rest.size() < kMaxHeaderBytes) return std::nullopt;
    at_ += kMaxHeaderBytes;
    return skip_to_header("the header does not end");
  }
  const auto length = length_in(rest.substr(0, end));
  at_ += end + mark;
  if (!length) return skip_to_header("the header has no Content-Length that is one number");
  if (*length > max_body_bytes_) {
    const std::size_t here = std::min(*length, buffer_.size() - at_);
    at_ += here;
    discard_ = *length - here;
    return Frame{{}, "the message is larger than " + std::to_string(max_body_bytes_) + " bytes"};
  }
  body_ = *length;
  return std::nullopt;
}

std::string framed(std::string_view body) {
  std::string out = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return out.append(body);
}

}  // namespace keytrail::lsp
