#include "scanner/git/repository_snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "scanner/base/file.h"
#include "scanner/git/object_store.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kMaxFolders = 1000;
constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxTextFile = std::size_t{256} << 20;
constexpr std::size_t kChecksum = 20;

struct CloseFolder {
  void operator()(DIR* open) const noexcept { ::closedir(open); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

FileStamp stamp_of(const struct stat& info) {
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), nanoseconds(info.st_mtim),
          nanoseconds(info.st_ctim)};
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string parent_folder(const std::string& folder) { return folder.back() == '/' ? folder : folder + "/"; }

// Collects what a digest is made of. One mistake and all is in doubt: ok() turns false.
class Taker {
 public:
  bool ok() const { return ok_; }
  Sha256Digest digest() { return sha256(log_.take()); }
  StateWriter& log() { return log_; }

  // Calls use(name) for each entry of a folder but . and .., sorted; false when there is no such folder.
  bool for_each(const std::string& path, const std::function<void(const std::string&)>& use) {
    const Folder open(::opendir(path.c_str()));
    if (!open) {
      if (errno != ENOENT && errno != ENOTDIR) ok_ = false;
      return false;
    }
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(open.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of this thread
      const std::string_view name(entry->d_name);
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) ok_ = false;
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) use(name);
    return true;
  }

  // The stamp of a regular file; doubt where it is anything else.
  FileStamp stamp(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) ok_ = false;
    return stamp_of(info);
  }

  // Adds name and content of a file, which may be missing.
  void content(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
      if (errno != ENOENT && errno != ENOTDIR) ok_ = false;
      return;
    }
    if (!S_ISREG(info.st_mode)) {
      ok_ = false;
      return;
    }
    const Result<std::string> text = read_file(path, kMaxTextFile);
    if (!text) ok_ = false;
    log_.text(path);
    log_.text(text ? *text : std::string());
  }

  // Adds all files in and below a folder.
  void contents(const std::string& folder, std::size_t depth = 0) {
    struct stat info {};
    if (::lstat(folder.c_str(), &info) != 0) return;
    if (!S_ISDIR(info.st_mode)) return content(folder);
    if (depth > kMaxDepth) {
      ok_ = false;
      return;
    }
    for_each(folder, [&](const std::string& name) { contents(folder + "/" + name, depth + 1); });
  }

  // An index file ends in a checksum of itself, or in zeros where git was told to leave that out. Damage changes its
  // times.
  void index(const std::string& path) {
    const std::optional<std::string> end = read_at(path, -static_cast<off_t>(kChecksum), kChecksum);
    if (!end) return;
    log_.text(path);
    log_.text(*end);
    add(stamp(path));
  }

  // Bytes at `offset`, from the end when it is negative.
  static std::optional<std::string> read_at(const std::string& path, off_t offset, std::size_t count) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open() || ::lseek(file.get(), offset, offset < 0 ? SEEK_END : SEEK_SET) < 0) return std::nullopt;
    std::string bytes(count, '\0');
    const Result<std::size_t> got = read_fully(file.get(), bytes.data(), count, path);
    if (!got || *got != count) return std::nullopt;
    return bytes;
  }

  void add(const FileStamp& stamp) { log_.items(std::vector<FileStamp>{stamp}); }
  void doubt() { ok_ = false; }

 private:
  StateWriter log_;
  bool ok_ = true;
};

// A pack whose end does not fit its index, or that begins like none, is a matter for a whole sweep.
PackStamp take_pack(const std::string& index_path, Taker& taker) {
  const std::string pack_path = index_path.substr(0, index_path.size() - 4) + ".pack";
  PackStamp pack{index_path, taker.stamp(index_path), taker.stamp(pack_path), {}};
  const auto begin = Taker::read_at(pack_path, 0, 4);
  const auto ends = Taker::read_at(index_path, -static_cast<off_t>(2 * kChecksum), 2 * kChecksum);
  const auto end = Taker::read_at(pack_path, -static_cast<off_t>(kChecksum), kChecksum);
  if (begin != "PACK" || !ends || !end || ends->substr(0, kChecksum) != *end) {
    taker.doubt();
    return pack;
  }
  std::memcpy(pack.checksums.data(), ends->data(), ends->size());
  return pack;
}

void take_packs(FolderStamp& folder, Taker& taker) {
  std::size_t packs = 0;
  const std::string path = folder.path + "/pack";
  taker.for_each(path, [&](const std::string& name) {
    if (name.ends_with(".pack")) ++packs;
    if (name.ends_with(".idx")) folder.packs.push_back(take_pack(path + "/" + name, taker));
  });
  // A pack without an index, or one that a fetch is just bringing.
  if (packs != folder.packs.size()) taker.doubt();
  // As ObjectStore has them: without the ends of the names.
  const auto stem = [](const PackStamp& pack) {
    return std::string_view(pack.index_path).substr(0, pack.index_path.size() - 4);
  };
  std::sort(folder.packs.begin(), folder.packs.end(),
            [&stem](const PackStamp& a, const PackStamp& b) { return stem(a) < stem(b); });
}

void take_loose(FolderStamp& folder, Taker& taker) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char high : kDigits) {
    for (const char low : kDigits) {
      const std::string begin{high, low};
      const std::string path = folder.path + "/" + begin;
      const std::string below = path + "/";
      taker.for_each(path, [&](const std::string& name) {
        if (name.size() != 38 || !is_hex(name)) return;
        folder.loose.push_back(parse_object_name(begin + name).value_or(ObjectName{}));
        folder.loose_stamps.push_back(taker.stamp(std::string(below).append(name)));
      });
    }
  }
}

std::vector<FolderStamp> take_folders(const std::string& objects, Taker& taker) {
  std::vector<FolderStamp> taken;
  std::vector<std::string> folders = {objects};
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(folders[i].c_str(), nullptr), &std::free);
    if (!real || folders.size() > kMaxFolders) {
      taker.doubt();
      continue;
    }
    FolderStamp folder;
    folder.path = real.get();
    if (std::any_of(taken.begin(), taken.end(), [&](const FolderStamp& other) { return other.path == folder.path; })) {
      continue;
    }
    take_packs(folder, taker);
    take_loose(folder, taker);
    taker.content(folder.path + "/info/alternates");
    for (std::string& other : alternates_of(folder.path)) folders.push_back(std::move(other));
    taken.push_back(std::move(folder));
  }
  return taken;
}

// Files of a git folder of which a sweep reads something or may come to.
bool matters(const std::string& name) {
  return name.ends_with("HEAD") || name == "packed-refs" || name == "shallow" || name == "config" ||
         name == "config.worktree" || name == "commondir" || name == "gitdir";
}

void take_git_folder(const std::string& folder, Taker& taker) {
  taker.for_each(folder, [&](const std::string& name) {
    if (matters(name)) taker.content(folder + name);
  });
  taker.index(folder + "index");
  taker.contents(folder + "refs");
  taker.contents(folder + "logs");
  taker.content(folder + "info/grafts");
  taker.content(folder + "info/attributes");
}

struct ConfigFree {
  void operator()(git_config* config) const noexcept { git_config_free(config); }
};

void take_mailmaps(const Repository& repository, Taker& taker) {
  const std::string tree = repository.work_tree();
  if (!tree.empty()) taker.content(tree + ".mailmap");
  git_config* raw = nullptr;
  if (git_repository_config_snapshot(&raw, repository.handle()) != 0) return taker.doubt();
  const std::unique_ptr<git_config, ConfigFree> config(raw);
  for (const char* name : {"mailmap.file", "mailmap.blob"}) {
    const char* value = nullptr;
    if (git_config_get_string(&value, raw, name) != 0 || value == nullptr) continue;
    taker.log().text(value);
    // A path that begins with "~" or is relative is git's to understand: not worth being wrong about.
    if (std::string_view(name) == "mailmap.file" && value[0] != '/') taker.doubt();
    if (value[0] == '/') taker.content(value);
  }
}

}  // namespace

std::optional<RepositorySnapshot> take_snapshot(const Repository& repository) {
  Taker taker;
  RepositorySnapshot snapshot;
  const std::string& common = repository.common_folder();
  const std::string own = parent_folder(repository.git_folder());
  snapshot.folders = take_folders(common + "objects", taker);
  write_folders(snapshot.folders, taker.log());
  taker.log().text(own);
  take_git_folder(common, taker);
  taker.for_each(common + "worktrees",
                 [&](const std::string& name) { take_git_folder(common + "worktrees/" + name + "/", taker); });
  if (own != common) take_git_folder(own, taker);
  take_mailmaps(repository, taker);
  if (!taker.ok()) return std::nullopt;
  snapshot.digest = taker.digest();
  return snapshot;
}

void write_folders(const std::vector<FolderStamp>& folders, StateWriter& out) {
  out.u64(folders.size());
  for (const FolderStamp& folder : folders) {
    out.text(folder.path);
    out.u64(folder.packs.size());
    for (const PackStamp& pack : folder.packs) {
      out.text(pack.index_path);
      out.items(std::vector<FileStamp>{pack.index, pack.pack});
      out.text({reinterpret_cast<const char*>(pack.checksums.data()), pack.checksums.size()});
    }
    out.items(folder.loose);
    out.items(folder.loose_stamps);
  }
}

std::vector<FolderStamp> read_folders(StateReader& in) {
  std::vector<FolderStamp> folders(in.count(sizeof(std::uint64_t)));
  for (FolderStamp& folder : folders) {
    folder.path = in.text();
    folder.packs.resize(in.count(sizeof(std::uint64_t)));
    for (PackStamp& pack : folder.packs) {
      pack.index_path = in.text();
      const std::vector<FileStamp> stamps = in.items<FileStamp>();
      const std::string_view checksums = in.text();
      if (stamps.size() != 2 || checksums.size() != pack.checksums.size()) {
        in.fail();
        return {};
      }
      pack.index = stamps[0];
      pack.pack = stamps[1];
      std::memcpy(pack.checksums.data(), checksums.data(), checksums.size());
    }
    folder.loose = in.items<ObjectName>();
    folder.loose_stamps = in.items<FileStamp>();
    if (folder.loose.size() != folder.loose_stamps.size()) in.fail();
  }
  return folders;
}

}  // namespace keytrail::git
