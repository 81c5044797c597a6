#include "scanner/git/push.h"

#include <git2.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "scanner/git/object_store.h"
#include "scanner/git/raw_objects.h"
#include "scanner/git/tree_diff.h"

namespace keytrail::git {
namespace {

// Tags of tags of tags: nobody has more than two.
constexpr int kMaxTagDepth = 100;

struct IteratorFree {
  void operator()(git_reference_iterator* iterator) const noexcept { git_reference_iterator_free(iterator); }
};
struct ReferenceFree {
  void operator()(git_reference* reference) const noexcept { git_reference_free(reference); }
};

struct Known {
  std::vector<ObjectName> peeled;  // what references lead to, where the reference database says so
  ObjectNames named;               // what they name: tags too
};

// packed-refs says what a tag leads to, so that no tag has to be read.
Known known_by_references(const Repository& repository, const std::string& prefix) {
  Known known;
  git_reference_iterator* raw = nullptr;
  if (git_reference_iterator_new(&raw, repository.handle()) != 0) return known;
  const std::unique_ptr<git_reference_iterator, IteratorFree> iterator(raw);
  git_reference* next = nullptr;
  while (git_reference_next(&next, iterator.get()) == 0) {
    const std::unique_ptr<git_reference, ReferenceFree> reference(next);
    const git_oid* target = git_reference_target(next);  // null: symbolic
    if (target == nullptr || !std::string_view(git_reference_name(next)).starts_with(prefix)) continue;
    const git_oid* peeled = git_reference_target_peel(next);
    known.named.insert(ObjectName::from_bytes(target->id));
    known.peeled.push_back(ObjectName::from_bytes((peeled != nullptr ? peeled : target)->id));
  }
  return known;
}

// The commit that `object` is or names. What is read on the way goes to `objects`, where it is wanted.
std::optional<ObjectName> peel(ObjectName object, Lookup& lookup, const ObjectNames& named, PushedObjects* objects) {
  for (int depth = 0; depth < kMaxTagDepth; ++depth) {
    const Result<Lookup::Object> read = lookup.read(object);
    if (!read || read->type == ObjectType::commit) return object;
    if (read->type == ObjectType::tree || read->type == ObjectType::blob) {
      const bool is_new = objects != nullptr && !named.contains(object);
      if (is_new) (read->type == ObjectType::tree ? objects->trees : objects->blobs).push_back(object);
      return std::nullopt;
    }
    const std::optional<RawTag> tag = parse_tag(read->bytes);
    if (!tag) return object;
    const ObjectName target = tag->target;
    if (objects != nullptr && !named.contains(object)) objects->tags.push_back(object);
    object = target;
  }
  return object;
}

void make_distinct(std::vector<ObjectName>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace

Result<PushedObjects> resolve_push(const Repository& repository, Lookup& lookup, const Push& push) {
  PushedObjects objects;
  Known known;
  if (!push.known_references.empty()) known = known_by_references(repository, push.known_references);
  for (const std::string& hex : push.tips) {
    const std::optional<ObjectName> name = parse_object_name(hex);
    if (!name) return make_error(ErrorCode::invalid_argument, "this is no id of an object", hex);
    if (const auto commit = peel(*name, lookup, known.named, &objects)) objects.commits.include.push_back(*commit);
  }
  for (const std::string& hex : push.known) {
    if (const auto name = parse_object_name(hex)) known.peeled.push_back(*name);
  }
  make_distinct(known.peeled);
  for (const ObjectName& name : known.peeled) {
    // A branch that is pushed as it is: nothing to look at.
    if (git_odb_exists(lookup.handle(), reinterpret_cast<const git_oid*>(name.bytes.data())) == 0) continue;
    objects.commits.exclude.push_back(name);
  }
  make_distinct(objects.commits.include);
  make_distinct(objects.tags);
  make_distinct(objects.trees);
  make_distinct(objects.blobs);
  return objects;
}

}  // namespace keytrail::git
