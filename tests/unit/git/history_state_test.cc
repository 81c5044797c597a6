#include "scanner/git/history_state.h"

#include <random>
#include <string>

#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::git;

namespace {

ObjectName name_of(std::uint8_t fill) {
  ObjectName name;
  name.bytes.fill(fill);
  return name;
}

// Commits 1 <- 2, a tag 3 of 2, a tag 4 of something else.
std::string sample() {
  ObjectIndex objects;
  for (std::uint8_t i = 1; i <= 5; ++i) objects.add(name_of(i));
  CommitLog log;
  const std::string_view who = "Ada <ada@example.org>";
  const std::string_view other = "Bob <bob@example.org>";
  log.add_commit(0, {name_of(5), {}, {who, 100, 60}, {who, 101, 60}, {}}, objects, {});
  log.add_commit(1, {name_of(5), {name_of(1)}, {who, 200, -60}, {other, 201, 90}, {}}, objects, {});
  log.add_tag(2, {name_of(2), {who, 300, 0}, {}}, objects);
  log.add_tag(3, {name_of(9), {who, 400, 0}, {}}, objects);
  log.finish();
  const CommitGraph graph(log, objects);
  std::vector<FolderStamp> folders(1);
  folders[0].path = "/objects";
  folders[0].packs = {{"/objects/pack/pack-1.idx", {1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}, {11}}};
  folders[0].loose = {name_of(1)};
  folders[0].loose_stamps = {{1, 1, 1, 1, 1}};
  const std::vector<KnownMissing> missing = {{name_of(9), name_of(4), ObjectType::tag, "what it tags"}};
  const std::vector<KnownStand> stands = {{name_of(7), "a/b", false, {{0, 1}, {1, kNoRank}}, {1}}};
  return encode_history({folders, objects, log, graph, missing, {"sub"}, stands});
}

}  // namespace

TEST_CASE("the state of a history is read as it was written") {
  const auto state = decode_history(sample());
  REQUIRE(state);
  REQUIRE(state->folders.size() == 1);
  CHECK(state->folders[0].packs[0].pack.size == 8);
  CHECK(state->folders == decode_folders(sample()));
  REQUIRE(state->log.commits().size() == 2);
  const Commit& second = state->log.commits()[1];
  CHECK(state->objects.name(second.object) == name_of(2));
  CHECK(second.parent_count == 1);
  CHECK(state->log.parents()[second.first_parent] == state->objects.find(name_of(1)));
  CHECK(state->log.who(second.author) == "Ada <ada@example.org>");
  CHECK(second.author.time == 200);
  CHECK(second.author.offset_minutes == -60);
  CHECK(state->log.committer(second) == "Bob <bob@example.org>");
  CHECK(second.commit_time == 201);
  CHECK(second.commit_offset_minutes == 90);
  REQUIRE(state->log.tags().size() == 2);
  CHECK(state->log.tags()[0].target == state->objects.find(name_of(2)));
  CHECK(state->log.tags()[1].target == kNoObject);
  CHECK(state->objects.type(second.object) == ObjectType::commit);
  CHECK(state->submodules == std::set<std::string>{"sub"});
  REQUIRE(state->missing.size() == 1);
  CHECK(state->missing[0].as == "what it tags");
  REQUIRE(state->stands.size() == 1);
  CHECK(state->stands[0].path == "a/b");
  CHECK(state->stands[0].visits[0].taken_away == 1);
  CHECK(state->stands[0].visits[1].taken_away == kNoRank);
}

TEST_CASE("bytes that are cut are no state, and changed ones name nothing that is not there") {
  const std::string bytes = sample();
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    CHECK_FALSE(decode_history(std::string_view(bytes).substr(0, cut)));
  }
  CHECK_FALSE(decode_history(bytes + "x"));
  std::mt19937 random(1);
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string other = bytes;
    other[i / 8] = static_cast<char>(other[i / 8] ^ (1 << (i % 8)));
    if (i % 3 == 0) other[random() % other.size()] = static_cast<char>(random());
    const auto state = decode_history(other);
    if (!state) continue;
    const CommitGraph graph(state->log, state->objects);
    for (const Commit& commit : state->log.commits()) {
      CHECK(state->log.who(commit.author).size() < other.size());
      CHECK(state->log.committer(commit).size() < other.size());
      CHECK(commit.first_parent + commit.parent_count <= state->log.parents().size());
    }
    for (const KnownStand& stand : state->stands) {
      for (const Stand::Visit& visit : stand.visits) CHECK(graph.rank_at(visit.brought) < graph.size());
    }
  }
}
