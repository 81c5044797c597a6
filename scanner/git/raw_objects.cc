#include "scanner/git/raw_objects.h"

#include <algorithm>

namespace keytrail::git {
namespace {

constexpr std::uint32_t kTypeMask = 0170000;
constexpr std::uint32_t kTreeMode = 0040000;
constexpr std::uint32_t kSubmoduleMode = 0160000;
constexpr std::size_t kMaxModeDigits = 7;
constexpr std::size_t kIdBytes = 20;
constexpr std::size_t kMaxTimeDigits = 18;
constexpr std::int32_t kMaxOffsetMinutes = 24 * 60;

// Takes `prefix`, 40 hexadecimal digits and a line feed off the front of `text`.
std::optional<ObjectName> take_object_line(std::string_view& text, std::string_view prefix) {
  const std::size_t length = prefix.size() + 40;
  if (!text.starts_with(prefix) || text.size() <= length || text[length] != '\n') return std::nullopt;
  const std::optional<ObjectName> name = parse_object_name(text.substr(prefix.size(), 40));
  if (name) text.remove_prefix(length + 1);
  return name;
}

// Takes one line, without its line feed, off the front of `text`.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::int64_t parse_time(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > kMaxTimeDigits) return 0;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

// "+0130" is 90 minutes.
std::int32_t parse_offset(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return 0;
  std::int32_t digits = 0;
  for (const char c : text.substr(1)) {
    if (c < '0' || c > '9') return 0;
    digits = digits * 10 + (c - '0');
  }
  const std::int32_t minutes = digits / 100 * 60 + digits % 100;
  if (minutes > kMaxOffsetMinutes) return 0;
  return text[0] == '-' ? -minutes : minutes;
}

}  // namespace

Identity parse_identity(std::string_view text) {
  Identity identity;
  const std::size_t end = text.rfind('>');
  if (end == std::string_view::npos) {
    identity.who = text;
    return identity;
  }
  identity.who = text.substr(0, end + 1);
  std::string_view rest = text.substr(end + 1);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const std::size_t space = rest.find(' ');
  identity.time = parse_time(rest.substr(0, space));
  if (space != std::string_view::npos) identity.offset_minutes = parse_offset(rest.substr(space + 1));
  return identity;
}

std::optional<RawCommit> parse_commit(std::string_view bytes) {
  RawCommit commit;
  const std::optional<ObjectName> tree = take_object_line(bytes, "tree ");
  if (!tree) return std::nullopt;
  commit.tree = *tree;
  while (const std::optional<ObjectName> parent = take_object_line(bytes, "parent ")) commit.parents.push_back(*parent);
  if (bytes.starts_with("parent ")) return std::nullopt;
  bool has_author = false;
  while (!bytes.empty() && bytes[0] != '\n') {
    const std::string_view line = take_line(bytes);
    if (!has_author && line.starts_with("author ")) {
      commit.author = parse_identity(line.substr(7));
      has_author = true;
    } else if (line.starts_with("committer ")) {
      commit.committer = parse_identity(line.substr(10));
    }
  }
  commit.message = bytes.substr(std::min<std::size_t>(1, bytes.size()));
  return commit;
}

std::optional<RawTag> parse_tag(std::string_view bytes) {
  RawTag tag;
  const std::optional<ObjectName> target = take_object_line(bytes, "object ");
  if (!target) return std::nullopt;
  tag.target = *target;
  while (!bytes.empty() && bytes[0] != '\n') {
    const std::string_view line = take_line(bytes);
    if (line.starts_with("tagger ")) tag.tagger = parse_identity(line.substr(7));
  }
  tag.message = bytes.substr(std::min<std::size_t>(1, bytes.size()));
  return tag;
}

// In one go over the bytes: every tree of a history comes through here.
std::optional<TreeEntry> TreeEntries::next() {
  if (damaged_ || position_ == bytes_.size()) return std::nullopt;
  damaged_ = true;  // until the whole entry is there
  const std::string_view rest = bytes_.substr(position_);
  std::uint32_t bits = 0;
  std::size_t at = 0;
  for (; at < rest.size() && rest[at] != ' '; ++at) {
    if (at == kMaxModeDigits || rest[at] < '0' || rest[at] > '7') return std::nullopt;
    bits = bits * 8 + static_cast<std::uint32_t>(rest[at] - '0');
  }
  if (at == 0 || at == rest.size()) return std::nullopt;
  const std::size_t name = at + 1;
  const std::size_t end = rest.find('\0', name);
  if (end == std::string_view::npos || end == name || rest.size() - end - 1 < kIdBytes) return std::nullopt;
  damaged_ = false;
  position_ += end + 1 + kIdBytes;
  TreeEntry entry;
  if ((bits & kTypeMask) == kTreeMode) entry.kind = TreeEntry::Kind::tree;
  if ((bits & kTypeMask) == kSubmoduleMode) entry.kind = TreeEntry::Kind::submodule;
  entry.name = rest.substr(name, end - name);
  entry.object = ObjectName::from_bytes(rest.data() + end + 1);
  return entry;
}

}  // namespace keytrail::git
