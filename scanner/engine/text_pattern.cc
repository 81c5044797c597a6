#include "scanner/engine/text_pattern.h"

#include <re2/re2.h>

#include <utility>

namespace keytrail::engine {
namespace {

constexpr std::size_t kMaxPatternBytes = std::size_t{64} << 10;

// Go knows "(?<name>…)" beside "(?P<name>…)".
std::string with_named_groups(std::string_view pattern) {
  std::string text;
  text.reserve(pattern.size());
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      text += pattern[i++];
      text += pattern[i];
      continue;
    }
    const std::string_view rest = pattern.substr(i);
    const bool named = rest.size() > 3 && rest.starts_with("(?<") && rest[3] != '=' && rest[3] != '!';
    if (named) {
      text += "(?P<";
      i += 2;
    } else {
      text += pattern[i];
    }
  }
  return text;
}

}  // namespace

TextPattern::TextPattern(std::string text, std::unique_ptr<re2::RE2> compiled)
    : text_(std::move(text)), compiled_(std::move(compiled)) {}
TextPattern::TextPattern(TextPattern&&) noexcept = default;
TextPattern& TextPattern::operator=(TextPattern&&) noexcept = default;
TextPattern::~TextPattern() = default;

Result<TextPattern> TextPattern::compile(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return make_error(ErrorCode::limit_exceeded, "a pattern of more than 64 KiB; split it");
  }
  const bool code_points = pattern.find("\\p") != std::string_view::npos ||
                           pattern.find("\\P") != std::string_view::npos ||
                           pattern.find("\\x{") != std::string_view::npos;
  re2::RE2::Options options(code_points ? re2::RE2::DefaultOptions : re2::RE2::Latin1);
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{1} << 20);
  auto compiled = std::make_unique<re2::RE2>(with_named_groups(pattern), options);
  if (!compiled->ok()) return make_error(ErrorCode::invalid_argument, compiled->error());
  return TextPattern(std::string(pattern), std::move(compiled));
}

bool TextPattern::found_in(std::string_view text) const {
  re2::StringPiece found;
  return compiled_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED, &found,
                          1) &&
         !found.empty();
}

}  // namespace keytrail::engine
