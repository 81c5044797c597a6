#include "scanner/git/libgit2.h"

#include <git2.h>

#include <array>

// libgit2 readies itself for https when it is initialised, by parsing the certificates of the system (144 on Debian):
// about 3 ms, nearly as much as all of a scan of a small file. Nothing here talks to a network. The linker puts this in
// the place of that (scanner/git/CMakeLists.txt), where libgit2 is linked statically and comes with mbedtls; elsewhere
// it is not called.
extern "C" int keytrail_no_tls() __asm__("__wrap_git_mbedtls_stream_global_init");
int keytrail_no_tls() { return 0; }

namespace keytrail::git {
namespace {

// Extensions of the repository format that change nothing about reading objects. For `objectformat` and `refstorage`
// that depends on the value, which Repository::open checks.
constexpr std::array kExtensions = {"objectformat",   "refstorage",      "partialclone",
                                    "worktreeconfig", "preciousobjects", "relativeworktrees"};

// Every object is read once, so a cache of objects only costs. Nothing of a repository is ever run, so it does not
// matter who owns it. Hashing each object again is left out, as git itself does when it reads: it doubles the time of a
// history (27 s to 48 s of CPU for 466,000 objects of 7.7 GB), and damage is noticed without it, because each object,
// loose or packed, is a zlib stream with a checksum and a length of its own.
void set_options() {
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
  std::array<const char*, kExtensions.size()> names = kExtensions;
  git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names.data(), names.size());
}

}  // namespace

Library::Library() {
  if (git_libgit2_init() == 1) set_options();
}
Library::~Library() { git_libgit2_shutdown(); }

void RepositoryFree::operator()(git_repository* repository) const noexcept { git_repository_free(repository); }
void OdbFree::operator()(git_odb* odb) const noexcept { git_odb_free(odb); }
void OdbObjectFree::operator()(git_odb_object* object) const noexcept { git_odb_object_free(object); }

ObjectType object_type(int type) {
  switch (type) {
    case GIT_OBJECT_COMMIT:
      return ObjectType::commit;
    case GIT_OBJECT_TREE:
      return ObjectType::tree;
    case GIT_OBJECT_BLOB:
      return ObjectType::blob;
    case GIT_OBJECT_TAG:
      return ObjectType::tag;
    default:
      return ObjectType::unknown;
  }
}

std::string library_message() {
  const git_error* last = git_error_last();
  std::string text = last != nullptr && last->message != nullptr ? last->message : "unknown error";
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

Error library_error(int code, std::string_view action, std::string subject) {
  const std::string text = library_message();
  ErrorCode mapped = ErrorCode::corrupt;
  if (code == GIT_ENOTFOUND) mapped = ErrorCode::not_found;
  if (code == GIT_EUSER) mapped = ErrorCode::cancelled;
  const git_error* last = git_error_last();
  if (last != nullptr && last->klass == GIT_ERROR_NOMEMORY) mapped = ErrorCode::internal;
  if (last != nullptr && last->klass == GIT_ERROR_OS) mapped = ErrorCode::permission_denied;
  return make_error(mapped, "cannot " + std::string(action) + ": " + text, std::move(subject));
}

}  // namespace keytrail::git
