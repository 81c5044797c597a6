#include "scanner/git/repository.h"

#include <git2.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "scanner/base/file.h"

namespace keytrail::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTextFile = std::size_t{1} << 30;

struct ConfigFree {
  void operator()(git_config* config) const noexcept { git_config_free(config); }
};

std::string config_text(git_repository* repository, const char* name) {
  git_config* raw = nullptr;
  if (git_repository_config_snapshot(&raw, repository) != 0) return {};
  const std::unique_ptr<git_config, ConfigFree> config(raw);
  const char* text = nullptr;
  return git_config_get_string(&text, config.get(), name) == 0 && text != nullptr ? text : "";
}

Error nothing_there(const std::string& path) {
  return make_error(ErrorCode::not_found,
                    "no git repository here or in any folder above; `keytrail scan PATH` scans plain files", path);
}

// Calls `use` for each line of the file at `path`, which may be missing.
template <typename Use>
void for_each_line(const std::string& path, Use use) {
  const Result<std::string> text = read_file(path, kMaxTextFile);
  if (!text) return;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    use(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace

Repository::Repository(std::unique_ptr<Library> library, RepositoryHandle handle)
    : library_(std::move(library)),
      handle_(std::move(handle)),
      common_folder_(git_repository_commondir(handle_.get())) {}

Result<Repository> Repository::open(const std::string& path) {
  auto library = std::make_unique<Library>();
  git_repository* raw = nullptr;
  const int code = git_repository_open_ext(&raw, path.c_str(), GIT_REPOSITORY_OPEN_CROSS_FS, nullptr);
  if (code == GIT_ENOTFOUND) return nothing_there(path);
  if (code != 0) {
    Error error = library_error(code, "open the repository", path);
    if (error.message.find("unsupported") != std::string::npos) error.code = ErrorCode::unsupported;
    return error;
  }
  RepositoryHandle handle(raw);
  const std::string format = config_text(raw, "extensions.objectformat");
  if (!format.empty() && format != "sha1") {
    return make_error(ErrorCode::unsupported,
                      "repositories with " + format +
                          " object ids cannot be read yet; scan the files of a checkout with `keytrail scan PATH`",
                      path);
  }
  const std::string references = config_text(raw, "extensions.refstorage");
  if (!references.empty() && references != "files") {
    return make_error(ErrorCode::unsupported, "repositories with " + references + " references cannot be read yet",
                      path);
  }
  return Repository(std::move(library), std::move(handle));
}

std::string Repository::git_folder() const { return git_repository_path(handle_.get()); }

std::string Repository::work_tree() const {
  const char* folder = git_repository_workdir(handle_.get());
  return folder == nullptr ? std::string() : std::string(folder);
}

std::vector<std::string> Repository::work_tree_folders() const {
  std::vector<std::string> folders;
  std::error_code error;
  for (fs::directory_iterator entry(common_folder_ + "worktrees", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    folders.push_back(entry->path().string() + "/");
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::string Repository::tip() const {
  git_oid id;
  if (git_reference_name_to_id(&id, handle_.get(), "HEAD") != 0) return {};
  return ObjectName::from_bytes(id.id).hex();
}

std::string Repository::remote_uri() const {
  return without_credentials(config_text(handle_.get(), "remote.origin.url"));
}

std::vector<ObjectName> Repository::shallow_commits() const {
  std::vector<ObjectName> commits;
  for_each_line(common_folder_ + "shallow", [&commits](std::string_view line) {
    if (const std::optional<ObjectName> name = parse_object_name(line.substr(0, 40))) commits.push_back(*name);
  });
  std::sort(commits.begin(), commits.end());
  commits.erase(std::unique(commits.begin(), commits.end()), commits.end());
  return commits;
}

std::string without_credentials(std::string url) {
  url.resize(std::min(url.find_first_of("?#"), url.size()));
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t end = std::min(url.find('/', begin), url.size());
  const std::size_t at = url.substr(begin, end - begin).rfind('@');
  if (at != std::string::npos) url.erase(begin, at + 1);
  return url;
}

}  // namespace keytrail::git
