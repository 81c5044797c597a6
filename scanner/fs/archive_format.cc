#include "scanner/fs/archive_format.h"

#include <array>
#include <cstddef>
#include <utility>

namespace keytrail::fs {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kTarHeaderBytes = 512;
constexpr std::size_t kTarChecksumAt = 148;
constexpr std::size_t kTarChecksumBytes = 8;

bool begins(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

// The sum over the header, with its own field taken as blanks, stands in that field in octal.
bool is_tar(std::string_view head) {
  if (head.size() < kTarHeaderBytes || head.substr(257, 5) != "ustar") return false;
  unsigned sum = 0;
  for (std::size_t i = 0; i < kTarHeaderBytes; ++i) {
    const bool in_checksum = i >= kTarChecksumAt && i < kTarChecksumAt + kTarChecksumBytes;
    sum += in_checksum ? unsigned{' '} : static_cast<unsigned char>(head[i]);
  }
  unsigned said = 0;
  for (const char c : head.substr(kTarChecksumAt, kTarChecksumBytes)) {
    if (c >= '0' && c <= '7') said = said * 8 + static_cast<unsigned>(c - '0');
  }
  return sum == said;
}

bool is_gzip(std::string_view head) {
  // The three highest flags are reserved.
  return begins(head, "\x1f\x8b\x08"sv) && (head.size() < 4 || (static_cast<unsigned char>(head[3]) & 0xE0U) == 0);
}

bool is_bzip2(std::string_view head) {
  if (!begins(head, "BZh") || head.size() < 10 || head[3] < '1' || head[3] > '9') return false;
  // The first block, or the end of an empty file.
  return head.substr(4, 6) == "\x31\x41\x59\x26\x53\x59"sv || head.substr(4, 6) == "\x17\x72\x45\x38\x50\x90"sv;
}

}  // namespace

ArchiveFormat detect_archive(std::string_view head) {
  if (head.size() < 4) return ArchiveFormat::none;
  switch (head[0]) {
    case 'P':
      if (begins(head, "PK\x03\x04"sv) || begins(head, "PK\x05\x06"sv)) return ArchiveFormat::zip;
      break;
    case '\x1f':
      if (is_gzip(head)) return ArchiveFormat::gzip;
      break;
    case 'B':
      if (is_bzip2(head)) return ArchiveFormat::bzip2;
      break;
    case '\xfd':
      if (begins(head, "\xfd\x37\x7a\x58\x5a\x00"sv)) return ArchiveFormat::xz;
      break;
    case '\x28':
      if (begins(head, "\x28\xb5\x2f\xfd"sv)) return ArchiveFormat::zstd;
      break;
    case '\x04':
      if (begins(head, "\x04\x22\x4d\x18"sv)) return ArchiveFormat::lz4;
      break;
    case '7':
      if (begins(head, "7z\xbc\xaf\x27\x1c"sv)) return ArchiveFormat::seven_zip;
      break;
    case '!':
      // Other files of this kind are libraries of objects: nothing in them is compressed.
      if (begins(head, "!<arch>\ndebian-binary"sv)) return ArchiveFormat::deb;
      break;
    default:
      break;
  }
  return is_tar(head) ? ArchiveFormat::tar : ArchiveFormat::none;
}

bool is_compression(ArchiveFormat format) { return format >= ArchiveFormat::gzip; }

bool wants_seeking(ArchiveFormat format) { return format == ArchiveFormat::zip || format == ArchiveFormat::seven_zip; }

std::string name_inside(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kSuffixes = {{
      {".gz", ""},
      {".bz2", ""},
      {".xz", ""},
      {".zst", ""},
      {".lz4", ""},
      {".tgz", ".tar"},
      {".tbz2", ".tar"},
      {".tbz", ".tar"},
      {".txz", ".tar"},
      {".tzst", ".tar"},
      {".svgz", ".svg"},
  }};
  std::string_view name = path;
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  for (const auto& [suffix, instead] : kSuffixes) {
    if (name.size() <= suffix.size() || name.substr(name.size() - suffix.size()) != suffix) continue;
    return std::string(name.substr(0, name.size() - suffix.size())) + std::string(instead);
  }
  return name.empty() ? "content" : std::string(name);
}

}  // namespace keytrail::fs
