#include "scanner/base/result.h"

#include <cerrno>
#include <system_error>

namespace keytrail {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid argument";
    case ErrorCode::not_found:
      return "not found";
    case ErrorCode::permission_denied:
      return "permission denied";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::limit_exceeded:
      return "limit exceeded";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::internal:
      return "internal error";
  }
  return "internal error";
}

std::string Error::describe() const { return subject.empty() ? message : subject + ": " + message; }

Error make_error(ErrorCode code, std::string message, std::string subject) {
  return Error{code, std::move(message), std::move(subject)};
}

Error errno_error(int error_number, std::string_view action, std::string subject) {
  ErrorCode code = ErrorCode::internal;
  if (error_number == ENOENT || error_number == ENOTDIR) code = ErrorCode::not_found;
  if (error_number == EACCES || error_number == EPERM) code = ErrorCode::permission_denied;
  return Error{code, "cannot " + std::string(action) + ": " + std::generic_category().message(error_number),
               std::move(subject)};
}

}  // namespace keytrail
