#include "tests/unit/pack/collecting_visitor.h"

namespace keytrail::pack::test {
namespace {

struct TextState : ObjectState {
  std::string raw_id;
  std::string text;
};

}  // namespace

std::string fault_of_copies(const std::vector<core::Copy>& copies, std::string_view text, std::string_view base) {
  const core::Copy* last = nullptr;
  for (const core::Copy& copy : copies) {
    if (copy.size == 0) return "a copy of nothing";
    if (copy.at > text.size() || copy.size > text.size() - copy.at) return "a copy leaves the text";
    if (copy.from > base.size() || copy.size > base.size() - copy.from) return "a copy leaves the base";
    if (text.substr(copy.at, copy.size) != base.substr(copy.from, copy.size)) return "a copy is not equal";
    if (last != nullptr && copy.at < last->at + last->size) return "copies overlap or descend";
    if (last != nullptr && copy.at == last->at + last->size && copy.from == last->from + last->size) {
      return "copies that go on in both texts are two";
    }
    last = &copy;
  }
  return {};
}

void CollectingVisitor::check(const WalkedObject& object, Seen& entry) {
  if ((object.base == nullptr) != (object.copies == nullptr))
    faults.push_back("copies without the base's state, or it alone");
  if (object.base == nullptr || object.copies == nullptr) return;
  const auto* base = dynamic_cast<const TextState*>(object.base);
  if (base == nullptr) return faults.push_back("a state of somebody else");
  entry.base = base->raw_id;
  if (object.base_size != base->text.size()) faults.push_back("the base's size is not that of its text");
  const std::string fault = fault_of_copies(*object.copies, object.bytes, base->text);
  if (!fault.empty()) faults.push_back(fault);
}

std::unique_ptr<ObjectState> CollectingVisitor::visit(unsigned worker, const WalkedObject& object) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++calls;
  workers.insert(worker);
  Seen entry{object.type, std::string(object.bytes), {}, object.is_base};
  check(object, entry);
  std::unique_ptr<TextState> state;
  if (object.is_base) {
    state = std::make_unique<TextState>();
    state->raw_id = object.raw_id;
    state->text = object.bytes;
  }
  if (!seen.emplace(object.raw_id, std::move(entry)).second) faults.push_back("an object is visited twice");
  return state;
}

void CollectingVisitor::lost(unsigned worker, std::string_view raw_id, bool over_limit, const std::string& what) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++calls;
  workers.insert(worker);
  if (!losses.emplace(raw_id, Lost{over_limit, what}).second) faults.push_back("an object is lost twice");
}

bool CollectingVisitor::cancelled() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return calls >= cancel_after;
}

WalkOptions all_types(unsigned threads) {
  WalkOptions options;
  options.threads = threads;
  options.commits = options.trees = options.blobs = options.tags = true;
  return options;
}

std::set<std::string> ids_below_strays(const PackFile& pack) {
  std::set<std::string> ids;
  std::vector<Rank> pending;
  for (const PackFile::Stray& stray : pack.strays()) pending.push_back(stray.rank);
  while (!pending.empty()) {
    const Rank rank = pending.back();
    pending.pop_back();
    ids.emplace(pack.raw_id(rank));
    for (Rank child = pack.first_child(rank); child != kNoRank; child = pack.next_sibling(child))
      pending.push_back(child);
  }
  return ids;
}

}  // namespace keytrail::pack::test
