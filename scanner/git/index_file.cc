#include "scanner/git/index_file.h"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "scanner/base/checked.h"
#include "scanner/git/ewah.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kChecksum = 20;
constexpr std::size_t kStatBytes = 24;  // times, device and inode
constexpr std::size_t kOwnerAndSize = 12;
constexpr std::uint32_t kTypeMask = 0170000;
constexpr std::uint32_t kSubmoduleMode = 0160000;
constexpr std::uint32_t kFolderMode = 0040000;
constexpr unsigned kExtendedFlag = 0x4000;
constexpr unsigned kIntentToAddFlag = 0x2000;
constexpr std::size_t kMaxPathBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxCachedPathBytes = std::size_t{256} << 20;  // of all paths of cached trees

std::optional<unsigned> u16(ByteReader& reader) {
  const auto bytes = reader.take(2);
  if (!bytes) return std::nullopt;
  return static_cast<unsigned char>((*bytes)[0]) * 256U + static_cast<unsigned char>((*bytes)[1]);
}

// A number in groups of seven bits, as in the offsets of packs.
std::optional<std::size_t> variable_width(ByteReader& reader) {
  std::size_t value = 0;
  for (int bytes = 0; bytes < 8; ++bytes) {
    const auto byte = reader.u8();
    if (!byte) return std::nullopt;
    if (bytes > 0) ++value;
    value = value << 7 | (*byte & 0x7FU);
    if ((*byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

// Reads entries one after the other; the path of one of version 4 is made from that of the one before it.
class EntryReader {
 public:
  EntryReader(std::string_view bytes, std::uint32_t version) : reader_(bytes), version_(version) {
    (void)reader_.take(kHeader);
  }

  std::optional<IndexEntry> next() {
    const std::size_t begin = reader_.position();
    if (!reader_.take(kStatBytes)) return std::nullopt;
    const auto mode = reader_.u32();
    if (!mode || !reader_.take(kOwnerAndSize)) return std::nullopt;
    const auto object = reader_.take(20);
    const auto flags = object ? u16(reader_) : std::nullopt;
    if (!flags) return std::nullopt;
    IndexEntry entry;
    entry.object = ObjectName::from_bytes(object->data());
    entry.stage = *flags >> 12 & 3U;
    if ((*mode & kTypeMask) == kSubmoduleMode) entry.kind = IndexEntry::Kind::submodule;
    if ((*mode & kTypeMask) == kFolderMode) entry.kind = IndexEntry::Kind::folder;
    if ((*flags & kExtendedFlag) != 0) {
      const auto more = version_ >= 3 ? u16(reader_) : std::nullopt;
      if (!more) return std::nullopt;
      entry.intent_to_add = (*more & kIntentToAddFlag) != 0;
    }
    if (!read_path(begin)) return std::nullopt;
    entry.path = path_;
    return entry;
  }

  std::size_t position() const { return reader_.position(); }

 private:
  bool read_path(std::size_t begin) {
    if (version_ >= 4) {
      const auto cut = variable_width(reader_);
      const auto rest = cut ? reader_.until('\0') : std::nullopt;
      if (!rest || *cut > path_.size()) return false;
      path_.resize(path_.size() - *cut);
      path_ += *rest;
    } else {
      const auto whole = reader_.until('\0');
      if (!whole) return false;
      path_ = *whole;
      // One to eight zero bytes, so that the length of an entry is a multiple of eight.
      while ((reader_.position() - begin) % 8 != 0) {
        if (!reader_.u8()) return false;
      }
    }
    return path_.size() <= kMaxPathBytes;
  }

  ByteReader reader_;
  std::uint32_t version_;
  std::string path_;
};

Error corrupt(const std::string& file, const char* what) {
  return make_error(ErrorCode::corrupt, std::string("the index is damaged: ") + what + "; `git reset` writes it anew",
                    file);
}

}  // namespace

Result<IndexFile> IndexFile::parse(std::string_view bytes, const std::string& file) {
  ByteReader reader(bytes);
  const auto magic = reader.take(4);
  IndexFile index(bytes);
  const auto version = reader.u32();
  const auto count = version ? reader.u32() : std::nullopt;
  if (!count || *magic != "DIRC" || bytes.size() < kHeader + kChecksum) return corrupt(file, "it has no head");
  if (*version < 2 || *version > 4) {
    return make_error(ErrorCode::unsupported,
                      "an index of version " + std::to_string(*version) +
                          " cannot be read; `git update-index --index-version 4` writes one that can",
                      file);
  }
  index.version_ = *version;
  index.count_ = *count;
  std::size_t end = 0;
  std::uint32_t position = 0;
  const auto look = [&](const IndexEntry& entry) {
    ++position;
    if (entry.path.empty()) index.nameless_ = position;
  };
  if (Status read = index.read_entries(file, look, end); !read) return read.error();
  if (Status read = index.read_extensions(end, file); !read) return read.error();
  if (index.nameless_ > 0 && index.shared_name_.empty()) return corrupt(file, "an entry has no path");
  return index;
}

Status IndexFile::read_entries(const std::string& file, const std::function<void(const IndexEntry&)>& use,
                               std::size_t& end) const {
  EntryReader entries(bytes_.substr(0, bytes_.size() - kChecksum), version_);
  for (std::uint32_t i = 0; i < count_; ++i) {
    const std::optional<IndexEntry> entry = entries.next();
    if (!entry) return corrupt(file, "it ends within its entries");
    use(*entry);
  }
  end = entries.position();
  return {};
}

// Entries that replace others come first, in the order of those, and may leave their paths to them.
void IndexFile::for_each(const std::function<void(const IndexEntry&)>& use) const {
  std::size_t end = 0;
  if (shared_ == nullptr) return (void)read_entries({}, use, end);  // parse() has seen all of it
  EntryReader own(bytes_.substr(0, bytes_.size() - kChecksum), version_);
  std::size_t position = 0;
  shared_->for_each([&](const IndexEntry& shared) {
    const std::size_t at = position++;
    std::optional<IndexEntry> entry = replaced_[at] ? own.next() : shared;
    if (!entry || gone_[at]) return;
    if (entry->path.empty()) entry->path = shared.path;
    use(*entry);
  });
  for (std::size_t left = count_ - std::min<std::size_t>(count_, replacing_); left > 0; --left) {
    if (const std::optional<IndexEntry> entry = own.next()) use(*entry);
  }
}

Status IndexFile::join(IndexFile shared, const std::string& file) {
  if (!shared.shared_name_.empty()) return corrupt(file, "its shared part is split itself");
  ByteReader reader(link_);
  if (link_.empty()) {
    gone_.assign(shared.count_, false);
    replaced_ = gone_;
  } else {
    auto gone = read_bitmap(reader, shared.count_);
    auto replaced = gone ? read_bitmap(reader, shared.count_) : std::nullopt;
    if (!replaced) return corrupt(file, "what it says of its shared part");
    gone_ = std::move(*gone);
    replaced_ = std::move(*replaced);
  }
  replacing_ = static_cast<std::uint32_t>(std::count(replaced_.begin(), replaced_.end(), true));
  if (replacing_ > count_ || nameless_ > replacing_) return corrupt(file, "an entry has no path");
  shared_ = std::make_shared<const IndexFile>(std::move(shared));
  return {};
}

// The checksum of the shared file, which is its name; zeros for none. Then two bitmaps, or nothing.
void IndexFile::read_link(std::string_view extension) {
  const ObjectName name = ObjectName::from_bytes(extension.data());
  if (name == ObjectName{}) return;
  shared_name_ = "sharedindex." + name.hex();
  link_ = extension.substr(kChecksum);
}

// Those whose names begin with a capital letter may be passed over.
Status IndexFile::read_extensions(std::size_t begin, const std::string& file) {
  ByteReader reader(bytes_.substr(begin, bytes_.size() - kChecksum - begin));
  while (!reader.at_end()) {
    const auto name = reader.take(4);
    const auto size = name ? reader.u32() : std::nullopt;
    const auto content = size ? reader.take(*size) : std::nullopt;
    if (!content) return corrupt(file, "it ends within its extensions");
    if (*name == "TREE") read_cached_trees(*content);
    if (*name == "link") {
      if (content->size() < kChecksum) return corrupt(file, "it does not name its shared part");
      read_link(*content);
    } else if (*name != "sdir" && ((*name)[0] < 'A' || (*name)[0] > 'Z')) {
      return make_error(ErrorCode::unsupported, "the index needs an extension that this program does not know", file);
    }
  }
  return {};
}

// Folders from the top down, each before those in it: name, NUL, number of entries (-1: not known any more), number of
// folders in it, line feed, id.
void IndexFile::read_cached_trees(std::string_view extension) {
  struct Open {
    std::string path;
    std::uint64_t folders_left;
  };
  std::vector<Open> open;
  ByteReader reader(extension);
  std::size_t path_bytes = 0;
  while (!reader.at_end()) {
    const auto name = reader.until('\0');
    const auto entries = name ? reader.until(' ') : std::nullopt;
    const auto folders = entries ? reader.until('\n') : std::nullopt;
    if (!folders || folders->empty() || folders->size() > 9) return;
    std::uint64_t count = 0;
    for (const char c : *folders) {
      if (c < '0' || c > '9') return;
      count = count * 10 + static_cast<std::uint64_t>(c - '0');
    }
    while (!open.empty() && open.back().folders_left == 0) open.pop_back();
    std::string path(*name);
    if (!open.empty()) {
      --open.back().folders_left;
      if (!open.back().path.empty()) path.insert(0, "/").insert(0, open.back().path);
    }
    path_bytes += path.size();
    if (path_bytes > kMaxCachedPathBytes) return;
    if (!entries->starts_with('-')) {
      const auto object = reader.take(20);
      if (!object) return;
      cached_trees_[path] = ObjectName::from_bytes(object->data());
    }
    open.push_back({std::move(path), count});
  }
}

std::optional<ObjectName> IndexFile::cached_tree(const std::string& folder) const {
  const auto known = cached_trees_.find(folder);
  return known == cached_trees_.end() ? std::nullopt : std::optional(known->second);
}

Result<OpenIndex> open_index(const std::string& path, const std::string& git_folder) {
  OpenIndex open;
  if (::access(path.c_str(), F_OK) != 0) return open;
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return file.error();
  open.file = std::move(*file);
  if (open.file.bytes().empty()) return open;
  Result<IndexFile> index = IndexFile::parse(open.file.bytes(), path);
  if (!index) return index.error();
  if (!index->shared_name().empty()) {
    const std::string shared_path = git_folder + index->shared_name();
    Result<MappedFile> shared = MappedFile::open(shared_path);
    if (!shared) return corrupt(shared_path, "the shared part of a split index cannot be read");
    open.shared = std::move(*shared);
    Result<IndexFile> parsed = IndexFile::parse(open.shared.bytes(), shared_path);
    if (!parsed) return parsed.error();
    if (Status joined = index->join(std::move(*parsed), path); !joined) return joined.error();
  }
  open.index = std::move(*index);
  return open;
}

}  // namespace keytrail::git
