// One text of a repository by the name that a user gives it.
#pragma once

#include <cstddef>
#include <string>

#include "scanner/base/result.h"
#include "scanner/git/repository.h"

namespace keytrail::git {

// "COMMIT:PATH" is the file as that commit has it; a commit or a tag alone its message; the id of a blob its bytes. Any
// revision that git knows will do, and an unambiguous beginning of an id. not_found where nothing has that name,
// invalid_argument for a folder, limit_exceeded for more than `max_bytes`.
Result<std::string> read_named_text(const Repository& repository, const std::string& name, std::size_t max_bytes);

}  // namespace keytrail::git
