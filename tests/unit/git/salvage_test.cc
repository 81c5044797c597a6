// Objects whose deltas hang on other places, and damage anywhere: what is good somewhere is delivered with its own
// bytes, and what is not is named.
#include <filesystem>
#include <random>
#include <set>

#include "scanner/git/loose_object.h"
#include "tests/support/catch.h"
#include "tests/unit/git/git_folder.h"
#include "tests/unit/pack/made_pack.h"

namespace keytrail::git {
namespace {

namespace fs = std::filesystem;
using core::SkipReason;
using pack::test::DeltaWriter;
using pack::test::made_id;
using pack::test::MadePack;
using pack::test::zlib_stored;
using test::GitFolder;
using test::overwrite;
using test::Swept;

constexpr unsigned kBlob = 3;

std::string hex_of(std::size_t number) { return core::ObjectId::from_bytes(made_id(number)).hex(); }

// `more` behind a base of `base_size` bytes.
std::string append(std::uint64_t base_size, std::string_view more) {
  return DeltaWriter(base_size, base_size + more.size()).copy(0, base_size).insert(more).bytes();
}

void write_pack(const GitFolder& folder, const MadePack& pack, const std::string& name,
                const std::string& below = "repo/.git") {
  folder.write(name + ".pack", pack.pack(), below + "/objects/pack");
  folder.write(name + ".idx", pack.index(), below + "/objects/pack");
}

void write_loose(const GitFolder& folder, std::size_t number, const std::string& type, const std::string& text) {
  const std::string hex = hex_of(number);
  const std::string bytes = type + " " + std::to_string(text.size()) + std::string(1, '\0') + text;
  folder.write(hex.substr(2), zlib_stored(bytes), "repo/.git/objects/" + hex.substr(0, 2));
}

TEST_CASE("a delta is made from a base in another pack, in a file of its own, or in an alternate") {
  for (const unsigned threads : {1U, 4U}) {
    GitFolder folder;
    MadePack thin(10);
    thin.add_named_delta(made_id(0), append(4, " one"));
    thin.add_offset_delta(0, append(8, " two"));
    thin.add_named_delta(made_id(11), append(12, " three"));
    SECTION("another pack, " + std::to_string(threads)) {
      MadePack whole(0);
      whole.add_whole(kBlob, "base");
      write_pack(folder, whole, "pack-z");
    }
    SECTION("a file, " + std::to_string(threads)) { write_loose(folder, 0, "blob", "base"); }
    SECTION("an alternate, " + std::to_string(threads)) {
      folder.git("init -q --bare ../other.git");
      MadePack whole(0);
      whole.add_whole(kBlob, "base");
      write_pack(folder, whole, "pack-o", "other.git");
      folder.write("alternates", folder.path("other.git/objects") + "\n", "repo/.git/objects/info");
    }
    write_pack(folder, thin, "pack-a");
    Swept swept(folder.repo(), threads);
    swept.locate({});
    if (swept.sink.bytes.empty()) continue;  // the other sections' turn
    CHECK(swept.sink.skips.empty());
    CHECK(swept.sink.bytes.at(hex_of(0)) == "base");
    CHECK(swept.sink.bytes.at(hex_of(10)) == "base one");
    CHECK(swept.sink.bytes.at(hex_of(11)) == "base one two");
    CHECK(swept.sink.bytes.at(hex_of(12)) == "base one two three");
  }
}

TEST_CASE("a chain may go from pack to pack and back; where that does not end all is named") {
  GitFolder folder;
  MadePack even(0);
  MadePack odd(100);
  even.add_whole(kBlob, "0");
  for (std::size_t i = 1; i < 30; ++i) {
    const std::string delta = append(i, std::to_string(i % 10));
    const std::size_t base = (i - 1) / 2 + (i % 2 == 0 ? 100 : 0);
    (i % 2 == 0 ? even : odd).add_named_delta(made_id(base), delta);
  }
  write_pack(folder, even, "pack-even");
  write_pack(folder, odd, "pack-odd");
  const Swept swept(folder.repo());
  CHECK(swept.sink.bytes.size() >= 16);
  for (const core::Skip& skip : swept.sink.skips) CHECK_FALSE(swept.sink.bytes.contains(skip.path));
  CHECK(swept.sink.bytes.size() + swept.sink.skips.size() == 30);
  CHECK(swept.sink.bytes.at(hex_of(107)) == "0123456789012345");
}

TEST_CASE("a base that is nowhere is named with what is made from it") {
  GitFolder folder;
  MadePack thin(10);
  thin.add_named_delta(made_id(0), append(4, " one"));
  thin.add_offset_delta(0, append(8, " two"));
  write_pack(folder, thin, "pack-a");
  Swept swept(folder.repo());
  swept.locate({});
  REQUIRE(swept.sink.skips.size() == 2);
  CHECK(swept.sink.has(SkipReason::corrupt_object, hex_of(10)));
  CHECK(swept.sink.has(SkipReason::corrupt_object, hex_of(11)));
  const auto direct = std::find_if(swept.sink.skips.begin(), swept.sink.skips.end(),
                                   [](const core::Skip& skip) { return skip.path == hex_of(10); });
  CHECK(direct->detail == "its delta base " + hex_of(0) + " is not in the repository");
}

TEST_CASE("two packs whose deltas hang on each other are named and keep nobody waiting") {
  GitFolder folder;
  MadePack a(0);
  MadePack b(10);
  a.add_named_delta(made_id(10), append(4, "a"));
  b.add_named_delta(made_id(0), append(4, "b"));
  write_pack(folder, a, "pack-a");
  write_pack(folder, b, "pack-b");
  const Swept swept(folder.repo());
  CHECK(swept.sink.skips.size() == 2);
  CHECK(swept.sink.blobs == 0);
}

TEST_CASE("what is damaged in a pack and good in a file comes from there, with what is made from it") {
  GitFolder folder;
  MadePack pack(0);
  pack.add_whole(kBlob, "base");
  pack.add_offset_delta(0, append(4, " one"));
  const std::size_t at = pack.next_offset();
  pack.add_offset_delta(1, append(8, " two"));
  pack.add_offset_delta(2, append(12, " three"));
  write_pack(folder, pack, "pack-a");
  std::string bytes = pack.pack();
  SECTION("the whole object") {
    bytes[20] = static_cast<char>(bytes[20] ^ 1);
    write_loose(folder, 0, "blob", "base");
  }
  SECTION("a delta") {
    bytes[at + 8] = static_cast<char>(bytes[at + 8] ^ 1);
    write_loose(folder, 2, "blob", "base one two");
  }
  folder.write("pack-a.pack", bytes, "repo/.git/objects/pack");
  const Swept swept(folder.repo());
  CHECK(swept.sink.skips.empty());
  CHECK(swept.sink.blobs == 4);
  CHECK(swept.sink.bytes.at(hex_of(3)) == "base one two three");
}

TEST_CASE("trees hang on trees of other places, and a lost one is named once") {
  GitFolder folder;
  constexpr unsigned kTree = 2;
  const std::string entry = "100644 a" + std::string(1, '\0') + made_id(0);
  MadePack whole(0);
  whole.add_whole(kBlob, "text");
  whole.add_whole(kTree, entry);
  MadePack thin(10);
  const std::string more = "100644 b" + std::string(1, '\0') + made_id(77);
  thin.add_named_delta(made_id(1), append(entry.size(), more));
  write_pack(folder, thin, "pack-a");
  SECTION("found") {
    write_pack(folder, whole, "pack-b");
    Swept swept(folder.repo());
    CHECK(swept.sink.skips.empty());
    swept.locate({});
    // The tree was read: it names what the repository lacks.
    REQUIRE(swept.sink.skips.size() == 1);
    CHECK(swept.sink.has(SkipReason::missing_object, hex_of(77)));
  }
  SECTION("lost") {
    Swept swept(folder.repo());
    swept.locate({});
    REQUIRE(swept.sink.skips.size() == 1);
    CHECK(swept.sink.has(SkipReason::corrupt_object, hex_of(10)));
  }
}

TEST_CASE("large blobs in files of their own come as streams") {
  GitFolder folder;
  const std::string text(300'000, 'x');
  write_loose(folder, 0, "blob", "small");
  folder.write("large", text);
  const std::string large = folder.git("hash-object -w large");
  LooseReader reader(100'000);
  const std::string objects = folder.path("repo/.git/objects");
  const auto small = reader.read(objects, ObjectName::from_bytes(made_id(0).data()));
  REQUIRE(small);
  CHECK(small->bytes == "small");
  const auto read = reader.read(objects, parse_object_name(large).value());
  REQUIRE(read);
  REQUIRE(read->stream != nullptr);
  std::string got(400'000, '\0');
  got.resize(read->stream->read(got.data(), got.size()).value());
  CHECK(got == text);
  CHECK_FALSE(read->stream->failure());
  const std::string bytes = test::read(folder.loose(large));
  overwrite(folder.loose(large), bytes.substr(0, bytes.size() - 30));
  const auto cut = reader.read(objects, parse_object_name(large).value());
  REQUIRE((cut && cut->stream != nullptr));
  got.assign(400'000, '\0');
  CHECK(cut->stream->read(got.data(), got.size()).has_value());
  CHECK(cut->stream->failure());
}

// -- damage at random

// A repository in several packs and files, and every object of it as git reads it.
struct Victim {
  explicit Victim(unsigned seed) : random(seed) {
    for (unsigned i = 0; i < 24; ++i) {
      for (int file = 0; file < 3; ++file) {
        std::string& text = texts[file];
        text.insert(random() % (text.size() + 1), "line " + std::to_string(random()) + "\n");
        folder.write("file" + std::to_string(file), text);
      }
      folder.commit("commit " + std::to_string(i));
      if (i == 8) folder.git("-c repack.usedeltabaseoffset=false repack -q -a -d -f");
      if (i == 16) folder.git("repack -q -d");
      if (i == 19) folder.git("-c pack.indexVersion=1 repack -q -d");
    }
    for (const std::string& line : folder.objects()) {
      if (line.ends_with(" tree")) continue;
      const std::string hex = line.substr(0, 40);
      all.insert(hex);
    }
    fs::copy(folder.path("repo/.git/objects"), folder.path("good"), fs::copy_options::recursive);
    const Swept swept(folder.repo());
    REQUIRE(swept.sink.skips.empty());
    truth = swept.sink.bytes;
    REQUIRE(truth.size() == all.size());
    for (const auto& entry : fs::recursive_directory_iterator(folder.path("good"))) {
      if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), folder.path("good")).string());
    }
    std::sort(files.begin(), files.end());
  }

  void damage(const std::string& file) {
    const std::string path = folder.path("repo/.git/objects/" + file);
    std::string bytes = test::read(path);
    if (bytes.empty()) return;
    const std::size_t at = random() % bytes.size();
    switch (random() % 6) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8);
        break;
      case 1:
        bytes.resize(at);
        break;
      case 2:
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), std::min<std::size_t>(40, bytes.size() - at),
                    '\0');
        break;
      case 3:
        bytes.erase(at, 1 + random() % 30);
        break;
      case 4:
        bytes.insert(at, std::string(1 + random() % 30, static_cast<char>(random())));
        break;
      default:
        fs::remove(path);
        return;
    }
    overwrite(path, bytes);
  }

  void restore() {
    fs::remove_all(folder.path("repo/.git/objects"));
    fs::copy(folder.path("good"), folder.path("repo/.git/objects"), fs::copy_options::recursive);
  }

  GitFolder folder;
  std::mt19937 random;
  std::string texts[3];
  std::set<std::string> all;
  std::map<std::string, std::string> truth;
  std::vector<std::string> files;
};

// What is wrong with a sweep of a damaged repository, or nothing.
std::string fault_of(const Victim& victim, const Swept& swept) {
  std::set<std::string> named;
  std::size_t nameless = 0;
  for (const core::Skip& skip : swept.sink.skips) {
    named.insert(skip.path);
    if (skip.detail.empty()) return "a skip without a reason";
    // A name of the index that is damaged itself stands for one that is not told.
    if (skip.path.size() == 40 && !victim.truth.contains(skip.path)) ++nameless;
    // A pack that is damaged like its index: how many objects it had need not be known.
    if (skip.detail.find(" objects not scanned") != std::string::npos) nameless += victim.truth.size();
  }
  for (const auto& [hex, bytes] : swept.sink.bytes) {
    const auto good = victim.truth.find(hex);
    if (good == victim.truth.end()) return "an object that does not exist is delivered: " + hex;
    if (good->second != bytes) return "an object is delivered with wrong bytes: " + hex;
  }
  std::size_t silent = 0;
  std::string example;
  for (const std::string& hex : victim.all) {
    if (swept.sink.bytes.contains(hex) || named.contains(hex)) continue;
    ++silent;
    example = hex;
  }
  return silent <= nameless ? "" : std::to_string(silent) + " objects are lost in silence: " + example;
}

TEST_CASE("whatever is damaged, objects are delivered with their bytes or named") {
  Victim victim(5);
  for (unsigned round = 0; round < 120; ++round) {
    victim.restore();
    std::vector<std::string> packs;
    bool whole_file = false;
    for (const std::string& file : victim.files) {
      if (file.starts_with("pack/")) packs.push_back(file);
    }
    const std::size_t count = 1 + victim.random() % 3;
    std::string damaged;
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<std::string>& from = victim.random() % 4 == 0 ? victim.files : packs;
      const std::string& file = from[victim.random() % from.size()];
      damaged += file + " ";
      victim.damage(file);
      // A file of its own, or a pack with its index, that goes is told by what names its objects, which trees do.
      if (!fs::exists(victim.folder.path("repo/.git/objects/" + file))) whole_file = true;
    }
    Swept swept(victim.folder.repo(), 1 + round % 3);
    swept.locate({});
    CAPTURE(round, damaged);
    const std::string fault = fault_of(victim, swept);
    if (whole_file && fault.find("in silence") != std::string::npos) continue;
    if (fault != "")
      for (const auto& skip : swept.sink.skips) UNSCOPED_INFO(skip.path << " " << skip.detail);
    REQUIRE(fault == "");
  }
}

}  // namespace
}  // namespace keytrail::git
