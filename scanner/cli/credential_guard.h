// Texts that are about to be stored are looked through for credentials: people paste values into "purpose", and reasons
// into audit logs. Only shapes that cannot be chance count; identifiers such as AWS key ids are none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/base/secret_string.h"

namespace keytrail::cli {

class CredentialGuard {
 public:
  CredentialGuard() = default;
  CredentialGuard(const CredentialGuard&) = delete;
  CredentialGuard& operator=(const CredentialGuard&) = delete;
  ~CredentialGuard() { wipe(bytes_); }

  // A text and where it stands: "line 7 (purpose)".
  void add(std::string place, std::string_view text);
  // "line 7 (purpose): a credential stands here (github-personal-access-token)", for each text that holds one.
  Result<std::vector<std::string>> find() const;

 private:
  struct Piece {
    std::size_t end = 0;
    std::string place;
  };
  std::string bytes_;
  std::vector<Piece> pieces_;
};

// For the few texts of a command line: an error that names the first that holds one.
Status refuse_credentials(const std::vector<std::pair<std::string, std::string>>& place_and_text);

}  // namespace keytrail::cli
