#include "scanner/git/references.h"

#include <git2.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "scanner/base/file.h"
#include "scanner/base/glob.h"

namespace keytrail::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTextFile = std::size_t{1} << 30;
constexpr std::size_t kHexDigits = 40;

struct IteratorFree {
  void operator()(git_reference_iterator* iterator) const noexcept { git_reference_iterator_free(iterator); }
};
struct ReferenceFree {
  void operator()(git_reference* reference) const noexcept { git_reference_free(reference); }
};

Reference::Kind kind_of(std::string_view name) {
  if (name.starts_with("refs/heads/")) return Reference::Kind::local_branch;
  if (name.starts_with("refs/remotes/")) return Reference::Kind::remote_branch;
  if (name.starts_with("refs/tags/")) return Reference::Kind::tag;
  return Reference::Kind::other;
}

std::string_view without_refs(std::string_view name) {
  if (name.starts_with("refs/")) name.remove_prefix(5);
  return name;
}

// "refs/heads/a/b" -> "a/b", "refs/notes/commits" -> "notes/commits".
std::string_view short_name(std::string_view name) {
  const std::string_view below = without_refs(name);
  if (kind_of(name) == Reference::Kind::other) return below;
  return below.substr(below.find('/') + 1);
}

void set_shown_names(std::vector<Reference>& references) {
  std::map<std::string_view, int> uses;
  for (const Reference& reference : references) ++uses[short_name(reference.name)];
  for (Reference& reference : references) {
    const std::string_view name = short_name(reference.name);
    reference.shown = uses[name] > 1 ? without_refs(reference.name) : name;
  }
}

std::optional<ObjectName> object_named(std::string_view hex) {
  const std::optional<ObjectName> name = parse_object_name(hex);
  return name && *name != ObjectName{} ? name : std::nullopt;
}

// A folder of the repository with a HEAD, an index and logs of its own, and how its HEAD is called from where the
// repository was opened.
struct HeadFolder {
  std::string path;  // ends in a slash
  std::string name;
  bool own = false;
};

std::vector<HeadFolder> head_folders(const Repository& repository) {
  const std::string own = git_repository_path(repository.handle());
  const std::string& common = repository.common_folder();
  std::vector<HeadFolder> folders;
  folders.push_back({own, "HEAD", true});
  if (own != common) folders.push_back({common, "main-worktree/HEAD", false});
  for (const std::string& folder : repository.work_tree_folders()) {
    if (folder == own || folder == common) continue;
    const std::string name = fs::path(folder).parent_path().filename().string();
    folders.push_back({folder, "worktrees/" + name + "/HEAD", false});
  }
  return folders;
}

// The logs below `folder`, as (name of the reference, file), sorted.
std::vector<std::pair<std::string, std::string>> log_files(const std::string& folder) {
  std::vector<std::pair<std::string, std::string>> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored)) continue;
    const std::string path = entry->path().string();
    files.emplace_back(path.substr(folder.size()), path);
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    const auto key = [](const std::string& name) { return std::tuple(name != "refs/stash", kind_of(name), name); };
    return key(a.first) < key(b.first);
  });
  return files;
}

}  // namespace

std::vector<Reference> list_references(const Repository& repository) {
  std::vector<Reference> references;
  git_reference_iterator* raw = nullptr;
  if (git_reference_iterator_new(&raw, repository.handle()) == 0) {
    const std::unique_ptr<git_reference_iterator, IteratorFree> iterator(raw);
    git_reference* next = nullptr;
    while (git_reference_next(&next, iterator.get()) == 0) {
      const std::unique_ptr<git_reference, ReferenceFree> reference(next);
      const git_oid* target = git_reference_target(reference.get());
      if (target == nullptr) continue;
      const std::string name = git_reference_name(reference.get());
      references.push_back({name, {}, ObjectName::from_bytes(target->id), kind_of(name)});
    }
  }
  const std::optional<ObjectName> tip = object_named(repository.tip());
  if (tip && git_repository_head_detached(repository.handle()) == 1) {
    references.push_back({"HEAD", {}, *tip, Reference::Kind::other});
  }
  std::sort(references.begin(), references.end(),
            [](const Reference& a, const Reference& b) { return std::tie(a.kind, a.name) < std::tie(b.kind, b.name); });
  set_shown_names(references);
  return references;
}

bool reference_matches(std::string_view pattern, const Reference& reference) {
  // glob_matches takes a pattern without a slash for the last part of any path, and one that matches a folder for all
  // below it. Here it is to match the whole name: the slash anchors its start, and a line feed, which no name has, its
  // end.
  const std::string anchored = "/" + std::string(pattern) + "\n";
  const auto fits = [&](std::string_view name) {
    return pattern == name || glob_matches(anchored, std::string(name) + "\n");
  };
  return fits(short_name(reference.name)) || fits(without_refs(reference.name)) || fits(reference.name);
}

void Holders::add_head(const std::string& folder, const std::string& name) {
  const Result<std::string> text = read_file(folder + "HEAD", kMaxTextFile);
  if (!text) return;
  const std::optional<ObjectName> target = object_named(std::string_view(*text).substr(0, kHexDigits));
  if (!target) return;
  entries_.push_back({static_cast<std::uint32_t>(names_.size()), kNoEntry, *target});
  names_.push_back(name);
}

// A line of a reflog is "OLD NEW Name <address> time zone<TAB>message"; the last one is entry 0. What the oldest line
// was made from counts as one entry more.
void Holders::add_log(const std::string& file, const std::string& name) {
  const Result<std::string> text = read_file(file, kMaxTextFile);
  if (!text) return;
  const std::uint32_t log = static_cast<std::uint32_t>(names_.size());
  names_.push_back(name);
  std::string_view rest = *text;
  while (rest.ends_with('\n')) rest.remove_suffix(1);
  std::uint32_t number = 0;
  while (!rest.empty()) {
    const std::size_t before = rest.rfind('\n');
    const std::string_view line = before == std::string_view::npos ? rest : rest.substr(before + 1);
    rest = before == std::string_view::npos ? std::string_view() : rest.substr(0, before);
    if (line.size() <= 2 * kHexDigits) continue;
    const std::optional<ObjectName> made = object_named(line.substr(kHexDigits + 1, kHexDigits));
    if (made) entries_.push_back({log, number, *made});
    ++number;
    const std::optional<ObjectName> old = object_named(line.substr(0, kHexDigits));
    if (old) entries_.push_back({log, number, *old});
  }
}

Holders Holders::list(const Repository& repository) {
  Holders holders;
  const std::vector<HeadFolder> folders = head_folders(repository);
  for (const HeadFolder& folder : folders) {
    if (!folder.own) holders.add_head(folder.path, folder.name);
  }
  // Logs of references are common to all work trees; each has one of its HEAD.
  for (const auto& [name, file] : log_files(repository.common_folder() + "logs/")) {
    if (name.starts_with("refs/")) holders.add_log(file, std::string(short_name(name)));
  }
  for (const HeadFolder& folder : folders) holders.add_log(folder.path + "logs/HEAD", folder.name);
  return holders;
}

std::string Holders::name(std::size_t index) const {
  const Entry& entry = entries_[index];
  if (entry.number == kNoEntry) return names_[entry.log];
  return names_[entry.log] + "@{" + std::to_string(entry.number) + "}";
}

}  // namespace keytrail::git
