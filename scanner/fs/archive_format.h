// Which archives there are, told by their first bytes. Strict where a text could begin alike: what is taken for an
// archive is not scanned as a text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace keytrail::fs {

enum class ArchiveFormat : std::uint8_t { none, zip, tar, seven_zip, deb, gzip, bzip2, xz, zstd, lz4 };

// `head`: the first Expander::kHeadBytes, or all there are.
ArchiveFormat detect_archive(std::string_view head);

// Formats that compress one thing, which has no name of its own.
bool is_compression(ArchiveFormat format);
// Formats whose list of members is at the end.
bool wants_seeking(ArchiveFormat format);

// The name of what `path` compresses: "a/x.log.gz" → "x.log", "x.tgz" → "x.tar". "content" when nothing is left.
std::string name_inside(std::string_view path);

}  // namespace keytrail::fs
