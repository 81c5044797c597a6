// What was not scanned, and why. A scan names everything that it saw and did not scan: seen = scanned + skipped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace keytrail::core {

enum class SkipReason : std::uint8_t {
  // Left out on purpose: the scan is complete without them.
  ignored,      // by a .gitignore rule
  excluded,     // by the configuration
  symlink,      // points out of the root, or to what is scanned anyway
  special,      // socket, device, pipe
  git_folder,   // a repository's own folder (.git): `scan --history` is for that
  submodule,    // an entry of a tree that is another repository's commit
  lfs_pointer,  // the content is not in the repository
  // Encoded text beyond the limit: its first part was decoded, and all of it scanned as it stands.
  encoded_rest,
  // Not seen though it should have been: the scan is incomplete.
  unreadable,
  vanished,           // was listed and then gone
  binary_rest,        // a binary beyond the size limit: its first part was scanned
  archive_limit,      // depth, entries, expansion or ratio
  archive_corrupt,    // what could be read of it was scanned
  archive_encrypted,  // its members cannot be read without a password
  missing_object,
  corrupt_object,
  shallow,        // the repository has no history before this commit
  budget,         // more matches in one blob than the limit
  not_supported,  // a format that this program cannot read
};
inline constexpr std::size_t kSkipReasons = static_cast<std::size_t>(SkipReason::not_supported) + 1;

std::string_view to_string(SkipReason reason);  // "missing-object"
bool is_incomplete(SkipReason reason);

struct Skip {
  SkipReason reason = SkipReason::ignored;
  std::string path;    // or object id
  std::string detail;  // one line, may be empty

  friend auto operator<=>(const Skip&, const Skip&) = default;
};

}  // namespace keytrail::core
