// libgit2 behind RAII: its life, its handles and its errors. git2.h itself stays in .cc files.
//
// A Library must be alive for as long as any handle is. Handles belong to one thread at a time. libgit2 keeps its error
// text per thread: library_error() must be called before anything else of libgit2.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/git/object_index.h"

struct git_odb;
struct git_odb_object;
struct git_repository;

namespace keytrail::git {

// One use of libgit2. The first one initialises it and sets its options for reading what strangers wrote; the last one
// to go shuts it down.
class Library {
 public:
  Library();
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

struct RepositoryFree {
  void operator()(git_repository* repository) const noexcept;
};
struct OdbFree {
  void operator()(git_odb* odb) const noexcept;
};
struct OdbObjectFree {
  void operator()(git_odb_object* object) const noexcept;
};
using RepositoryHandle = std::unique_ptr<git_repository, RepositoryFree>;
using OdbHandle = std::unique_ptr<git_odb, OdbFree>;
using OdbObjectHandle = std::unique_ptr<git_odb_object, OdbObjectFree>;

// A git_object_t as ours.
ObjectType object_type(int type);

// What libgit2 says of its last failure on this thread, as one line.
std::string library_message();
// The error of a failed call that returned `code`: "cannot ACTION: TEXT".
Error library_error(int code, std::string_view action, std::string subject);

}  // namespace keytrail::git
