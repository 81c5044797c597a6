// Result<T>: a value or an Error. For everything that can fail for a reason the caller must handle.
//
// Member names follow std::expected, which the compiler lacks in C++20, so that it can take over one day. An Error's
// code says what a caller can do about it, not where it happened; its message is one sentence for the user, without
// the subject; its subject is the thing it is about: a path, an object id, a place in a file. Never a secret.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace keytrail {

enum class ErrorCode {
  invalid_argument,   // what the user gave is wrong: mend it
  not_found,          // it does not exist
  permission_denied,  // it exists and may not be read or written
  corrupt,            // the bytes contradict their format
  limit_exceeded,     // over a size, depth or count that a budget sets
  cancelled,          // the user interrupted
  unsupported,        // a valid thing that this program cannot read
  internal,           // a defect or an exhausted system
};

std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string subject;

  // "subject: message", or the message alone.
  std::string describe() const;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: a value is a Result
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: an error is a Result

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return get(); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(get()); }
  T& operator*() & { return get(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &get(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  T& get() {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: an error is a Result

  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const& {
    assert(error_);
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

Error make_error(ErrorCode code, std::string message, std::string subject = {});
// The error of a failed system call, from errno: "cannot read: Permission denied".
Error errno_error(int error_number, std::string_view action, std::string subject);

}  // namespace keytrail
