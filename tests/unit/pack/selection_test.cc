// Walks of some entries of a pack, and the check of its bytes.
#include "scanner/pack/selection.h"

#include <atomic>
#include <mutex>
#include <random>

#include "scanner/pack/verify.h"
#include "tests/support/catch.h"
#include "tests/unit/pack/collecting_visitor.h"
#include "tests/unit/pack/made_pack.h"
#include "tests/unit/pack/packed_repository.h"

namespace keytrail::pack {
namespace {

using keytrail::test::TemporaryFolder;
using test::all_types;
using test::PackedRepository;

// Keeps texts, and for each object its own id as its state.
class Visitor : public ObjectVisitor {
 public:
  struct Id : ObjectState {
    std::string raw;
  };
  std::unique_ptr<ObjectState> visit(unsigned, const WalkedObject& object) override {
    const std::lock_guard lock(mutex_);
    texts[std::string(object.raw_id)] = std::string(object.bytes);
    if (object.base != nullptr) bases.insert(static_cast<const Id*>(object.base)->raw);
    if (!object.is_base) return nullptr;
    auto id = std::make_unique<Id>();
    id->raw = object.raw_id;
    return id;
  }
  void lost(unsigned, std::string_view raw_id, bool, const std::string&) override {
    const std::lock_guard lock(mutex_);
    losses.insert(std::string(raw_id));
  }
  bool cancelled() const override { return false; }

  std::map<std::string, std::string> texts;
  std::set<std::string> bases;  // whose state somebody was given
  std::set<std::string> losses;

 private:
  std::mutex mutex_;
};

TEST_CASE("of a selection all is visited and nothing else") {
  const PackedRepository repository(7, 200);
  repository.repack("-f --depth=50 --window=20");
  const auto objects = repository.objects();
  const auto pack = PackFile::open(repository.index_path(), 20);
  REQUIRE(pack);
  std::mt19937 random(1);
  for (const unsigned share : {1U, 5U, 50U, 100U}) {
    CAPTURE(share);
    std::vector<Rank> ranks;
    std::map<std::string, std::string> expected;
    for (Rank rank = 0; rank < pack->count(); ++rank) {
      if (random() % 100 >= share) continue;
      ranks.push_back(rank);
      const std::string id(pack->raw_id(rank));
      expected[id] = objects.at(id).bytes;
    }
    std::shuffle(ranks.begin(), ranks.end(), random);
    const Selection only(*pack, ranks);
    for (const unsigned threads : {1U, 8U}) {
      Visitor visitor;
      WalkOptions options = all_types(threads);
      options.only = &only;
      walk_pack(*pack, options, visitor);
      CHECK(visitor.texts == expected);
      CHECK(visitor.losses.empty());
      for (const std::string& base : visitor.bases) CHECK(expected.contains(base));
      if (share >= 50) CHECK(visitor.bases.size() > 10);
    }
  }
}

TEST_CASE("of a selection that is damaged what is wanted is lost, and nothing else") {
  test::MadePack made;
  made.add_whole(3, std::string(100, 'b'));
  const std::size_t middle = made.add_offset_delta(0, test::DeltaWriter(100, 60).copy(0, 60).bytes());
  made.add_offset_delta(middle, test::DeltaWriter(60, 50).copy(0, 50).bytes());
  made.add_offset_delta(middle, test::DeltaWriter(61, 50).copy(0, 50).bytes());  // does not fit
  made.add_whole(3, "another");
  const TemporaryFolder folder;
  const auto pack = PackFile::open(made.write(folder), 20);
  REQUIRE(pack);
  REQUIRE(pack->count() == 5);
  const Selection only(*pack, {2, 3, 4});
  REQUIRE(only.roots().size() == 2);
  Visitor visitor;
  WalkOptions options = all_types(1);
  options.only = &only;
  walk_pack(*pack, options, visitor);
  CHECK(visitor.texts.size() == 2);
  CHECK(visitor.losses == std::set<std::string>{std::string(pack->raw_id(3))});
}

TEST_CASE("a part of a pack gives what the whole pack gives, bases by distance and by name") {
  const PackedRepository repository(10, 200);
  for (const char* config : {"", "-c repack.usedeltabaseoffset=false "}) {
    CAPTURE(config);
    repository.git(std::string(config) + "repack -q -ad -f --depth=50 --window=20");
    const auto objects = repository.objects();
    const auto whole = PackFile::open(repository.index_path(), 20);
    REQUIRE(whole);
    std::mt19937 random(3);
    for (const unsigned share : {0U, 1U, 20U, 100U}) {
      CAPTURE(share);
      std::vector<std::uint32_t> positions;
      std::map<std::string, std::string> expected;
      for (std::uint32_t i = 0; i < whole->index().count(); ++i) {
        if (random() % 100 >= share) continue;
        positions.push_back(i);
        const std::string id(whole->index().raw_id(i));
        expected[id] = objects.at(id).bytes;
      }
      const auto part = PackFile::open_part(repository.index_path(), 20, positions);
      REQUIRE(part);
      CHECK(part->count() >= positions.size());
      if (share < 20) CHECK(part->count() < whole->count());
      CHECK(part->strays().empty());
      std::vector<Rank> ranks;
      for (const auto& [id, bytes] : expected) {
        ranks.push_back(part->find(id));
        REQUIRE(ranks.back() != kNoRank);
        CHECK(part->raw_id(ranks.back()) == id);
      }
      const Selection only(*part, ranks);
      Visitor visitor;
      WalkOptions options = all_types(2);
      options.only = &only;
      walk_pack(*part, options, visitor);
      CHECK(visitor.losses.empty());
      CHECK(visitor.texts == expected);
    }
  }
}

TEST_CASE("a part of a pack whose index is damaged, or of none, is not opened") {
  const PackedRepository repository(11, 10);
  const TemporaryFolder folder;
  std::string index = test::read_bytes(repository.index_path());
  folder.write("a.pack", test::read_bytes(repository.pack_path()));
  CHECK(PackFile::open_part(folder.write("a.idx", index), 20, {0, 1}));
  for (std::size_t at = 8; at < index.size(); at += 97) {
    std::string damaged = index;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    CHECK_FALSE(PackFile::open_part(folder.write("a.idx", damaged), 20, {0, 1}));
  }
  CHECK_FALSE(PackFile::open_part(folder.write("b.idx", index), 20, {0, 1}));
  CHECK_FALSE(PackFile::open_part(folder.path("c.idx"), 20, {0, 1}));
}

TEST_CASE("an empty selection is a walk of nothing") {
  const PackedRepository repository(8, 5);
  const auto pack = PackFile::open(repository.index_path(), 20);
  REQUIRE(pack);
  const Selection nothing(*pack, {});
  CHECK(nothing.roots().empty());
  Visitor visitor;
  WalkOptions options = all_types(2);
  options.only = &nothing;
  walk_pack(*pack, options, visitor);
  CHECK(visitor.texts.empty());
}

TEST_CASE("one bit that is wrong in any entry is seen without expanding it") {
  const PackedRepository repository(9, 20);
  const auto whole = PackFile::open(repository.index_path(), 20);
  REQUIRE(whole);
  CHECK(has_right_checksums(*whole, 1));
  CHECK(has_right_checksums(*whole, 8));
  const std::string index = test::read_bytes(repository.index_path());
  const std::string bytes = test::read_bytes(repository.pack_path());
  std::mt19937 random(2);
  for (int i = 0; i < 100; ++i) {
    std::string damaged = bytes;
    const std::size_t at = 12 + random() % (bytes.size() - 32);
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
    const auto pack = PackFile::over(damaged, index, 20, "damaged");
    REQUIRE(pack);
    CAPTURE(at);
    CHECK_FALSE(has_right_checksums(*pack, 2));
  }
}

}  // namespace
}  // namespace keytrail::pack
