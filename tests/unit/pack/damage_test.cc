#include <filesystem>
#include <random>

#include "scanner/pack/pack_walk.h"
#include "tests/support/catch.h"
#include "tests/support/effort.h"
#include "tests/unit/pack/collecting_visitor.h"
#include "tests/unit/pack/made_pack.h"
#include "tests/unit/pack/packed_repository.h"

namespace keytrail::pack {
namespace {

using keytrail::test::TemporaryFolder;
using test::all_types;
using test::CollectingVisitor;
using test::DeltaWriter;
using test::distance_digits;
using test::entry_head;
using test::ids_below_strays;
using test::made_id;
using test::MadePack;
using test::PackedRepository;
using test::read_bytes;
using test::with_seal;
using test::zlib_stored;

using Truth = std::map<std::string, PackedRepository::Object>;

struct Walked {
  std::size_t seen = 0;
  std::size_t not_seen = 0;
};

// Walks a damaged pack. All that is visited is true, and every entry of the index is visited, lost, below a stray or
// outside of the pack, once. (REQUIRE in here is slow, and there are many rounds: one sentence comes back.)
std::string walk_damaged(const std::string& index_path, const Truth& truth, unsigned threads, Walked& walked) {
  walked = {};
  const auto pack = PackFile::open(index_path, 20);
  if (!pack) return {};
  CollectingVisitor visitor;
  walk_pack(*pack, all_types(threads), visitor);
  if (!visitor.faults.empty()) return visitor.faults.front();
  std::set<std::string> all;
  for (const auto& [id, seen] : visitor.seen) {
    const auto object = truth.find(id);
    if (object == truth.end()) return "an object that does not exist is visited";
    if (object->second != PackedRepository::Object{seen.type, seen.bytes})
      return "an object is visited with wrong bytes";
    all.insert(id);
  }
  std::size_t count = visitor.seen.size();
  for (const auto& [id, loss] : visitor.losses) {
    ++count;
    all.insert(id);
    if (loss.what.empty()) return "a loss without a reason";
  }
  for (const std::string& id : ids_below_strays(*pack)) {
    ++count;
    all.insert(id);
  }
  for (const std::uint32_t position : pack->lost()) {
    ++count;
    all.emplace(pack->index().raw_id(position));
  }
  if (count != pack->index().count() || all.size() != truth.size()) return "an entry is told twice, or not at all";
  walked = {visitor.seen.size(), count - visitor.seen.size()};
  return {};
}

// A pack of a small history and its index, where tests can damage it.
class DamagedPack {
 public:
  explicit DamagedPack(const std::string& git_options) {
    repository_.git(git_options + " repack -q -ad -f --depth=30 --window=10");
    truth = repository_.objects();
    pack = read_bytes(repository_.pack_path());
    index = read_bytes(repository_.index_path());
  }

  std::string write(std::string_view pack_bytes, std::string_view index_bytes) const {
    repository_.folder().write("damaged.pack", pack_bytes);
    return repository_.folder().write("damaged.idx", index_bytes);
  }

  Truth truth;
  std::string pack;
  std::string index;

 private:
  PackedRepository repository_{21, 40};
};

TEST_CASE("a bit that flips in a pack costs objects and makes none wrong") {
  for (const std::string options : {"", "-c repack.usedeltabaseoffset=false"}) {
    const DamagedPack good(options);
    std::mt19937 random(99);
    std::size_t not_seen = 0;
    for (unsigned round = 0; round < keytrail::test::rounds(300U); ++round) {
      CAPTURE(options, round);
      std::string damaged = good.pack;
      // Behind the header, which nobody needs, and before the trailer.
      const std::size_t at = 12 + random() % (damaged.size() - 32);
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << random() % 8);
      Walked walked;
      REQUIRE(walk_damaged(good.write(damaged, good.index), good.truth, 1 + round % 3, walked) == "");
      REQUIRE(walked.not_seen > 0);
      REQUIRE(walked.seen > 0);
      not_seen += walked.not_seen;
    }
    // A flip costs a delta and what is made from it, not the pack.
    CHECK(not_seen / keytrail::test::rounds(300U) < good.truth.size() / 2);
  }
}

TEST_CASE("many bits that flip in a pack make no object wrong") {
  const DamagedPack good("");
  std::mt19937 random(100);
  for (unsigned round = 0; round < keytrail::test::rounds(100U); ++round) {
    CAPTURE(round);
    std::string damaged = good.pack;
    for (int i = 0; i < 30; ++i) {
      char& byte = damaged[random() % damaged.size()];
      byte = static_cast<char>(random());
    }
    Walked walked;
    REQUIRE(walk_damaged(good.write(damaged, good.index), good.truth, 2, walked) == "");
  }
}

TEST_CASE("of a pack that was cut off all is read that is there") {
  const DamagedPack good("");
  Walked whole;
  REQUIRE(walk_damaged(good.write(good.pack, good.index), good.truth, 1, whole) == "");
  REQUIRE(whole.seen == good.truth.size());
  std::mt19937 random(101);
  for (unsigned round = 0; round < keytrail::test::rounds(100U); ++round) {
    const std::size_t length = round < 40 ? round : random() % good.pack.size();
    CAPTURE(length);
    Walked walked;
    const std::string index_path = good.write(good.pack.substr(0, length), good.index);
    REQUIRE(walk_damaged(index_path, good.truth, 2, walked) == "");
    REQUIRE(walked.seen < good.truth.size());
    REQUIRE(PackFile::open(index_path, 20));
  }
  Walked half;
  REQUIRE(walk_damaged(good.write(good.pack.substr(0, good.pack.size() / 2), good.index), good.truth, 1, half) == "");
  CHECK(half.seen > 10);
}

TEST_CASE("a bit that flips in the offsets or checksums of an index makes no object wrong") {
  const DamagedPack good("");
  const std::size_t count = good.truth.size();
  const std::size_t crcs_at = 8 + 1024 + 20 * count;
  std::mt19937 random(102);
  for (unsigned round = 0; round < keytrail::test::rounds(300U); ++round) {
    CAPTURE(round);
    std::string damaged = good.index;
    const std::size_t at = crcs_at + random() % (8 * count);
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << random() % 8);
    Walked walked;
    // With a checksum that agrees: otherwise the index is not believed at all.
    REQUIRE(walk_damaged(good.write(good.pack, with_seal(damaged)), good.truth, 1 + round % 3, walked) == "");
    REQUIRE(walked.not_seen > 0);
    REQUIRE(walked.seen > 0);
  }
}

TEST_CASE("a pack whose trailer is damaged or foreign is still read") {
  const DamagedPack good("");
  std::string damaged = good.pack;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  Walked walked;
  REQUIRE(walk_damaged(good.write(damaged, good.index), good.truth, 1, walked) == "");
  CHECK(walked.not_seen <= 1);
}

// What a walk of a made pack says of each entry: its text, or "lost: why", "stray: why", "outside".
std::vector<std::string> told(const MadePack& made, std::size_t count, std::uint64_t max_object_bytes = 1 << 20) {
  const TemporaryFolder folder;
  const auto pack = PackFile::open(made.write(folder), 20);
  REQUIRE(pack);
  std::map<std::string, std::string> by_id;
  CollectingVisitor visitor;
  WalkOptions options = all_types(2);
  options.max_object_bytes = max_object_bytes;
  walk_pack(*pack, options, visitor);
  CHECK(visitor.faults.empty());
  const auto tell = [&by_id](std::string_view id, const std::string& text) { CHECK(by_id.emplace(id, text).second); };
  for (const auto& [id, seen] : visitor.seen) tell(id, seen.bytes);
  for (const auto& [id, loss] : visitor.losses) tell(id, std::string("lost: ") + loss.what);
  for (const std::string& id : ids_below_strays(*pack)) tell(id, "below a stray");
  for (const auto& stray : pack->strays()) by_id[std::string(pack->raw_id(stray.rank))] = "stray: " + stray.what;
  for (const std::uint32_t position : pack->lost()) tell(pack->index().raw_id(position), "outside");
  CHECK(by_id.size() == count);
  std::vector<std::string> all;
  for (std::size_t number = 0; number < count; ++number) all.push_back(by_id[made_id(number)]);
  return all;
}

using Told = std::vector<std::string>;

std::string replace_all(std::uint64_t base_size, std::string_view text) {
  return DeltaWriter(base_size, text.size()).insert(text).bytes();
}

TEST_CASE("deltas whose base is not where they say are strays, with what is made from them") {
  MadePack made;
  made.add_whole(3, "base");
  const auto delta_at = [&made](std::uint64_t distance) {
    return made.add_raw(entry_head(6, replace_all(4, "delta").size()) + distance_digits(distance) +
                        zlib_stored(replace_all(4, "delta")));
  };
  delta_at(made.next_offset() - made.offset(0));
  const std::size_t between = delta_at(made.next_offset() - made.offset(0) - 1);
  made.add_offset_delta(between, replace_all(5, "child"));
  delta_at(made.next_offset());      // the pack's first byte
  delta_at(made.next_offset() + 1);  // before the pack
  delta_at(std::uint64_t{1} << 50);
  const std::string stray = "stray: its delta base is no object of the pack";
  CHECK(told(made, 7) == Told{"base", "delta", stray, "below a stray", stray, stray, stray});
}

TEST_CASE("named deltas may come before their base") {
  MadePack made;
  made.add_named_delta(made_id(1), replace_all(3, "grandchild"));
  made.add_named_delta(made_id(2), replace_all(4, "new"));
  made.add_whole(2, "base");
  CHECK(told(made, 3) == Told{"grandchild", "new", "base"});
}

TEST_CASE("a named base that is not in the pack is told by its name") {
  MadePack made;
  made.add_whole(3, "base");
  made.add_named_delta(made_id(999), replace_all(4, "delta"));
  made.add_named_delta(made_id(1), replace_all(5, "child"));
  CHECK(told(made, 3) == Told{"base", "stray: its delta base is not in the pack", "below a stray"});
  const TemporaryFolder folder;
  const auto pack = PackFile::open(made.write(folder), 20);
  REQUIRE(pack);
  REQUIRE(pack->strays().size() == 1);
  CHECK(pack->strays()[0].base_id == made_id(999));
}

TEST_CASE("deltas in a ring are strays and keep nobody waiting") {
  const std::string ring = "stray: its delta chain ends in itself";
  MadePack made;
  made.add_named_delta(made_id(2), replace_all(1, "a"));
  made.add_named_delta(made_id(0), replace_all(1, "b"));
  made.add_named_delta(made_id(1), replace_all(1, "c"));
  made.add_named_delta(made_id(1), replace_all(1, "hangs on the ring"));
  made.add_offset_delta(3, replace_all(17, "and so does this"));
  made.add_whole(3, "base");
  made.add_named_delta(made_id(5), replace_all(4, "delta"));
  CHECK(told(made, 7) == Told{ring, ring, ring, ring, ring, "base", "delta"});

  MadePack itself;
  itself.add_named_delta(made_id(0), replace_all(1, "a"));
  itself.add_offset_delta(0, replace_all(1, "b"));
  CHECK(told(itself, 2) == Told{"stray: its delta base is not in the pack", "below a stray"});
}

TEST_CASE("sizes that cannot be are refused before there is memory for them") {
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 58;
  MadePack made;
  made.add_raw(entry_head(3, kHuge) + zlib_stored("little"));
  made.add_raw(entry_head(3, 7) + zlib_stored("little"));
  made.add_raw(entry_head(3, 5) + zlib_stored("little"));
  made.add_whole(3, "base");
  made.add_offset_delta(3, DeltaWriter(4, kHuge).copy(0, 4).bytes());
  made.add_offset_delta(3, DeltaWriter(5, 4).copy(0, 4).bytes());
  made.add_raw(entry_head(6, kHuge) + distance_digits(made.next_offset() - made.offset(3)) + zlib_stored("x"));
  made.add_offset_delta(3, "");
  const std::string misfit = "lost: its delta does not fit its base";
  const std::string damaged = "lost: its packed bytes are damaged";
  const std::string absurd = "lost: its declared size is absurd";
  // No limit at all: the machine must not be asked for 2^58 bytes.
  CHECK(told(made, 8, UINT64_MAX) == Told{absurd, damaged, damaged, "base", absurd, misfit, absurd, misfit});
}

TEST_CASE("a damaged object is lost with all that is made from it, and its siblings are not") {
  MadePack made;
  const std::size_t root = made.add_whole(3, "base");
  const std::size_t broken = made.add_offset_delta(root, DeltaWriter(4, 4).copy(2, 4).bytes());
  made.add_offset_delta(broken, replace_all(4, "child"));
  made.add_offset_delta(broken + 1, replace_all(5, "grandchild"));
  made.add_offset_delta(root, replace_all(4, "sibling"));
  const std::string below = "lost: it is stored as a delta of an object that cannot be read";
  CHECK(told(made, 5) == Told{"base", "lost: its delta is damaged", below, below, "sibling"});
}

TEST_CASE("entries of no type, and offsets that lead nowhere, are told") {
  MadePack made;
  made.add_raw(entry_head(0, 4) + zlib_stored("none"));
  made.add_raw(entry_head(5, 4) + zlib_stored("five"));
  made.add_whole(3, "good");
  made.add_whole(3, "outside");
  made.add_whole(3, "in the header");
  made.set_offset(3, 1 << 20);
  made.set_offset(4, 4);
  const std::string stray = "stray: its header in the pack is damaged";
  const auto all = told(made, 5);
  CHECK(all[0] == stray);
  CHECK(all[1] == stray);
  CHECK(all[3] == "outside");
  CHECK(all[4] == "outside");
}

TEST_CASE("two ids at one offset are not confused") {
  MadePack made;
  made.add_whole(3, "one");
  made.add_whole(3, "two");
  made.add_offset_delta(1, replace_all(3, "delta"));
  made.set_offset(0, made.offset(1));
  const auto all = told(made, 3);
  CHECK(all[0] == "lost: its packed bytes do not have the checksum of the index");
  CHECK(all[1] == "two");
}

TEST_CASE("a pack is read whatever its header says; without an index and a pack there is nothing to read") {
  const TemporaryFolder folder;
  MadePack made;
  made.add_whole(3, "text");
  const std::string index = made.write(folder);
  folder.write("made.pack", "KCAP" + made.pack().substr(4));
  const auto foreign = PackFile::open(index, 20);
  REQUIRE(foreign);
  CHECK(foreign->count() == 1);
  std::filesystem::remove(folder.path("made.pack"));
  const auto gone = PackFile::open(index, 20);
  REQUIRE(gone);
  CHECK(gone->lost().size() == 1);
  CHECK(gone->lost_reason().find("cannot be read") != std::string::npos);
  std::filesystem::remove(index);
  CHECK(PackFile::open(index, 20).error().code == ErrorCode::not_found);
}

}  // namespace
}  // namespace keytrail::pack
