#include "scanner/git/staged.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scanner/git/changes_repository.h"
#include "scanner/git/deliver.h"
#include "scanner/git/index_file.h"
#include "scanner/git/object_store.h"
#include "scanner/git/raw_objects.h"
#include "scanner/git/tree_diff.h"

namespace keytrail::git {
namespace {

constexpr std::string_view kMemberMark = "!/";
constexpr std::size_t kMaxSparsePaths = 1'000'000;

// A folder of the index beside that of HEAD.
struct Folder {
  bool same = false;  // nothing in it is staged
  ObjectName head;    // zero: HEAD has none there
  Lookup::Tree bytes;
  std::unordered_map<std::string_view, TreeEntry> entries;  // of HEAD's, views of `bytes`
};

class Staged : public core::ChangeSource {
 public:
  Staged(ChangesRepository opened, OpenIndex index)
      : opened_(std::move(opened)), files_(std::move(index)), index_(files_.index) {}

  Status run(core::Sink& sink, unsigned threads) override {
    if (Status read = read_head(sink); !read) return read;
    if (index_) {
      index_->for_each([&](const IndexEntry& entry) { compare(entry, sink); });
    }
    std::vector<Delivery> deliveries;
    for (const auto& [path, object] : staged_) {
      deliveries.push_back({object, {core::BlobKind::file, path, std::nullopt}});
    }
    git::deliver(opened_.lookup, opened_.object_folders, deliveries, sink, threads);
    return {};
  }

  Result<core::Homes> locate(const std::vector<core::ObjectId>&, core::Sink&) override { return core::Homes(); }

  std::vector<core::ObjectId> before(const core::Occurrence& occurrence) override {
    const std::optional<TreeEntry> entry = entry_at(opened_.lookup, head_, path_of(occurrence.path));
    if (!entry || entry->kind != TreeEntry::Kind::blob) return {};
    return {entry->object.id()};
  }

  std::vector<Replaced> replaced(const core::Occurrence&) override {
    if (replaced_) return *replaced_;
    std::set<Replaced> distinct;
    for (const auto& [path, folder] : folders_) {
      if (!folder.same) add_replaced(path, folder, distinct);
    }
    replaced_.emplace(distinct.begin(), distinct.end());
    return *replaced_;
  }

  void deliver(const std::vector<core::ObjectId>& blobs, core::Sink& sink, unsigned threads) override {
    std::vector<Delivery> deliveries;
    for (const core::ObjectId& id : blobs) {
      const ObjectName name = ObjectName::from_bytes(id.bytes.data());
      deliveries.push_back({name, origin_of_blob(name)});
    }
    git::deliver(opened_.lookup, opened_.object_folders, deliveries, sink, threads);
  }

  std::uint64_t commit_count() const override { return 0; }
  std::string tip() const override { return opened_.repository.tip(); }
  std::string remote_uri() const override { return opened_.repository.remote_uri(); }

 private:
  Status read_head(core::Sink& sink) {
    const std::optional<ObjectName> commit = parse_object_name(opened_.repository.tip());
    if (commit) {
      const Result<Lookup::Object> object = opened_.lookup.read(*commit, ObjectType::commit);
      const std::optional<RawCommit> raw = object ? parse_commit(object->bytes) : std::nullopt;
      // Everything is new then: more is scanned, never less.
      if (!raw) sink.skip(0, core::SkipReason::corrupt_object, commit->hex(), "HEAD's commit cannot be read");
      if (raw) head_ = raw->tree;
    }
    root_ = &folders_[""];
    fill(*root_, "", head_, sink);
    return {};
  }

  void fill(Folder& folder, const std::string& path, const ObjectName& head, core::Sink& sink) {
    folder.head = head;
    if (head == ObjectName{}) return;
    folder.same = index_ && index_->cached_tree(path) == head;
    if (folder.same) return;
    const Result<Lookup::Tree> tree = opened_.lookup.tree(head);
    if (!tree) {
      core::Skip skip = skip_of(tree.error());
      return sink.skip(0, skip.reason, std::move(skip.path), std::move(skip.detail));
    }
    folder.bytes = *tree;
    TreeEntries entries(*folder.bytes);
    while (const std::optional<TreeEntry> entry = entries.next()) folder.entries.emplace(entry->name, *entry);
  }

  // The folder with this path ("" is the root); those above it come first, from the top down.
  const Folder& folder_at(const std::string& path, core::Sink& sink) {
    if (const auto known = folders_.find(path); known != folders_.end()) return known->second;
    const Folder* folder = root_;
    std::size_t end = 0;
    while (end < path.size()) {
      const std::size_t begin = end == 0 ? 0 : end + 1;
      end = std::min(path.find('/', begin), path.size());
      const auto [next, is_new] = folders_.try_emplace(path.substr(0, end));
      if (is_new && folder->same) next->second.same = true;
      if (is_new && !folder->same) {
        const auto entry = folder->entries.find(std::string_view(path).substr(begin, end - begin));
        const bool has = entry != folder->entries.end() && entry->second.kind == TreeEntry::Kind::tree;
        fill(next->second, next->first, has ? entry->second.object : ObjectName{}, sink);
      }
      folder = &next->second;
    }
    return *folder;
  }

  void compare(const IndexEntry& entry, core::Sink& sink) {
    if (entry.kind == IndexEntry::Kind::submodule || entry.intent_to_add) return;
    if (entry.kind == IndexEntry::Kind::folder) return compare_sparse(entry, sink);
    const std::size_t slash = entry.path.rfind('/');
    const std::string_view path = slash == std::string_view::npos ? "" : entry.path.substr(0, slash);
    const std::string_view name = slash == std::string_view::npos ? entry.path : entry.path.substr(slash + 1);
    if (current_ == nullptr || path != current_path_) {
      current_path_ = path;
      current_ = &folder_at(current_path_, sink);
    }
    if (current_->same && entry.stage == 0) return;
    const auto there = current_->entries.find(name);
    const bool known = there != current_->entries.end() && there->second.kind == TreeEntry::Kind::blob &&
                       there->second.object == entry.object;
    if (!known) staged_.insert({std::string(entry.path), entry.object});
  }

  // A whole folder that is not checked out.
  void compare_sparse(const IndexEntry& entry, core::Sink& sink) {
    const std::string path(entry.path.substr(0, entry.path.size() - 1));
    const Folder& folder = folder_at(path, sink);
    if (folder.same || folder.head == entry.object) return;
    ObjectNames blobs;
    TreeDiff diff{opened_.lookup, [&](const Error& error) {
                    core::Skip skip = skip_of(error);
                    sink.skip(0, skip.reason, std::move(skip.path), std::move(skip.detail));
                  }};
    diff.introduced(entry.object, {folder.head}, [&](const TreeEntry& found) {
      if (found.kind == TreeEntry::Kind::blob) blobs.insert(found.object);
    });
    const auto at = [&](const std::string& below, const ObjectName& object) {
      staged_.insert({path + "/" + below, object});
    };
    if (!diff.introduced_at(entry.object, {folder.head}, blobs, kMaxSparsePaths, at)) {
      sink.skip(0, core::SkipReason::budget, path, "it has more paths than can be told");
    }
  }

  void add_replaced(const std::string& path, const Folder& folder, std::set<Replaced>& distinct) {
    if (!index_objects_) read_index_objects();
    TreeDiff diff{opened_.lookup, [](const Error&) {}};
    for (const auto& [name, entry] : folder.entries) {
      const std::string whole = path.empty() ? std::string(name) : path + "/" + std::string(name);
      if (entry.kind == TreeEntry::Kind::tree && !folders_.contains(whole)) {
        // The index has nothing there.
        diff.replaced(ObjectName{}, entry.object, [&](const ObjectName& before, const std::optional<ObjectName>&) {
          distinct.insert({before.id(), std::nullopt});
        });
      }
      if (entry.kind != TreeEntry::Kind::blob) continue;
      const auto now = index_objects_->find(whole);
      if (now == index_objects_->end()) distinct.insert({entry.object.id(), std::nullopt});
      if (now != index_objects_->end() && now->second != entry.object) {
        distinct.insert({entry.object.id(), now->second.id()});
      }
    }
  }

  // What is in folders in which something is staged. A file in conflict is not gone: it counts with its own side.
  void read_index_objects() {
    index_objects_.emplace();
    if (!index_) return;
    index_->for_each([&](const IndexEntry& entry) {
      if (entry.kind != IndexEntry::Kind::blob || entry.intent_to_add || (entry.stage != 0 && entry.stage != 2)) return;
      const std::size_t slash = entry.path.rfind('/');
      const auto folder =
          folders_.find(slash == std::string_view::npos ? "" : std::string(entry.path.substr(0, slash)));
      if (folder != folders_.end() && folder->second.same) return;
      index_objects_->insert_or_assign(std::string(entry.path), entry.object);
    });
  }

  // Without the member of an archive.
  std::string path_of(const std::string& path) const {
    const auto is_staged = [this](const std::string& candidate) {
      const auto next = staged_.lower_bound({candidate, ObjectName{}});
      return next != staged_.end() && next->first == candidate;
    };
    if (is_staged(path)) return path;
    for (std::size_t mark = path.rfind(kMemberMark); mark != std::string::npos && mark > 0;
         mark = path.rfind(kMemberMark, mark - 1)) {
      if (is_staged(path.substr(0, mark))) return path.substr(0, mark);
    }
    return path;
  }

  ChangesRepository opened_;
  OpenIndex files_;
  const std::optional<IndexFile>& index_;  // nothing: no index, nothing staged
  ObjectName head_;                        // the tree of HEAD
  std::map<std::string, Folder> folders_;
  Folder* root_ = nullptr;
  const Folder* current_ = nullptr;
  std::string current_path_;
  std::set<std::pair<std::string, ObjectName>> staged_;
  std::optional<std::vector<Replaced>> replaced_;
  std::optional<std::unordered_map<std::string, ObjectName>> index_objects_;
};

}  // namespace

Result<std::unique_ptr<core::ChangeSource>> open_staged(const std::string& path, bool path_given,
                                                        const Variables& variables) {
  Result<ChangesRepository> opened = ChangesRepository::open(path, path_given, variables);
  if (!opened) return opened.error();
  if (!opened->has_work_tree) {
    return make_error(ErrorCode::invalid_argument,
                      "--staged wants a repository with a work tree, and this one is bare; --range A..B scans commits",
                      path);
  }
  Result<OpenIndex> index = open_index(opened->index_file, opened->repository.git_folder());
  if (!index) return index.error();
  return std::unique_ptr<core::ChangeSource>(std::make_unique<Staged>(std::move(*opened), std::move(*index)));
}

}  // namespace keytrail::git
