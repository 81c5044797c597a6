#include "scanner/core/skip.h"

namespace keytrail::core {

std::string_view to_string(SkipReason reason) {
  switch (reason) {
    case SkipReason::ignored:
      return "ignored";
    case SkipReason::excluded:
      return "excluded";
    case SkipReason::symlink:
      return "symlink";
    case SkipReason::special:
      return "special-file";
    case SkipReason::git_folder:
      return "git-folder";
    case SkipReason::submodule:
      return "submodule";
    case SkipReason::lfs_pointer:
      return "lfs-pointer";
    case SkipReason::encoded_rest:
      return "encoded-rest";
    case SkipReason::unreadable:
      return "unreadable";
    case SkipReason::vanished:
      return "vanished";
    case SkipReason::binary_rest:
      return "binary-rest";
    case SkipReason::archive_limit:
      return "archive-limit";
    case SkipReason::archive_corrupt:
      return "archive-corrupt";
    case SkipReason::archive_encrypted:
      return "archive-encrypted";
    case SkipReason::missing_object:
      return "missing-object";
    case SkipReason::corrupt_object:
      return "corrupt-object";
    case SkipReason::shallow:
      return "shallow";
    case SkipReason::budget:
      return "budget";
    case SkipReason::not_supported:
      return "not-supported";
  }
  return "ignored";
}

bool is_incomplete(SkipReason reason) { return reason >= SkipReason::unreadable; }

}  // namespace keytrail::core
