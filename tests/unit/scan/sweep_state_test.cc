#include "scanner/scan/sweep_state.h"

#include <memory>
#include <string>
#include <tuple>

#include "tests/support/catch.h"

using namespace keytrail;
using namespace keytrail::scan;

namespace {

constexpr std::string_view kRules = R"(
[[rule]]
id = "one-key"
name = "One"
provider = "Test"
pattern = 'kk_[0-9a-z]{20}'
negative = ["kk_short"]
[[rule]]
id = "two-key"
name = "Two"
provider = "Test"
pattern = 'dd_[0-9a-z]{20}'
negative = ["dd_short"]
)";

core::ObjectId id_of(char fill) { return core::ObjectId::from_bytes(std::string(20, fill)); }

Swept sample() {
  Swept swept;
  Record record;
  record.rule = 1;
  record.severity = core::Severity::high;
  record.confidence = core::Confidence::low;
  record.fingerprint = std::string(32, 'f');
  record.masked = "dd_****";
  record.related = {0};
  record.facts = {{"account", "123"}};
  record.occurrence = {core::BlobKind::git_blob, "!/member", {1, 2, 3, 4}, id_of('a'), std::nullopt};
  record.comment = core::Suppression{core::Suppression::Kind::comment, "a reason", "an owner"};
  record.token = core::TokenLink{"billing", 1, true, "kid"};
  swept.records = {record, Record()};
  swept.records[1].occurrence.kind = core::BlobKind::tag_message;
  core::Home home;
  home.path = "a/b";
  home.commit = id_of('c');
  home.author = "Ada <ada@example.org>";
  home.author_time = -5;
  home.author_offset_minutes = -90;
  home.removed_by = id_of('d');
  home.removed_time = -7;
  home.removed_offset_minutes = 90;
  home.committer = "Bob <bob@example.org>";
  home.commit_time = 7;
  home.commit_offset_minutes = 60;
  home.reachable = true;
  home.on_branch = false;
  home.reach = std::make_shared<const core::Reach>(core::Reach{{"main", "v1"}, 30, {}});
  core::Home other;
  other.reach = std::make_shared<const core::Reach>(core::Reach{{}, 0, "stash@{0}"});
  swept.homes[id_of('a')] = {home, core::Home(), other, home};
  swept.skips = {{core::SkipReason::not_supported, "path", "detail"}};
  swept.notes = {"a note"};
  swept.stats = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0};
  return swept;
}

auto key(const core::Home& h) {
  return std::tie(h.path, h.commit, h.author, h.author_time, h.author_offset_minutes, h.committer, h.commit_time,
                  h.commit_offset_minutes, h.removed_by, h.removed_time, h.removed_offset_minutes, h.at_tip,
                  h.reachable, h.on_branch);
}

auto key(const core::Reach& r) { return std::tie(r.refs, r.ref_count, r.held_by); }

}  // namespace

TEST_CASE("what a sweep found is read as it was written") {
  const auto rules = ruleset::RuleSet::parse(kRules, "test");
  REQUIRE(rules);
  const Swept before = sample();
  const auto after = decode_sweep(encode_sweep(before, *rules), *rules);
  REQUIRE(after);
  REQUIRE(after->records.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto all = [](const Record& r) {
      return std::tie(r.rule, r.severity, r.confidence, r.fingerprint, r.masked, r.related, r.facts, r.comment,
                      r.occurrence.kind, r.occurrence.path, r.occurrence.position, r.occurrence.object);
    };
    CHECK(all(after->records[i]) == all(before.records[i]));
    REQUIRE(after->records[i].token.has_value() == before.records[i].token.has_value());
    const auto link = [](const core::TokenLink& t) { return std::tie(t.token, t.value, t.probable, t.joined_by); };
    if (before.records[i].token) CHECK(link(*after->records[i].token) == link(*before.records[i].token));
  }
  const auto& homes = after->homes.at(id_of('a'));
  const auto& expected = before.homes.at(id_of('a'));
  REQUIRE(homes.size() == expected.size());
  for (std::size_t i = 0; i < homes.size(); ++i) {
    CHECK(key(homes[i]) == key(expected[i]));
    REQUIRE((homes[i].reach == nullptr) == (expected[i].reach == nullptr));
    if (homes[i].reach) CHECK(key(*homes[i].reach) == key(*expected[i].reach));
  }
  CHECK(homes[0].reach == homes[3].reach);
  CHECK(after->skips == before.skips);
  CHECK(after->notes == before.notes);
  CHECK(after->stats.blobs_seen == 1);
  CHECK(after->stats.matches == 9);
  CHECK(encode_sweep(*after, *rules) == encode_sweep(before, *rules));
}

TEST_CASE("bytes that are cut or changed are no sweep, or another one") {
  const auto rules = ruleset::RuleSet::parse(kRules, "test");
  REQUIRE(rules);
  const std::string bytes = encode_sweep(sample(), *rules);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    CHECK_FALSE(decode_sweep(std::string_view(bytes).substr(0, cut), *rules));
  }
  CHECK_FALSE(decode_sweep(bytes + "x", *rules));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string other = bytes;
    other[i] = static_cast<char>(other[i] ^ 0x80);
    const auto read = decode_sweep(other, *rules);
    if (!read) continue;
    for (const Record& record : read->records) CHECK(record.rule < rules->rules().size());
  }
}

TEST_CASE("a rule that is not there any more makes a sweep unknown") {
  const auto rules = ruleset::RuleSet::parse(kRules, "test");
  auto fewer = ruleset::RuleSet::parse(kRules, "test");
  REQUIRE(rules);
  REQUIRE(fewer);
  REQUIRE(fewer->select({}, {"two-key"}));
  CHECK_FALSE(decode_sweep(encode_sweep(sample(), *rules), *fewer));
}
