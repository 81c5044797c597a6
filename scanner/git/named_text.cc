#include "scanner/git/named_text.h"

#include <git2.h>

#include <memory>
#include <optional>
#include <string_view>

#include "scanner/git/libgit2.h"
#include "scanner/git/raw_objects.h"

namespace keytrail::git {
namespace {

struct ObjectFree {
  void operator()(git_object* object) const noexcept { git_object_free(object); }
};
using ObjectHandle = std::unique_ptr<git_object, ObjectFree>;

constexpr std::size_t kMaxNameBytes = 16384;

// What of an object's bytes a history scan reads.
std::string scanned_part(git_object_t type, std::string_view bytes) {
  if (type == GIT_OBJECT_COMMIT) {
    const std::optional<RawCommit> commit = parse_commit(bytes);
    return std::string(commit ? commit->message : bytes);
  }
  if (type == GIT_OBJECT_TAG) {
    const std::optional<RawTag> tag = parse_tag(bytes);
    return std::string(tag ? tag->message : bytes);
  }
  return std::string(bytes);
}

}  // namespace

Result<std::string> read_named_text(const Repository& repository, const std::string& name, std::size_t max_bytes) {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return make_error(ErrorCode::invalid_argument, "this names no text of a history: give COMMIT:FILE",
                      name.substr(0, 60));
  }
  git_object* found = nullptr;
  const int code = git_revparse_single(&found, repository.handle(), name.c_str());
  if (code == GIT_EAMBIGUOUS) {
    return make_error(ErrorCode::invalid_argument, "several objects have ids that begin like this; give more of it",
                      name);
  }
  if (code != 0) return make_error(ErrorCode::not_found, "no such commit, or no such file in it", name);
  const ObjectHandle object(found);
  const git_object_t type = git_object_type(found);
  if (type == GIT_OBJECT_TREE) {
    return make_error(ErrorCode::invalid_argument, "this is a folder: name a file in it", name);
  }
  git_odb* opened = nullptr;
  if (const int failed = git_repository_odb(&opened, repository.handle()); failed != 0) {
    return library_error(failed, "open the objects", name);
  }
  const OdbHandle odb(opened);
  std::size_t size = 0;
  git_object_t stored = GIT_OBJECT_INVALID;
  if (const int failed = git_odb_read_header(&size, &stored, odb.get(), git_object_id(found)); failed != 0) {
    return library_error(failed, "read the object", name);
  }
  if (size > max_bytes) {
    return make_error(ErrorCode::limit_exceeded, "larger than " + std::to_string(max_bytes >> 20) + " MiB", name);
  }
  git_odb_object* read = nullptr;
  if (const int failed = git_odb_read(&read, odb.get(), git_object_id(found)); failed != 0) {
    return library_error(failed, "read the object", name);
  }
  const OdbObjectHandle bytes(read);
  return scanned_part(type, {static_cast<const char*>(git_odb_object_data(read)), git_odb_object_size(read)});
}

}  // namespace keytrail::git
