#include "scanner/scan/introduced.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "scanner/scan/collect.h"

namespace keytrail::scan {
namespace {

using core::ObjectId;
using Replaced = core::ChangeSource::Replaced;

// A secret under a rule.
using Key = std::pair<core::RuleIndex, std::string>;

Key key_of(const Record& record) { return {record.rule, record.fingerprint}; }

bool has_path(const Record& record) {
  return record.occurrence.kind == core::BlobKind::git_blob || record.occurrence.kind == core::BlobKind::file;
}

std::optional<ObjectId> commit_of(const Record& record) {
  return record.occurrence.home ? std::optional(record.occurrence.home->commit) : std::nullopt;
}

// The secrets of blobs, each of which is scanned once.
class Secrets {
 public:
  Secrets(const std::vector<Record>& records, const ScanBlobs& scan_blobs) : scan_blobs_(scan_blobs) { add(records); }

  void want(std::vector<ObjectId> blobs) {
    std::erase_if(blobs, [this](const ObjectId& blob) { return by_blob_.contains(blob); });
    std::sort(blobs.begin(), blobs.end());
    blobs.erase(std::unique(blobs.begin(), blobs.end()), blobs.end());
    if (blobs.empty()) return;
    for (const ObjectId& blob : blobs) by_blob_[blob];
    add(scan_blobs_(blobs));
  }

  // Of a blob that was wanted.
  const std::set<Key>& of(const ObjectId& blob) const { return by_blob_.at(blob); }

 private:
  void add(const std::vector<Record>& records) {
    for (const Record& record : records) {
      if (record.occurrence.object) by_blob_[*record.occurrence.object].insert(key_of(record));
    }
  }

  const ScanBlobs& scan_blobs_;
  std::map<ObjectId, std::set<Key>> by_blob_;
};

std::vector<Record> with_homes(const std::vector<Record>& records, const core::Homes& homes) {
  std::vector<Record> placed;
  for (const Record& record : records) {
    for (core::Occurrence& occurrence : occurrences_of(record, homes)) {
      placed.push_back(record);
      placed.back().occurrence = std::move(occurrence);
    }
  }
  std::sort(placed.begin(), placed.end(), [](const Record& a, const Record& b) {
    const auto order = [](const Record& record) {
      const core::Occurrence& at = record.occurrence;
      return std::make_tuple(at.home ? at.home->author_time : 0, commit_of(record), std::cref(at.path).get(), at.object,
                             at.position, record.rule, std::cref(record.fingerprint).get());
    };
    return order(a) < order(b);
  });
  return placed;
}

void drop_what_stayed(std::vector<Record>& records, core::ChangeSource& changes, Secrets& secrets) {
  std::map<std::pair<std::optional<ObjectId>, std::string>, std::vector<ObjectId>> before;
  std::vector<ObjectId> wanted;
  for (const Record& record : records) {
    if (!has_path(record)) continue;
    const auto [blobs, is_new] = before.try_emplace({commit_of(record), record.occurrence.path});
    if (!is_new) continue;
    blobs->second = changes.before(record.occurrence);
    wanted.insert(wanted.end(), blobs->second.begin(), blobs->second.end());
  }
  secrets.want(std::move(wanted));
  std::erase_if(records, [&](const Record& record) {
    if (!has_path(record)) return false;
    const std::vector<ObjectId>& blobs = before.at({commit_of(record), record.occurrence.path});
    return std::any_of(blobs.begin(), blobs.end(),
                       [&](const ObjectId& blob) { return secrets.of(blob).contains(key_of(record)); });
  });
}

// What one change took away, by secret: the blobs that stand there instead.
using Taken = std::map<Key, std::vector<std::optional<ObjectId>>>;

Taken taken_by(const std::vector<Replaced>& replaced, const std::set<Key>& wanted, Secrets& secrets) {
  std::vector<ObjectId> blobs;
  blobs.reserve(replaced.size());
  for (const Replaced& pair : replaced) blobs.push_back(pair.before);
  secrets.want(blobs);
  blobs.clear();
  Taken taken;
  for (const Replaced& pair : replaced) {
    for (const Key& key : secrets.of(pair.before)) {
      if (!wanted.contains(key)) continue;
      taken[key].push_back(pair.after);
      if (pair.after) blobs.push_back(*pair.after);
    }
  }
  secrets.want(std::move(blobs));
  return taken;
}

void drop_what_moved(std::vector<Record>& records, core::ChangeSource& changes, Secrets& secrets) {
  std::map<std::optional<ObjectId>, std::pair<const Record*, std::set<Key>>> by_commit;
  for (const Record& record : records) {
    if (!has_path(record)) continue;
    auto& [any, keys] = by_commit[commit_of(record)];
    any = &record;
    keys.insert(key_of(record));
  }
  std::set<std::pair<std::optional<ObjectId>, Key>> moved;
  for (const auto& [commit, entry] : by_commit) {
    for (const auto& [key, instead] : taken_by(changes.replaced(entry.first->occurrence), entry.second, secrets)) {
      const bool gone = std::any_of(instead.begin(), instead.end(), [&, wanted = key](const auto& after) {
        return !after || !secrets.of(*after).contains(wanted);
      });
      if (gone) moved.insert({commit, key});
    }
  }
  std::erase_if(records, [&](const Record& record) {
    return has_path(record) && moved.contains({commit_of(record), key_of(record)});
  });
}

}  // namespace

std::vector<Record> introduced(std::vector<Record> records, const core::Homes& homes, core::ChangeSource& changes,
                               const ScanBlobs& scan_blobs) {
  Secrets secrets(records, scan_blobs);
  records = with_homes(records, homes);
  drop_what_stayed(records, changes, secrets);
  if (!records.empty()) drop_what_moved(records, changes, secrets);
  return records;
}

}  // namespace keytrail::scan
