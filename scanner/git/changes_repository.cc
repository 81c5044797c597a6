#include "scanner/git/changes_repository.h"

#include <git2.h>
#include <git2/sys/repository.h>

#include <filesystem>
#include <string_view>
#include <utility>

namespace keytrail::git {
namespace {

namespace fs = std::filesystem;

// The folder of the repository itself (of a linked work tree its own one), canonical; empty when there is none.
std::string repository_folder(const std::string& path) {
  git_buf found{};
  const bool here = git_repository_discover(&found, path.c_str(), 1, nullptr) == 0;
  std::error_code error;
  std::string folder = here ? fs::canonical(found.ptr, error).string() : std::string();
  git_buf_dispose(&found);
  return folder;
}

std::vector<std::string> split_folders(std::string_view list) {
  std::vector<std::string> folders;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(':'), list.size());
    if (end > 0) folders.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return folders;
}

// libgit2 takes a repository without core.bare for one with a work tree; git goes by the name of its folder then.
bool is_bare(git_repository* repository) {
  if (git_repository_is_bare(repository) != 0) return true;
  if (git_repository_is_worktree(repository) != 0) return false;
  git_config* config = nullptr;
  if (git_repository_config_snapshot(&config, repository) != 0) return false;
  int value = 0;
  const char* text = nullptr;
  const bool told = git_config_get_bool(&value, config, "core.bare") == 0 ||
                    git_config_get_string(&text, config, "core.worktree") == 0;
  git_config_free(config);
  return !told && !std::string_view(git_repository_path(repository)).ends_with("/.git/");
}

}  // namespace

Result<ChangesRepository> ChangesRepository::open(const std::string& path, bool path_given,
                                                  const Variables& variables) {
  const Library library;
  const std::string named = variables.git_dir.empty() ? "." : variables.git_dir;
  const bool count = !path_given || repository_folder(path) == repository_folder(named);
  const Variables used = count ? variables : Variables{};
  Result<Repository> repository = Repository::open(used.git_dir.empty() ? path : used.git_dir);
  if (!repository) return repository.error();
  git_repository* handle = repository->handle();

  const std::string objects =
      used.object_directory.empty() ? repository->common_folder() + "objects" : used.object_directory;
  std::vector<std::string> folders = git::object_folders(objects, split_folders(used.alternate_objects));
  Result<Lookup> lookup = Lookup::open(folders);
  if (!lookup) return lookup.error();
  if (const int code = git_repository_set_odb(handle, lookup->handle()); code != 0) {
    return library_error(code, "open the objects", objects);
  }
  const bool bare = used.work_tree.empty() && is_bare(handle);
  std::string index = used.index_file.empty() ? std::string(git_repository_path(handle)) + "index" : used.index_file;
  return ChangesRepository{std::move(*repository), std::move(folders), std::move(*lookup), std::move(index), !bare};
}

}  // namespace keytrail::git
