#include "scanner/git/known_ids.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "scanner/base/mapped_file.h"

namespace keytrail::git {
namespace {

using Names = std::vector<ObjectName>;

void unite(Names& all, Names more) {
  if (all.empty()) {
    all = std::move(more);
    return;
  }
  Names both;
  both.reserve(all.size() + more.size());
  std::set_union(all.begin(), all.end(), more.begin(), more.end(), std::back_inserter(both));
  all = std::move(both);
}

std::optional<Names> ids_of_pack(const PackStamp& pack) {
  const Result<MappedFile> file = MappedFile::open(pack.index_path);
  if (!file) return std::nullopt;
  const Result<pack::PackIndex> index = pack::PackIndex::parse(file->bytes(), sizeof(ObjectName), pack.index_path);
  if (!index) return std::nullopt;
  Names names;
  names.reserve(index->count());
  for (std::uint32_t i = 0; i < index->count(); ++i) names.push_back(ObjectName::from_bytes(index->raw_id(i).data()));
  return names;
}

}  // namespace

std::optional<std::string> collect_ids(const std::vector<FolderStamp>& folders) {
  // The smallest first, so that a big pack's ids are moved once, not once for each small one.
  std::vector<Names> lists;
  for (const FolderStamp& folder : folders) {
    for (const PackStamp& pack : folder.packs) {
      std::optional<Names> names = ids_of_pack(pack);
      if (!names) return std::nullopt;
      lists.push_back(std::move(*names));
    }
    lists.push_back(folder.loose);
  }
  std::sort(lists.begin(), lists.end(), [](const Names& a, const Names& b) { return a.size() < b.size(); });
  Names all;
  for (Names& names : lists) unite(all, std::move(names));
  return std::string(reinterpret_cast<const char*>(all.data()), all.size() * sizeof(ObjectName));
}

std::optional<std::size_t> KnownIds::position(const ObjectName& name) const {
  const std::string_view wanted(reinterpret_cast<const char*>(name.bytes.data()), kIdBytes);
  std::size_t begin = 0;
  std::size_t end = count();
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    const int order = at(middle).compare(wanted);
    if (order == 0) return middle;
    (order < 0 ? begin : end) = order < 0 ? middle + 1 : middle;
  }
  return std::nullopt;
}

void KnownIds::Seen::mark(std::size_t position) {
  if (!seen_[position]) ++count_;
  seen_[position] = true;
}

void KnownIds::Seen::add(const ObjectName& name) {
  if (const auto position = ids_.position(name)) mark(*position);
}

// Both lists are sorted.
std::vector<std::uint32_t> KnownIds::Seen::add(const pack::PackIndex& index) {
  std::vector<std::uint32_t> fresh;
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < index.count(); ++i) {
    const std::string_view id = index.raw_id(i);
    int order = -1;
    while (at < ids_.count() && (order = ids_.at(at).compare(id)) < 0) ++at;
    if (order == 0 && at < ids_.count()) {
      mark(at);
    } else {
      fresh.push_back(i);
    }
  }
  return fresh;
}

}  // namespace keytrail::git
