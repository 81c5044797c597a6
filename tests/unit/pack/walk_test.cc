#include "scanner/pack/pack_walk.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/support/catch.h"
#include "tests/unit/pack/collecting_visitor.h"
#include "tests/unit/pack/made_pack.h"
#include "tests/unit/pack/packed_repository.h"

namespace keytrail::pack {
namespace {

using keytrail::test::TemporaryFolder;
using test::all_types;
using test::CollectingVisitor;
using test::DeltaWriter;
using test::made_id;
using test::MadePack;
using test::PackedRepository;

// Walks with 1, 2 and 8 threads and compares with what git says, of the objects and of how they are stored.
void check_against_git(const PackedRepository& repository, std::size_t hash_size, std::size_t least_deltas) {
  const auto objects = repository.objects();
  const auto stored = repository.stored();
  REQUIRE(objects.size() == stored.size());
  std::set<std::string> bases;
  std::size_t deltas = 0;
  for (const auto& [id, entry] : stored) {
    if (entry.base.empty()) continue;
    bases.insert(entry.base);
    ++deltas;
  }
  REQUIRE(deltas >= least_deltas);
  const auto pack = PackFile::open(repository.index_path(), hash_size);
  REQUIRE(pack);
  REQUIRE(pack->count() == objects.size());
  REQUIRE(pack->strays().empty());
  REQUIRE(pack->lost().empty());
  for (const unsigned threads : {1U, 2U, 8U}) {
    CAPTURE(threads);
    CollectingVisitor visitor;
    walk_pack(*pack, all_types(threads), visitor);
    CHECK(visitor.faults.empty());
    CHECK(visitor.losses.empty());
    CHECK(visitor.calls == objects.size());
    CHECK(*visitor.workers.rbegin() < threads);
    REQUIRE(visitor.seen.size() == objects.size());
    bool same = true;
    for (const auto& [id, seen] : visitor.seen) {
      const auto object = objects.find(id);
      REQUIRE(object != objects.end());
      same = same && PackedRepository::Object{seen.type, seen.bytes} == object->second &&
             seen.base == stored.at(id).base && seen.is_base == bases.contains(id);
    }
    CHECK(same);
  }
}

TEST_CASE("the walk gives what git gives, however the pack was made") {
  const PackedRepository repository(1, 300);
  struct Row {
    const char* name;
    const char* before;
    const char* arguments;
    std::size_t least_deltas;
  };
  const Row rows[] = {
      {"no deltas", "", "-f --depth=0 --window=0", 0},
      {"short chains", "", "-f --depth=1 --window=5", 300},
      {"git's own defaults", "", "-f", 500},
      {"long chains", "", "-f --depth=250 --window=50", 500},
      {"a narrow window", "", "-f --depth=500 --window=2", 300},
      {"nothing reused", "", "-F --depth=50 --window=10", 500},
      {"bases by name", "-c repack.usedeltabaseoffset=false ", "-f --depth=50 --window=20", 500},
      {"uncompressed", "-c pack.compression=0 ", "-F --depth=20 --window=20", 500},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      repository.git(std::string(row.before) + "repack -q -ad " + row.arguments);
      check_against_git(repository, 20, row.least_deltas);
    }
  }
}

TEST_CASE("other histories and ids of SHA-256 are walked alike") {
  check_against_git(PackedRepository(2, 120), 20, 100);
  check_against_git(PackedRepository(3, 1), 20, 0);
  check_against_git(PackedRepository(4, 60, "sha256"), 32, 30);
}

TEST_CASE("the walk visits the wanted types alone") {
  const PackedRepository repository(5, 30);
  const auto pack = PackFile::open(repository.index_path(), 20);
  REQUIRE(pack);
  std::map<ObjectType, std::size_t> counts;
  for (const auto& [id, object] : repository.objects()) ++counts[object.type];
  for (const ObjectType type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag}) {
    WalkOptions options;
    options.threads = 2;
    options.commits = type == ObjectType::commit;
    options.trees = type == ObjectType::tree;
    options.blobs = type == ObjectType::blob;
    options.tags = type == ObjectType::tag;
    CollectingVisitor visitor;
    walk_pack(*pack, options, visitor);
    REQUIRE(counts[type] > 0);
    CHECK(visitor.seen.size() == counts[type]);
    CHECK(std::all_of(visitor.seen.begin(), visitor.seen.end(),
                      [type](const auto& entry) { return entry.second.type == type; }));
  }
  CollectingVisitor nothing;
  walk_pack(*pack, WalkOptions{}, nothing);
  CHECK(nothing.calls == 0);
}

// A blob of 100 bytes and `count` deltas of it.
MadePack star(std::size_t count) {
  MadePack pack;
  const std::string base(100, 'b');
  pack.add_whole(3, base);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = std::to_string(i);
    pack.add_offset_delta(0, DeltaWriter(100, 50 + text.size()).copy(0, 50).insert(text).bytes());
  }
  return pack;
}

// Takes its time until a second thread has come.
class SlowVisitor : public CollectingVisitor {
 public:
  std::unique_ptr<ObjectState> visit(unsigned worker, const WalkedObject& object) override {
    std::unique_ptr<ObjectState> state = CollectingVisitor::visit(worker, object);
    unsigned nobody = UINT32_MAX;
    first_.compare_exchange_strong(nobody, worker);
    if (worker != first_) others_ = true;
    if (!others_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return state;
  }

 private:
  std::atomic<unsigned> first_{UINT32_MAX};
  std::atomic<bool> others_{false};
};

TEST_CASE("a pack that is one tree is walked by more than one thread") {
  const TemporaryFolder folder;
  const auto pack = PackFile::open(star(3000).write(folder), 20);
  REQUIRE(pack);
  REQUIRE(pack->roots().size() == 1);
  SlowVisitor visitor;
  walk_pack(*pack, all_types(4), visitor);
  CHECK(visitor.faults.empty());
  CHECK(visitor.seen.size() == 3001);
  CHECK(visitor.workers.size() > 1);
}

TEST_CASE("a chain of 100,000 deltas is walked without recursion") {
  constexpr std::size_t kDeltas = 100000;
  MadePack made;
  made.add_whole(3, "begin");
  const std::string delta = DeltaWriter(5, 5).copy(0, 5).bytes();
  for (std::size_t i = 0; i < kDeltas; ++i) made.add_offset_delta(i, delta);
  const TemporaryFolder folder;
  folder.write("made.pack", made.pack());
  const std::string index = folder.write("made.idx", made.index());
  const auto pack = PackFile::open(index, 20);
  REQUIRE(pack);
  CollectingVisitor visitor;
  walk_pack(*pack, all_types(2), visitor);
  CHECK(visitor.faults.empty());
  CHECK(visitor.seen.size() == kDeltas + 1);
}

TEST_CASE("a walk that is cancelled ends with the objects at hand") {
  const TemporaryFolder folder;
  const auto pack = PackFile::open(star(2000).write(folder), 20);
  REQUIRE(pack);
  for (const unsigned threads : {1U, 2U, 8U}) {
    for (const std::size_t after : {std::size_t{0}, std::size_t{1}, std::size_t{100}}) {
      CAPTURE(threads, after);
      CollectingVisitor visitor;
      visitor.cancel_after = after;
      walk_pack(*pack, all_types(threads), visitor);
      CHECK(visitor.faults.empty());
      CHECK(visitor.losses.empty());
      CHECK(visitor.calls >= after);
      CHECK(visitor.calls < after + threads);
    }
  }
}

TEST_CASE("an object over the limit is lost as such, with all that is made from it") {
  MadePack made;
  const std::size_t large = made.add_whole(3, std::string(300, 'l'));
  made.add_offset_delta(large, DeltaWriter(300, 10).copy(0, 10).bytes());
  const std::size_t small = made.add_whole(3, std::string(100, 's'));
  const std::size_t grown =
      made.add_offset_delta(small, DeltaWriter(100, 201).copy(0, 100).copy(0, 100).insert("x").bytes());
  made.add_offset_delta(grown, DeltaWriter(201, 1).copy(200, 1).bytes());
  const std::size_t exact = made.add_offset_delta(small, DeltaWriter(100, 200).copy(0, 100).copy(0, 100).bytes());
  const TemporaryFolder folder;
  const auto pack = PackFile::open(made.write(folder), 20);
  REQUIRE(pack);
  WalkOptions options = all_types(1);
  options.max_object_bytes = 200;
  CollectingVisitor visitor;
  walk_pack(*pack, options, visitor);
  CHECK(visitor.faults.empty());
  REQUIRE(visitor.seen.size() == 2);
  CHECK(visitor.seen.at(made_id(small)).is_base);
  CHECK(visitor.seen.at(made_id(exact)).bytes.size() == 200);
  REQUIRE(visitor.losses.size() == 4);
  for (const auto& [id, loss] : visitor.losses) CHECK(loss.over_limit);
  CHECK(visitor.losses.at(made_id(large)).what == "it has 300 bytes, over the limit");
  CHECK(visitor.losses.at(made_id(grown)).what == "it has 201 bytes, over the limit");
}

// Learns nothing of some objects.
class ForgetfulVisitor : public ObjectVisitor {
 public:
  std::unique_ptr<ObjectState> visit(unsigned, const WalkedObject& object) override {
    ++visits;
    if (object.copies != nullptr && object.base == nullptr) ++without_state;
    return nullptr;
  }
  void lost(unsigned, std::string_view, bool, const std::string&) override {}
  bool cancelled() const override { return false; }
  std::size_t visits = 0;
  std::size_t without_state = 0;
};

TEST_CASE("a visitor may learn nothing: copies are told all the same") {
  const TemporaryFolder folder;
  const auto pack = PackFile::open(star(10).write(folder), 20);
  REQUIRE(pack);
  ForgetfulVisitor visitor;
  WalkOptions options = all_types(0);  // no thread is one thread
  walk_pack(*pack, options, visitor);
  CHECK(visitor.visits == 11);
  CHECK(visitor.without_state == 10);
}

}  // namespace
}  // namespace keytrail::pack
