#include "scanner/inventory/store.h"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "scanner/base/file.h"
#include "scanner/inventory/fingerprint.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace keytrail;
using namespace keytrail::inventory;

namespace {

core::TokenValue value(std::string_view text, std::optional<core::Instant> until = {}) {
  core::TokenValue made;
  made.scheme = kOwnScheme;
  made.fingerprint = inventory::to_hex(sha256(text));
  made.length = static_cast<std::uint32_t>(text.size());
  made.valid_from = 1000;
  made.valid_until = until;
  return made;
}

TokenRecord full_token(const std::string& id) {
  TokenRecord record;
  core::Token& token = record.token;
  token.id = id;
  token.service = "billing-api";
  token.provider = "stripe";
  token.kind = "stripe-secret-key";
  token.environment = "production";
  token.purpose = "charges; refunds";
  token.owner = "Ada";
  token.backup_owner = "Bob";
  token.access = {"payments", "on-call, night"};
  token.scopes = {"charges:write"};
  token.reaches_production = true;
  token.regulated = false;
  token.compliance = "PCI DSS";
  token.storage = "vault:secret/billing/stripe";
  token.approver = "Cleo";
  token.created = 1'600'000'000;
  token.expires = 1'800'000'000;
  token.last_used = 1'700'000'000;
  token.rotation_days = 30;
  token.state = core::TokenState::rotating;
  token.dependents = {"invoices"};
  token.values = {value("new"), value("old", 2000)};
  token.identifiers = {{"account", "42"}, {"key-id", "k7"}};
  token.labels = {{"cost centre", "11 \"x\""}};
  record.probes = {0xFFFFFFFFFFFFFFFFULL, 7};
  return record;
}

Store make_store(const test::TemporaryFolder& folder) {
  const std::string path = folder.path("inner/inventory.db");
  REQUIRE(Store::create(path));
  auto store = Store::open(path, Store::Access::write);
  REQUIRE(store);
  return std::move(*store);
}

void put(Store& store, const TokenRecord& record) {
  auto transaction = store.begin();
  REQUIRE(transaction);
  const Status put = store.put(record);
  if (!put) UNSCOPED_INFO(put.error().describe());
  REQUIRE(put);
  REQUIRE(transaction->commit());
}

bool same(const core::Token& a, const core::Token& b) {
  const auto values = [](const core::Token& token) {
    std::string text;
    for (const auto& v : token.values) {
      text += v.scheme + v.fingerprint + std::to_string(v.length) + v.last_four +
              std::to_string(v.valid_from.value_or(-1)) + std::to_string(v.valid_until.value_or(-1)) + ";";
    }
    return text;
  };
  return a.id == b.id && a.service == b.service && a.provider == b.provider && a.kind == b.kind &&
         a.environment == b.environment && a.purpose == b.purpose && a.owner == b.owner &&
         a.backup_owner == b.backup_owner && a.access == b.access && a.scopes == b.scopes &&
         a.reaches_production == b.reaches_production && a.regulated == b.regulated && a.can_write == b.can_write &&
         a.compliance == b.compliance && a.storage == b.storage && a.approver == b.approver && a.created == b.created &&
         a.expires == b.expires && a.last_rotated == b.last_rotated && a.last_used == b.last_used &&
         a.rotation_days == b.rotation_days && a.state == b.state && a.dependents == b.dependents &&
         a.identifiers == b.identifiers && a.labels == b.labels && values(a) == values(b);
}

}  // namespace

TEST_CASE("a token comes back as it was put") {
  const test::TemporaryFolder folder;
  Store store = make_store(folder);
  const TokenRecord record = full_token("t1");
  put(store, record);
  const auto found = store.find_record("t1");
  REQUIRE(found);
  REQUIRE(*found);
  CHECK(same((*found)->token, record.token));
  CHECK((*found)->probes == record.probes);
  CHECK_FALSE(*store.find("t2"));
  CHECK(store.check());
}

TEST_CASE("putting a token again replaces it whole") {
  const test::TemporaryFolder folder;
  Store store = make_store(folder);
  put(store, full_token("t1"));
  TokenRecord bare;
  bare.token.id = "t1";
  put(store, bare);
  CHECK(same(**store.find("t1"), bare.token));
  CHECK(*store.count() == 1);
  CHECK(store.known_values()->empty());
  CHECK(store.find_identifier("account", "42")->empty());
}

TEST_CASE("tokens are found by any of their values and by what identifies them") {
  const test::TemporaryFolder folder;
  Store store = make_store(folder);
  put(store, full_token("t1"));
  TokenRecord twin;
  twin.token.id = "t2";
  twin.token.values = {value("old")};
  put(store, twin);
  const auto links = store.find_value(kOwnScheme, inventory::to_hex(sha256("old")));
  REQUIRE(links);
  REQUIRE(links->size() == 2);
  CHECK((*links)[0].token == "t2");
  CHECK((*links)[0].value == 0);
  CHECK((*links)[1].token == "t1");
  CHECK((*links)[1].value == 1);
  CHECK(store.find_value("other", inventory::to_hex(sha256("old")))->empty());
  CHECK(*store.find_identifier("key-id", "k7") == std::vector<std::string>{"t1"});
  CHECK(store.known_values()->size() == 3);
  CHECK(*store.token_id(store.known_values()->front().token) == "t1");
}

TEST_CASE("a hash scheme must be known before a value has it") {
  const test::TemporaryFolder folder;
  Store store = make_store(folder);
  TokenRecord record = full_token("t1");
  record.token.values.front().scheme = "keys-database";
  {
    auto transaction = store.begin();
    REQUIRE(transaction);
    CHECK_FALSE(store.put(record));
  }
  CHECK(*store.count() == 0);
  HashScheme scheme;
  scheme.name = "keys-database";
  scheme.value_prefix = "acme_";
  {
    auto transaction = store.begin();
    REQUIRE(store.put_scheme(scheme));
    REQUIRE(store.put(record));
    REQUIRE(transaction->commit());
  }
  CHECK(store.known_values()->front().scheme == 1);
  CHECK(store.schemes()->front().value_prefix == "acme_");
  CHECK((*store.find("t1"))->values.front().scheme == "keys-database");
}

TEST_CASE("what is not committed is not there") {
  const test::TemporaryFolder folder;
  Store store = make_store(folder);
  {
    auto transaction = store.begin();
    REQUIRE(store.put(full_token("t1")));
    REQUIRE(store.record({.kind = "add", .token = "t1"}));
  }
  CHECK(*store.count() == 0);
  CHECK(store.audit_log().verify()->lines == 0);
}

TEST_CASE("a committed change has its line in the audit log, once, whoever writes it") {
  const test::TemporaryFolder folder;
  Store store = make_store(folder);
  for (int i = 0; i < 3; ++i) {
    auto transaction = store.begin();
    REQUIRE(store.put(full_token("t" + std::to_string(i))));
    REQUIRE(store.record({.kind = "add", .token = "t" + std::to_string(i)}));
    REQUIRE(transaction->commit());
  }
  const auto position = store.audit_position();
  REQUIRE(position);
  REQUIRE(*position);
  CHECK((*position)->sequence == 3);
  CHECK(store.audit_log().verify(**position)->problem.empty());
  SECTION("the line waits in the store while the log cannot be written, and is not lost") {
    const std::string log = store.audit_log().path();
    const std::string text = *read_file(log, 1 << 20);
    REQUIRE(::rename(log.c_str(), (log + ".away").c_str()) == 0);
    REQUIRE(::mkdir(log.c_str(), 0700) == 0);
    {
      auto transaction = store.begin();
      REQUIRE(store.record({.kind = "revoke", .token = "t0"}));
      CHECK_FALSE(transaction->commit());
    }
    REQUIRE(::rmdir(log.c_str()) == 0);
    REQUIRE(::rename((log + ".away").c_str(), log.c_str()) == 0);
    const auto again = Store::open(store.path(), Store::Access::write);
    REQUIRE(again);
    CHECK(again->audit_log().verify()->lines == 4);
    CHECK(again->audit_log().verify(**again->audit_position())->problem.empty());
  }
}

TEST_CASE("lists are filtered and sorted, and what has no date comes last") {
  const test::TemporaryFolder folder;
  Store store = make_store(folder);
  auto transaction = store.begin();
  for (int i = 0; i < 6; ++i) {
    TokenRecord record;
    record.token.id = "t" + std::to_string(i);
    record.token.service = i % 2 == 0 ? "Billing" : "search";
    record.token.owner = i == 3 ? "" : "ada";
    if (i != 4) record.token.last_rotated = 1000 - i;
    record.token.state = i == 5 ? core::TokenState::revoked : core::TokenState::active;
    REQUIRE(store.put(record));
  }
  REQUIRE(transaction->commit());
  const auto ids = [&](const TokenFilter& filter) {
    std::string text;
    const auto list = store.list(filter);
    REQUIRE(list);
    for (const TokenSummary& token : *list) text += token.id.substr(1);
    return text;
  };
  CHECK(ids({}) == "012345");
  CHECK(ids({.service = "billing"}) == "024");
  CHECK(ids({.never_rotated = true}) == "4");
  CHECK(ids({.no_owner = true}) == "3");
  CHECK(ids({.states = {core::TokenState::revoked}}) == "5");
  CHECK(ids({.ids = {"t1", "t5"}}) == "15");
  CHECK(ids({.sort = "rotated"}) == "532104");
  CHECK(ids({.sort = "rotated", .descending = true}) == "012354");
  CHECK_FALSE(store.list({.sort = "id; DROP TABLE tokens"}));
  CHECK(ids({.service = "x' OR '1'='1"}).empty());
}

TEST_CASE("there is one inventory at a path, and only its owner reads it") {
  const test::TemporaryFolder folder;
  const Store store = make_store(folder);
  CHECK_FALSE(Store::create(store.path()));
  struct stat info {};
  for (const char* suffix : {"", "-wal", "-shm"}) {
    REQUIRE(::stat((store.path() + suffix).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
}

TEST_CASE("files that are no inventory are refused with the reason") {
  const test::TemporaryFolder folder;
  const auto open = [](const std::string& path) { return Store::open(path, Store::Access::read); };
  CHECK(open(folder.path("none.db")).error().code == ErrorCode::not_found);
  CHECK(open(folder.write("text.db", std::string(5000, 'x'))).error().code == ErrorCode::corrupt);
  CHECK(open(folder.path()).error().code == ErrorCode::invalid_argument);
  CHECK_FALSE(open(folder.write("empty.db", "")));
}

TEST_CASE("a damaged inventory is an error, never a wrong answer that nobody notices") {
  const test::TemporaryFolder folder;
  std::string path;
  {
    Store store = make_store(folder);
    path = store.path();
    for (int i = 0; i < 50; ++i) put(store, full_token("token-" + std::to_string(i)));
  }
  const std::string good = *read_file(path, 1 << 24);
  for (std::size_t at = 0; at < good.size(); at += 997) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    REQUIRE(write_file_atomically(path, bad, 0600));
    const auto store = Store::open(path, Store::Access::write);
    if (!store) continue;
    // Whatever it says: it neither crashes nor hangs.
    static_cast<void>(store->tokens().has_value());
    static_cast<void>(store->check().has_value());
  }
  for (std::size_t size = 0; size < good.size(); size += 1024) {
    REQUIRE(write_file_atomically(path, good.substr(0, size), 0600));
    CHECK_FALSE(Store::open(path, Store::Access::write));
  }
}
