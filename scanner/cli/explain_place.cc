#include "scanner/cli/explain_place.h"

#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "scanner/base/file.h"
#include "scanner/core/source.h"
#include "scanner/engine/text.h"
#include "scanner/fs/archive.h"
#include "scanner/git/named_text.h"
#include "scanner/git/repository.h"

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxExplainedBytes = std::size_t{256} << 20;
constexpr std::string_view kMemberMark = "!/";

// Keeps the member of one path; the others pass by.
class MemberSink final : public core::Sink {
 public:
  explicit MemberSink(std::string wanted) : wanted_(std::move(wanted)) {}

  void blob(unsigned worker, const core::Blob& blob) override {
    (void)worker;
    if (blob.origin->path == wanted_ && !found_) found_ = std::string(blob.bytes);
  }
  void stream(unsigned worker, const core::BlobOrigin& origin, core::ByteStream& bytes) override {
    (void)worker;
    if (origin.path != wanted_ || found_) return;
    constexpr std::size_t kStep = std::size_t{1} << 20;
    std::string text;
    while (text.size() < kMaxExplainedBytes) {
      const std::size_t before = text.size();
      text.resize(before + kStep);
      const auto got = bytes.read(text.data() + before, kStep);
      text.resize(before + (got ? *got : 0));
      if (!got || *got < kStep) break;
    }
    found_ = std::move(text);
  }
  void skip(unsigned worker, core::SkipReason reason, std::string path, std::string detail) override {
    (void)worker;
    if (path == wanted_ || detail_.empty()) detail_ = std::string(core::to_string(reason)) + ": " + detail;
  }
  void expect(std::uint64_t blobs, std::uint64_t bytes) override {
    (void)blobs;
    (void)bytes;
  }
  bool cancelled() const override { return found_.has_value(); }

  std::optional<std::string>& found() { return found_; }
  const std::string& detail() const { return detail_; }  // of what was left out

 private:
  std::string wanted_;
  std::optional<std::string> found_;
  std::string detail_;
};

bool is_archive(const core::Expander& expander, std::string_view bytes) {
  return expander.recognises(bytes.substr(0, core::Expander::kHeadBytes));
}

Result<std::string> member_of(const core::Expander& expander, const std::string& bytes, const std::string& member,
                              const std::string& place) {
  MemberSink sink(member);
  core::MemoryStream stream(bytes);
  expander.expand(0, core::BlobOrigin{core::BlobKind::file, {}, std::nullopt}, stream, sink);
  if (sink.found()) return std::move(*sink.found());
  return make_error(ErrorCode::not_found,
                    "the archive has no such member" + (sink.detail().empty() ? "" : " (" + sink.detail() + ")"),
                    place);
}

}  // namespace

ExplainPlace parse_explain_place(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) return {text, 0};
  std::uint64_t line = 0;
  const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), line);
  if (error != std::errc() || end != text.data() + text.size() || line == 0) return {text, 0};
  return {text.substr(0, colon), line};
}

MemberPath split_member(const std::string& path) {
  const std::size_t mark = path.find(kMemberMark);
  if (mark == std::string::npos || mark == 0) return {path, {}};
  return {path.substr(0, mark), path.substr(mark)};
}

std::string path_in_history(const std::string& name) {
  const std::size_t colon = name.find(':');
  return colon == std::string::npos ? std::string() : name.substr(colon + 1);
}

Result<std::string> explained_text(std::string bytes, const std::string& member, const std::string& place) {
  const auto expander = fs::make_archive_expander({});
  if (!member.empty()) {
    if (!is_archive(*expander, bytes)) return make_error(ErrorCode::invalid_argument, "this is no archive", place);
    auto found = member_of(*expander, bytes, member, place);
    if (!found) return found.error();
    bytes = std::move(*found);
  }
  if (is_archive(*expander, bytes)) {
    return make_error(ErrorCode::unsupported, "an archive: name the member as reports do, ARCHIVE!/MEMBER:LINE", place);
  }
  const engine::Encoding encoding = engine::detect_encoding(bytes);
  if (encoding != engine::Encoding::utf16_little && encoding != engine::Encoding::utf16_big) return bytes;
  std::string utf8;
  engine::append_utf8(bytes, encoding == engine::Encoding::utf16_big, utf8);
  return utf8;
}

Result<std::string> read_explained_text(const std::string& file) {
  std::error_code ignored;
  // A file may have such a name itself.
  const bool is_file = file == "-" || std::filesystem::exists(file, ignored);
  const MemberPath path = is_file ? MemberPath{file, {}} : split_member(file);
  auto bytes = read_file(path.archive == "-" ? "/dev/stdin" : path.archive, kMaxExplainedBytes);
  if (!bytes) return bytes.error();
  return explained_text(std::move(*bytes), path.member, file);
}

Result<std::string> read_explained_history(const std::string& repository, const std::string& name) {
  const auto opened = git::Repository::open(repository);
  if (!opened) return opened.error();
  const MemberPath path = split_member(name);
  auto bytes = git::read_named_text(*opened, path.archive, kMaxExplainedBytes);
  if (!bytes) return bytes.error();
  return explained_text(std::move(*bytes), path.member, name);
}

}  // namespace keytrail::cli
