// Takes archives apart through libarchive: zip (jar, whl, nupkg, docx, apk), tar, 7z, deb, and single files or tars
// under gzip, bzip2, xz, zstd and lz4; archives inside of archives, without temporary files, to a depth.
//
// The expander is const and serves all threads; an expansion runs on the thread that asks for it and needs some hundred
// KiB for each level, and up to max_bytes_in_memory for one whose list of members is at its end. What is damaged is
// read as far as possible, and what a limit cuts is named; both end in a skip.
#pragma once

#include <cstdint>
#include <memory>

#include "scanner/core/source.h"

namespace keytrail::fs {

// Of one outermost archive, with all that is nested in it.
struct ArchiveLimits {
  unsigned max_depth = 4;  // an archive in an archive is depth 2; a compressed tar counts once
  std::uint64_t max_entries = 100'000;
  std::uint64_t max_total_bytes = std::uint64_t{2} << 30;
  // Expanded to compressed. Logs compress 100 to 1, zeros 1,000 to 1 and more; what expands to no more than
  // ratio_free_bytes does no harm.
  std::uint64_t max_ratio = 200;
  std::uint64_t ratio_free_bytes = std::uint64_t{32} << 20;
  // A zip of at most this size is read by the list at its end, a larger one in its order; a larger 7z is not read.
  std::uint64_t max_bytes_in_memory = std::uint64_t{64} << 20;
  // Members of at most this size are handed over as a blob, larger ones as a stream.
  std::uint64_t whole_member_bytes = std::uint64_t{1} << 20;
};

std::unique_ptr<core::Expander> make_archive_expander(const ArchiveLimits& limits = {});

}  // namespace keytrail::fs
