#include "scanner/ticket/store.h"

#include <sys/stat.h>
#include <filesystem>
#include <fstream>

#include "scanner/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/ticket/situations.h"

namespace keytrail::ticket {
namespace {

constexpr core::Instant kDay = 86400;

struct Fixture {
  test::TemporaryFolder folder;
  Guides guides = Guides::builtin().value();
  Composer composer = Composer::load("en", {}).value();

  Emitted run(const test::NamedSituation& named, core::Instant later = 0) {
    Request request = named.request;
    request.now += later;
    auto store = Store::open(folder.path() + "/tickets", true);
    REQUIRE(store);
    request.leaked = leaked_tokens(*store);
    const auto cases = plan(named.situation, guides, named.settings, request);
    auto emitted = emit(*store, cases, named.situation, named.settings, composer, request.now);
    REQUIRE(emitted);
    return *emitted;
  }
  Ticket only() {
    const auto store = Store::open(folder.path() + "/tickets", false);
    REQUIRE(store);
    REQUIRE(store->tickets().size() == 1);
    return store->tickets().begin()->second;
  }
};

test::NamedSituation named(const std::string& name) { return test::situation(test::situations(), name); }

TEST_CASE("a second run that changes nothing writes nothing") {
  Fixture fixture;
  const auto leak = named("stripe-production-leak");
  CHECK(fixture.run(leak).lines.at(0).what == "new");
  const Emitted second = fixture.run(leak, 3 * kDay);
  CHECK(second.lines.empty());
  CHECK(second.unchanged == 1);
  CHECK(second.files_written == 0);
}

TEST_CASE("a second run says what changed and keeps when it was opened") {
  Fixture fixture;
  auto leak = named("stripe-production-leak");
  fixture.run(leak);
  leak.situation.tokens[0].token.owner = "Team Orders";
  leak.situation.secrets[0].places.push_back(test::place("new.env", test::kNow, true));
  const Emitted second = fixture.run(leak, kDay);
  REQUIRE(second.lines.size() == 1);
  CHECK(second.lines[0].what == "updated");
  CHECK(second.lines[0].changes.at(0) == "owner Team Billing → Team Orders");
  CHECK(second.lines[0].changes.at(1) == "1 new place");
  CHECK(fixture.only().opened == test::kNow);
  CHECK(fixture.only().history.size() == 2);
}

TEST_CASE("deleting the text does not close a leak") {
  Fixture fixture;
  auto leak = named("stripe-production-leak");
  fixture.run(leak);
  leak.situation.secrets.clear();
  leak.situation.tokens[0].verdicts.clear();
  const Emitted second = fixture.run(leak, kDay);
  REQUIRE(second.lines.size() == 1);
  CHECK(second.lines[0].changes.at(0) == "2 places no longer seen");
  CHECK(fixture.only().open);
  const std::string text = *read_file(fixture.folder.path() + "/tickets/" + fixture.only().id + ".md", 1 << 20);
  CHECK(text.find("Still at the tip: no") != std::string::npos);
  CHECK(text.find("What was tried | the text was deleted, which does not close the exposure") != std::string::npos);
  CHECK(fixture.run(leak, 2 * kDay).lines.empty());
}

TEST_CASE("a leak closes when scan and inventory both show the rotation") {
  struct Row {
    const char* name;
    bool rotated;
    bool complete;
    bool verdict_gone;
    bool other_target;
    bool closes;
  };
  const Row rows[] = {
      {"rotated and seen as superseded", true, true, true, false, true},
      {"rotated, but the finding is still called open", true, true, false, false, false},
      {"not rotated", false, true, true, false, false},
      {"an incomplete scan", true, false, true, false, false},
      {"another repository's scan", true, true, true, true, false},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Fixture fixture;
      auto leak = named("stripe-production-leak");
      fixture.run(leak);
      leak.situation.complete = row.complete;
      core::TokenStatus& status = leak.situation.tokens[0];
      if (row.rotated) status.token.last_rotated = test::kNow + kDay;
      if (row.verdict_gone) {
        status.verdicts.clear();
        leak.situation.secrets.clear();
      }
      if (row.other_target) leak.situation.repository = "https://git.example.org/other.git";
      const Emitted second = fixture.run(leak, 2 * kDay);
      CHECK(fixture.only().open == !row.closes);
      if (row.closes) CHECK(second.lines.at(0).what == "closed");
    }
  }
}

TEST_CASE("a closed ticket is reopened when the leak is seen again") {
  Fixture fixture;
  const auto leak = named("stripe-production-leak");
  auto rotated = leak;
  rotated.situation.secrets.clear();
  rotated.situation.tokens[0].verdicts.clear();
  rotated.situation.tokens[0].token.state = core::TokenState::revoked;
  fixture.run(leak);
  CHECK(fixture.run(rotated, kDay).lines.at(0).what == "closed");
  CHECK(fixture.run(leak, 2 * kDay).lines.at(0).what == "reopened");
  CHECK(fixture.only().open);
  CHECK(fixture.only().history.size() == 3);
}

TEST_CASE("a superseded value makes no ticket beside the leak's") {
  Fixture fixture;
  auto leak = named("stripe-production-leak");
  fixture.run(leak);
  core::TokenStatus& status = leak.situation.tokens[0];
  status.token.last_rotated = test::kNow + kDay;
  status.verdicts.clear();
  test::link(leak.situation.secrets[0], status.token.id,
             test::verdict(core::VerdictKind::leaked_superseded, core::Priority::p3, "rotated"));
  CHECK(fixture.run(leak, 2 * kDay).lines.at(0).what == "closed");
  CHECK(fixture.run(leak, 3 * kDay).lines.empty());
  CHECK_FALSE(fixture.only().open);
}

// The same leak as another repository's scan sees it.
test::NamedSituation in_another_repository(test::NamedSituation leak) {
  leak.situation.repository = "https://git.example.org/shop.git";
  leak.situation.secrets[0].places = {test::place("shop/config.env", test::kNow - kDay, true)};
  return leak;
}

test::NamedSituation without_findings(test::NamedSituation leak) {
  leak.situation.secrets.clear();
  leak.situation.tokens[0].verdicts.clear();
  return leak;
}

TEST_CASE("the places of two repositories stand in one ticket, whichever was scanned last") {
  Fixture fixture;
  const auto billing = named("stripe-production-leak");
  const auto shop = in_another_repository(billing);
  fixture.run(billing);
  const Emitted second = fixture.run(shop, kDay);
  REQUIRE(second.lines.size() == 1);
  CHECK(second.lines[0].changes ==
        std::vector<std::string>{"1 new place", "also in https://git.example.org/shop.git", "what happened"});
  const std::string path = fixture.folder.path() + "/tickets/" + fixture.only().id + ".md";
  const std::string text = *read_file(path, 1 << 20);
  CHECK(text.find("in 3 places of 2 repositories") != std::string::npos);
  CHECK(text.find("- https://git.example.org/shop.git: `shop/config.env`, line 12") != std::string::npos);
  CHECK(text.find("- https://git.example.org/billing.git: `config/production.env`, line 12") != std::string::npos);
  CHECK(fixture.run(billing, 2 * kDay).lines.empty());
  CHECK(fixture.run(shop, 3 * kDay).lines.empty());
  CHECK(*read_file(path, 1 << 20) == text);
}

TEST_CASE("a place goes when a whole scan of its own repository no longer shows it") {
  Fixture fixture;
  const auto billing = named("stripe-production-leak");
  auto shop = in_another_repository(billing);
  fixture.run(billing);
  fixture.run(shop, kDay);
  struct Row {
    const char* name;
    const char* mode;
    bool complete;
    bool narrowed;
    std::size_t places;
  };
  const Row rows[] = {
      {"a range", "range", true, false, 3},
      {"what is staged", "staged", true, false, 3},
      {"an incomplete scan", "history", false, false, 3},
      {"a narrowed scan", "history", true, true, 3},
      {"the files of the repository", "files", true, false, 3},
      {"the whole history", "history", true, false, 2},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      auto next = without_findings(shop);
      next.situation.mode = row.mode;
      next.situation.complete = row.complete;
      next.situation.narrowed = row.narrowed;
      fixture.run(next, 2 * kDay);
      CHECK(fixture.only().place_count() == row.places);
      CHECK(fixture.only().open);
    }
  }
}

TEST_CASE("a leak in two repositories closes when scans of both show the rotation") {
  Fixture fixture;
  const auto billing = named("stripe-production-leak");
  const auto shop = in_another_repository(billing);
  fixture.run(billing);
  fixture.run(shop);
  const auto rotated = [](test::NamedSituation leak) {
    core::TokenStatus& status = leak.situation.tokens[0];
    status.token.last_rotated = test::kNow + kDay;
    status.verdicts.clear();
    test::link(leak.situation.secrets[0], status.token.id,
               test::verdict(core::VerdictKind::leaked_superseded, core::Priority::p3, "rotated"));
    return leak;
  };
  CHECK(fixture.run(rotated(billing), 2 * kDay).lines.at(0).changes ==
        std::vector<std::string>{"no longer open in https://git.example.org/billing.git"});
  CHECK(fixture.only().open);
  CHECK(fixture.run(rotated(shop), 2 * kDay).lines.at(0).what == "closed");
  CHECK_FALSE(fixture.only().open);
}

TEST_CASE("what is public in one repository stays urgent after the scan of a private one") {
  Fixture fixture;
  auto open = named("github-unreachable-commit");
  open.settings.visibility = "public";
  auto hidden = open;
  hidden.settings.visibility = "private";
  hidden.situation.repository = "https://git.example.org/shop.git";
  hidden.situation.tokens[0].verdicts[0].priority = core::Priority::p2;
  hidden.situation.secrets[0].verdict->priority = core::Priority::p2;
  fixture.run(open);
  fixture.run(hidden);
  CHECK(fixture.only().order == Order::emergency);
  CHECK(fixture.only().priority == core::Priority::p1);
}

TEST_CASE("a deadline does not move with the scans") {
  Fixture fixture;
  auto leak = named("stripe-production-leak");
  const core::Instant due = *leak.situation.tokens[0].verdicts[0].due;
  const auto judged_at = [&](core::Instant later, core::Priority priority, core::Instant seconds) {
    for (core::Verdict* verdict : {&leak.situation.tokens[0].verdicts[0], &*leak.situation.secrets[0].verdict}) {
      verdict->priority = priority;
      verdict->due = test::kNow + later + seconds;
    }
    fixture.run(leak, later);
    return *fixture.only().due;
  };
  CHECK(judged_at(0, core::Priority::p0, 300) == due);
  CHECK(judged_at(kDay, core::Priority::p0, 300) == due);
  CHECK(judged_at(2 * kDay, core::Priority::p1, 3600) == test::kNow + 3600);
  CHECK(judged_at(3 * kDay, core::Priority::p1, 3600) == test::kNow + 3600);
  CHECK(judged_at(4 * kDay, core::Priority::p0, 300) == test::kNow + 3600);
}

TEST_CASE("a reason that counts days changes nothing") {
  Fixture fixture;
  auto overdue = named("sandbox-overdue");
  fixture.run(overdue);
  overdue.situation.tokens[0].verdicts[0].reason = "21 days over its period";
  CHECK(fixture.run(overdue, kDay).lines.empty());
}

TEST_CASE("a calendar's date that is long past is no deadline to begin with") {
  Fixture fixture;
  auto overdue = named("sandbox-overdue");
  overdue.situation.tokens[0].verdicts[0].due = test::kNow - 100 * kDay;
  fixture.run(overdue);
  CHECK(*fixture.only().due > test::kNow);
}

TEST_CASE("stages and deadlines come from the policy's times") {
  auto leak = named("stripe-production-leak");
  leak.request.respond_by = [](core::Priority priority, core::Instant from) {
    return from + (priority == core::Priority::p1 ? 30 * 60 : 4 * 3600);
  };
  const Section stages = *test::tickets_of(leak).front().section("stages");
  CHECK(stages.items.at(0).columns ==
        std::vector<std::string>{"At once (within 5 minutes)", "2026-11-20 10:05 UTC", stages.items[0].columns[2]});
  CHECK(stages.items.at(1).columns[0] == "Within 30 minutes");
  CHECK(stages.items.at(1).columns[1] == "2026-11-20 10:30 UTC");
  CHECK(stages.items.at(2).columns[1] == "2026-11-20 14:00 UTC");
  CHECK(stages.items.at(3).columns[1] == "2026-11-27 10:00 UTC");
}

TEST_CASE("an overdue ticket closes on a rotation of the same day") {
  Fixture fixture;
  auto overdue = named("sandbox-overdue");
  fixture.run(overdue);
  overdue.situation.tokens[0].verdicts.clear();
  overdue.situation.tokens[0].token.last_rotated = test::kNow - test::kNow % kDay;
  CHECK(fixture.run(overdue, 3600).lines.at(0).what == "closed");
}

TEST_CASE("an exception in force makes no ticket and one that is over makes one") {
  Fixture fixture;
  auto overdue = named("sandbox-overdue");
  overdue.situation.tokens[0].verdicts[0].exception = "Security until 2026-12-31";
  CHECK(fixture.run(overdue).lines.empty());
  CHECK(fixture.run(overdue, 60 * kDay).lines.at(0).what == "new");
  CHECK(fixture.only().trigger == Trigger::exception_over);
}

TEST_CASE("ticked boxes stay ticked") {
  Fixture fixture;
  auto leak = named("stripe-production-leak");
  fixture.run(leak);
  const std::string path = fixture.folder.path() + "/tickets/" + fixture.only().id + ".md";
  std::string text = *read_file(path, 1 << 20);
  const std::string box = "- [ ] Names of who asked";
  REQUIRE(text.find(box) != std::string::npos);
  text[text.find(box) + 3] = 'x';
  REQUIRE(write_file_atomically(path, text));
  leak.situation.tokens[0].token.owner = "Team Orders";
  fixture.run(leak, kDay);
  CHECK(read_file(path, 1 << 20)->find("- [x] Names of who asked") != std::string::npos);
}

TEST_CASE("two runs at once are refused") {
  Fixture fixture;
  const auto first = Store::open(fixture.folder.path() + "/tickets", true);
  REQUIRE(first);
  const auto second = Store::open(fixture.folder.path() + "/tickets", true);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("a damaged ticket is named and not written over") {
  Fixture fixture;
  fixture.run(named("stripe-production-leak"));
  const std::string path = fixture.folder.path() + "/tickets/" + fixture.only().id + ".json";
  const std::string text = *read_file(path, 1 << 20);
  for (std::size_t cut = 0; cut < text.size() - 2; cut += 97) {
    REQUIRE(write_file_atomically(path, text.substr(0, cut)));
    const auto store = Store::open(fixture.folder.path() + "/tickets", true);
    REQUIRE_FALSE(store);
    CHECK(store.error().subject == path);
  }
}

TEST_CASE("ids are for ever") {
  CHECK(ticket_id("stripe-billing-live", Trigger::leak) == "kt-7fbebdddda9c");
  CHECK(ticket_id("stripe-billing-live", Trigger::overdue) != ticket_id("stripe-billing-live", Trigger::leak));
}

}  // namespace
}  // namespace keytrail::ticket
