#include "scanner/inventory/lifecycle.h"

#include <sstream>
#include <string>

#include "scanner/inventory/export.h"
#include "scanner/inventory/import_apply.h"
#include "scanner/inventory/rekey.h"
#include "tests/support/catch.h"
#include "tests/support/made_text.h"
#include "tests/support/temporary_folder.h"

using namespace keytrail;
using namespace keytrail::inventory;
using tests::made_text;

namespace {

constexpr core::Instant kNow = 1'790'000'000;
constexpr core::Instant kDay = 86400;

Fingerprinter key(unsigned seed) { return Fingerprinter::make(SecretString(made_text(40, seed))).value(); }

struct Desk {
  test::TemporaryFolder folder;
  Store store = Store::create(folder.path("inventory.db")).value();

  ImportResult import(const std::string& text, const Fingerprinter* fingerprinter = nullptr) {
    ImportOptions options;
    options.now = kNow;
    const auto batch = read_import(SecretString(text), "file", options);
    REQUIRE(batch);
    for (const std::string& problem : batch->problems) UNSCOPED_INFO(problem);
    REQUIRE(batch->problems.empty());
    auto transaction = store.begin();
    ApplyOptions apply;
    apply.fingerprinter = fingerprinter;
    apply.now = kNow;
    const auto result = apply_import(store, *batch, apply);
    if (!result) UNSCOPED_INFO(result.error().describe());
    REQUIRE(result);
    REQUIRE(transaction->commit());
    return *result;
  }
  core::Token token(const std::string& id) {
    auto found = store.find(id);
    REQUIRE(found);
    REQUIRE(*found);
    return **found;
  }
};

core::Tier low(const core::Token&) { return core::Tier::low; }
core::Tier high(const core::Token&) { return core::Tier::high; }

std::string random_text(unsigned& seed) {
  static const std::string kPieces[] = {"a", "é", ",", ";", "\"", "'", "=", "\n", "{", "[", "x y", "-", "@", "\\", "0"};
  std::string text;
  seed = seed * 1664525U + 1013904223U;
  for (unsigned count = (seed >> 20) % 5; count > 0; --count) {
    seed = seed * 1664525U + 1013904223U;
    text += kPieces[(seed >> 16) % std::size(kPieces)];
  }
  // Importers trim what people typed.
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  while (!text.empty() && (text.front() == '\n' || text.front() == ' ')) text.erase(0, 1);
  return text;
}

std::optional<core::Instant> random_date(unsigned& seed) {
  seed = seed * 1664525U + 1013904223U;
  if ((seed >> 16) % 3 == 0) return std::nullopt;
  return 1'500'000'000 + static_cast<core::Instant>(seed % 300'000'000U);
}

TokenRecord random_token(unsigned number, const Fingerprinter& fingerprinter) {
  unsigned seed = number * 7919U + 1;
  TokenRecord record;
  core::Token& token = record.token;
  token.id = "t" + std::to_string(number) + random_text(seed).substr(0, 0);
  for (std::string* text : {&token.service, &token.provider, &token.kind, &token.purpose, &token.owner,
                            &token.backup_owner, &token.compliance, &token.storage, &token.approver}) {
    *text = random_text(seed);
  }
  for (std::vector<std::string>* list : {&token.access, &token.scopes, &token.dependents}) {
    for (int i = 0; i < 3; ++i) {
      if (std::string item = random_text(seed); !item.empty()) list->push_back(item);
    }
  }
  token.created = random_date(seed);
  token.expires = random_date(seed);
  token.last_rotated = random_date(seed);
  token.can_write = seed % 3 == 0 ? std::nullopt : std::optional<bool>(seed % 3 == 1);
  token.state = static_cast<core::TokenState>(seed % 5);
  if (seed % 2 == 0) token.rotation_days = 1 + seed % 400;
  if (seed % 4 != 0) token.labels[random_text(seed) + "k"] = random_text(seed);
  if (seed % 4 == 1) token.identifiers["arn"] = random_text(seed) + "v";
  for (unsigned i = 0; i < seed % 3; ++i) {
    const std::string text = made_text(20, number * 10 + i);
    core::TokenValue value = fingerprinter.describe(text);
    value.valid_from = random_date(seed);
    if (i > 0) value.valid_until = random_date(seed);
    token.values.push_back(value);
    record.probes.push_back(fingerprinter.probe(text));
  }
  return record;
}

std::string export_of(const Store& store, bool json) {
  std::ostringstream out;
  ExportOptions options;
  options.json = json;
  REQUIRE(export_tokens(store, options, out));
  return out.str();
}

}  // namespace

TEST_CASE("what is exported comes back the same, from CSV and from JSON") {
  const Fingerprinter fingerprinter = key(1);
  Desk from;
  {
    auto transaction = from.store.begin();
    REQUIRE(use_key(from.store, fingerprinter));
    for (unsigned i = 0; i < 300; ++i) REQUIRE(from.store.put(random_token(i, fingerprinter)));
    REQUIRE(transaction->commit());
  }
  const std::string json = export_of(from.store, true);
  for (const bool as_json : {true, false}) {
    DYNAMIC_SECTION((as_json ? "JSON" : "CSV")) {
      Desk to;
      const std::string text = export_of(from.store, as_json);
      CHECK(to.import(text).added == 300);
      CHECK(export_of(to.store, true) == json);
      CHECK(*to.store.key_check() == fingerprinter.key_check());
      SECTION("and changes nothing the second time") { CHECK(to.import(text).unchanged == 300); }
    }
  }
}

TEST_CASE("importing a new value keeps the one before with its dates") {
  const Fingerprinter fingerprinter = key(1);
  Desk desk;
  const std::string first = made_text(20, 1);
  const std::string second = made_text(20, 2);
  CHECK(desk.import("id,secret,created\nt1," + first + ",2026-01-01\n", &fingerprinter).added == 1);
  CHECK(desk.import("id,secret,created\nt1," + first + ",2026-01-01\n", &fingerprinter).unchanged == 1);
  CHECK(desk.import("id,secret,last_rotated\nt1," + second + ",2026-02-01\n", &fingerprinter).changed == 1);
  const core::Token token = desk.token("t1");
  REQUIRE(token.values.size() == 2);
  CHECK(token.values[0].fingerprint == inventory::to_hex(fingerprinter.fingerprint(second)));
  CHECK(token.values[1].valid_until == token.values[0].valid_from);
  CHECK(token.last_rotated == token.values[0].valid_from);
  SECTION("a source that still has the old one undoes nothing") {
    desk.import("id,secret\nt1," + first + "\n", &fingerprinter);
    CHECK(desk.token("t1").values[0].fingerprint == token.values[0].fingerprint);
  }
}

TEST_CASE("what a source says nothing of stays") {
  Desk desk;
  desk.import("id,owner,service\nt1,Ada,billing\n");
  CHECK(desk.import("id,owner,service\nt1,,search\n").changed == 1);
  CHECK(desk.token("t1").owner == "Ada");
  CHECK(desk.token("t1").service == "search");
}

TEST_CASE("a key that is not the inventory's is noticed before anything is stored") {
  const Fingerprinter one = key(1);
  const Fingerprinter two = key(2);
  Desk desk;
  desk.import("id,secret\nt1," + made_text(20, 1) + "\n", &one);
  auto transaction = desk.store.begin();
  const Status used = use_key(desk.store, two);
  REQUIRE_FALSE(used);
  CHECK(used.error().message.find("not the key") != std::string::npos);
  CHECK(used.error().message.find("rekey") != std::string::npos);
}

TEST_CASE("rotating a token of the high tier wants a second person") {
  Desk desk;
  desk.import("id,created\nt1,2026-01-01\n");
  const auto rotate = [&](const Actor& actor) {
    return rotate_token(desk.store, "t1", actor, high, {}, kNow).has_value();
  };
  CHECK_FALSE(rotate({"ada", "", "", ""}));
  CHECK_FALSE(rotate({"ada", "", "Ada", ""}));
  CHECK_FALSE(rotate({"ada", "bob", " BOB ", ""}));
  CHECK_FALSE(desk.token("t1").last_rotated);
  CHECK(rotate({"ada", "bob", "cleo", ""}));
  CHECK(desk.token("t1").last_rotated == kNow);
  CHECK(rotate_token(desk.store, "t1", {"ada", "", "", ""}, low, {}, kNow));
}

TEST_CASE("a rotation's day is neither to come nor before what is known") {
  Desk desk;
  desk.import("id,created,last_rotated\nt1,2026-01-01,2026-03-01\n");
  const auto rotate = [&](core::Instant at) {
    RotateOptions options;
    options.at = at;
    return rotate_token(desk.store, "t1", {"ada", "", "", ""}, low, std::move(options), kNow).has_value();
  };
  CHECK_FALSE(rotate(kNow + kDay));
  CHECK_FALSE(rotate(1'700'000'000));
  CHECK_FALSE(rotate(1'770'000'000));  // 2026-02-02
  CHECK(rotate(1'780'000'000));
}

TEST_CASE("a rotation without the new value ends the old one") {
  const Fingerprinter fingerprinter = key(1);
  Desk desk;
  const std::string first = made_text(20, 1);
  const std::string second = made_text(20, 2);
  desk.import("id,secret\nt1," + first + "\n", &fingerprinter);
  const auto said = rotate_token(desk.store, "t1", {"ada", "", "", ""}, low, {}, kNow);
  REQUIRE(said);
  CHECK_FALSE(said->empty());
  core::Token token = desk.token("t1");
  REQUIRE(token.values.size() == 2);
  CHECK(token.values[0].fingerprint.empty());
  CHECK(token.values[1].valid_until == kNow);
  SECTION("and the value may come later") {
    desk.import("id,secret\nt1," + second + "\n", &fingerprinter);
    token = desk.token("t1");
    REQUIRE(token.values.size() == 2);
    CHECK_FALSE(token.values[0].fingerprint.empty());
    CHECK(token.last_rotated == kNow);
  }
  SECTION("the old value again is no new one") {
    RotateOptions options;
    options.value = SecretString(first);
    options.fingerprinter = &fingerprinter;
    CHECK_FALSE(rotate_token(desk.store, "t1", {"ada", "", "", ""}, low, std::move(options), kNow));
  }
  CHECK(desk.store.check());
}

TEST_CASE("an emergency revocation goes at once, and another person approves it later") {
  Desk desk;
  desk.import("id\nt1\n");
  CHECK_FALSE(revoke_token(desk.store, "t1", {"ada", "", "", ""}, high, false, kNow));
  REQUIRE(revoke_token(desk.store, "t1", {"ada", "bob", "", "leaked"}, high, true, kNow));
  CHECK(desk.token("t1").state == core::TokenState::revoked);
  REQUIRE(desk.store.due_approvals()->size() == 1);
  CHECK_FALSE(approve_token(desk.store, "t1", {"eve", "", "Ada", ""}));
  CHECK_FALSE(approve_token(desk.store, "t1", {"eve", "", "bob", ""}));
  CHECK(approve_token(desk.store, "t1", {"cleo", "", "cleo", ""}));
  CHECK(desk.store.due_approvals()->empty());
  CHECK_FALSE(approve_token(desk.store, "t1", {"cleo", "", "cleo", ""}));
  CHECK(desk.store.audit_log().verify()->lines == 2);
}

TEST_CASE("only what is out of use is removed without force") {
  Desk desk;
  desk.import("id,state\nt1,active\nt2,revoked\n");
  CHECK_FALSE(remove_token(desk.store, "t1", {"ada", "", "", ""}, false));
  CHECK(remove_token(desk.store, "t2", {"ada", "", "", ""}, false));
  CHECK(remove_token(desk.store, "t1", {"ada", "", "", ""}, true));
  CHECK(*desk.store.count() == 0);
}

TEST_CASE("another key: values that are given come under it, the others keep their old fingerprint apart") {
  const Fingerprinter old = key(1);
  const Fingerprinter fresh = key(2);
  Desk desk;
  const std::string one = made_text(20, 1);
  const std::string one_before = made_text(20, 3);
  const std::string two = made_text(20, 2);
  desk.import("id,secret\nt1," + one_before + "\nt2," + two + "\n", &old);
  desk.import("id,secret\nt1," + one + "\n", &old);
  SECTION("a wrong value changes nothing") {
    const auto result = rekey(desk.store, SecretString("t1\t" + two + "\n"), &old, fresh, {"ada", "", "", ""});
    REQUIRE(result);
    CHECK(result->problems.size() == 1);
    CHECK(*desk.store.key_check() == old.key_check());
  }
  SECTION("the old key") {
    const auto result = rekey(desk.store, SecretString("t1\t" + one_before + "\nt1\t" + one + "\r\n"), &old, fresh,
                              {"ada", "", "", ""});
    REQUIRE(result);
    CHECK(result->problems.empty());
    CHECK(result->values == 2);
    CHECK(result->missing == std::vector<std::string>{"t2"});
    CHECK(desk.token("t1").values[0].fingerprint == inventory::to_hex(fresh.fingerprint(one)));
    CHECK(desk.token("t1").values[1].fingerprint == inventory::to_hex(fresh.fingerprint(one_before)));
    const core::TokenValue left = desk.token("t2").values[0];
    CHECK(left.scheme == "keytrail-" + old.key_check());
    CHECK(left.fingerprint == inventory::to_hex(old.fingerprint(two)));
    CHECK(check_key(desk.store, fresh));
    CHECK(desk.store.check());
  }
  SECTION("without the old key, as JSON Lines") {
    const auto result =
        rekey(desk.store,
              SecretString("{\"id\":\"t1\",\"value\":\"" + one + "\"}\n{\"id\":\"t2\",\"value\":\"" + two + "\"}\n"),
              nullptr, fresh, {"ada", "", "", ""});
    REQUIRE(result);
    for (const std::string& problem : result->problems) UNSCOPED_INFO(problem);
    CHECK(result->missing.empty());
    CHECK(desk.token("t1").values[1].scheme == "keytrail-" + old.key_check());
  }
}
