#include "scanner/git/mailmap.h"

#include <fcntl.h>
#include <git2.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "scanner/base/file.h"
#include "scanner/base/text.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

struct ConfigFree {
  void operator()(git_config* config) const noexcept { git_config_free(config); }
};
struct ObjectFree {
  void operator()(git_object* object) const noexcept { git_object_free(object); }
};

struct NameAndAddress {
  std::string_view name;  // may be empty
  std::string_view address;
};

// Takes "Name <address>" off the front of `text`.
std::optional<NameAndAddress> take_person(std::string_view& text, bool may_be_empty) {
  const std::size_t left = text.find('<');
  if (left == std::string_view::npos) return std::nullopt;
  const std::size_t right = text.find('>', left + 1);
  if (right == std::string_view::npos || (!may_be_empty && right == left + 1)) return std::nullopt;
  const NameAndAddress person{trimmed(text.substr(0, left)), text.substr(left + 1, right - left - 1)};
  text.remove_prefix(right + 1);
  return person;
}

// Not through a symbolic link, as git reads the one of a work tree; and no pipe, which would never end.
std::string regular_file(const std::string& path, bool follow_links) {
  struct stat info {};
  const int flags = follow_links ? 0 : AT_SYMLINK_NOFOLLOW;
  if (::fstatat(AT_FDCWD, path.c_str(), &info, flags) != 0 || !S_ISREG(info.st_mode)) return {};
  Result<std::string> text = read_file(path, kMaxBytes);
  return text ? std::move(*text) : std::string();
}

std::string blob_text(git_repository* repository, const std::string& revision) {
  git_object* raw = nullptr;
  if (git_revparse_single(&raw, repository, revision.c_str()) != 0) return {};
  const std::unique_ptr<git_object, ObjectFree> object(raw);
  if (git_object_type(raw) != GIT_OBJECT_BLOB) return {};
  const auto* blob = reinterpret_cast<const git_blob*>(raw);
  const git_object_size_t size = git_blob_rawsize(blob);
  if (size > kMaxBytes) return {};
  return {static_cast<const char*>(git_blob_rawcontent(blob)), static_cast<std::size_t>(size)};
}

struct Configured {
  std::string blob;
  std::string file;
};

Configured configured(git_repository* repository) {
  Configured found;
  git_config* raw = nullptr;
  if (git_repository_config_snapshot(&raw, repository) != 0) return found;
  const std::unique_ptr<git_config, ConfigFree> config(raw);
  const char* text = nullptr;
  if (git_config_get_string(&text, raw, "mailmap.blob") == 0 && text != nullptr) found.blob = text;
  git_buf path{};
  if (git_config_get_path(&path, raw, "mailmap.file") == 0 && path.ptr != nullptr) found.file = path.ptr;
  git_buf_dispose(&path);
  return found;
}

}  // namespace

Mailmap Mailmap::read(const Repository& repository) {
  Mailmap mailmap;
  const std::string work_tree = repository.work_tree();
  Configured more = configured(repository.handle());
  if (!work_tree.empty()) mailmap.add(regular_file(work_tree + ".mailmap", false));
  // git does so in bare repositories alone; a sparse work tree, or one without files, has the names there too.
  if (mailmap.empty() && more.blob.empty()) more.blob = "HEAD:.mailmap";
  if (!more.blob.empty()) mailmap.add(blob_text(repository.handle(), more.blob));
  if (!more.file.empty() && more.file.front() != '/') {
    more.file.insert(0, work_tree.empty() ? repository.common_folder() : work_tree);
  }
  if (!more.file.empty()) mailmap.add(regular_file(more.file, true));
  return mailmap;
}

void Mailmap::add(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    add_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// "New name <address>", "<new address> <address>", "New name <new address> <address>" or
// "New name <new address> Old name <address>".
void Mailmap::add_line(std::string_view line) {
  if (line.starts_with('#')) return;
  const std::optional<NameAndAddress> shown = take_person(line, false);
  if (!shown) return;
  const std::optional<NameAndAddress> old = take_person(line, true);
  Entry& entry = entries_[lower(old ? old->address : shown->address)];
  if (old && !old->name.empty()) {
    entry.named[lower(old->name)] = {std::string(shown->name), std::string(shown->address)};
    return;
  }
  if (!shown->name.empty()) entry.any.name = shown->name;
  if (old) entry.any.address = shown->address;
}

std::string Mailmap::apply(const std::string& who) const {
  std::string_view rest = who;
  const std::optional<NameAndAddress> person = take_person(rest, true);
  if (!person) return who;
  const auto entry = entries_.find(lower(person->address));
  if (entry == entries_.end()) return who;
  const auto named = entry->second.named.find(lower(person->name));
  const Person& shown = named == entry->second.named.end() ? entry->second.any : named->second;
  if (shown.name.empty() && shown.address.empty()) return who;
  std::string text = shown.name.empty() ? std::string(person->name) : shown.name;
  text += text.empty() ? "<" : " <";
  text += shown.address.empty() ? person->address : std::string_view(shown.address);
  return text + ">";
}

}  // namespace keytrail::git
