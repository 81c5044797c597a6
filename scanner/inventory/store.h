// The inventory's store: an SQLite file that holds tokens, the fingerprints of their values, and no value.
//
// One Store per thread; any number of processes at once: readers never wait, writers wait for one another up to ten
// seconds. What commit() has acknowledged survives kill -9 and power loss (write-ahead log, synchronous=FULL); what was
// not acknowledged is not there at all. The file is mode 0600.
//
//   auto store = Store::open(path, Store::Access::write);
//   auto transaction = store->begin();              // undone when it goes without commit()
//   store->put({token, probes});
//   store->record({.kind = "rotate", .token = id}); // the audit line of the change, in the same transaction
//   transaction->commit();                          // then the line goes to the audit log (audit_log.h)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/hash.h"
#include "scanner/base/result.h"
#include "scanner/core/token.h"
#include "scanner/inventory/audit_log.h"

namespace keytrail::inventory {

// How the hashes of a key database were made. The inventory's own scheme is not listed: kOwnScheme.
inline constexpr std::string_view kOwnScheme = "keytrail";
struct HashScheme {
  enum class Algorithm : std::uint8_t { sha256, hmac_sha256 };
  std::string name;
  Algorithm algorithm = Algorithm::hmac_sha256;
  bool base64 = false;           // how the column was written; fingerprints are kept in hexadecimal all the same
  std::string hash_prefix;       // what stands before each hash in the column: "sha256:"
  std::string value_prefix;      // what every value begins with, where that is known: makes the scan cheap
  std::uint32_t min_length = 0;  // of the values, in bytes; 0: unknown
  std::uint32_t max_length = 0;
  std::string retired_key_check;  // of our own scheme under a key that `rekey` replaced; empty: an imported scheme
};

// A token as it is written: `probes[i]` belongs to `token.values[i]` and is 0 where the value was never seen (imported
// hashes). Probes may be fewer.
struct TokenRecord {
  core::Token token;
  std::vector<std::uint64_t> probes;
};

// A value as the known-token scan wants it. `probe` is Fingerprinter::probe of the value (fingerprint.h).
struct KnownValue {
  std::uint64_t probe = 0;   // 0: none, compare the fingerprint
  std::int64_t token = 0;    // for token_id()
  std::uint32_t value = 0;   // 0: the current one, 1: the one before it, …
  std::uint32_t length = 0;  // bytes; 0: unknown
  std::uint32_t scheme = 0;  // 0: kOwnScheme, n: schemes()[n - 1]
  Sha256Digest fingerprint{};
};

// Which tokens, and in which order. Texts are compared without regard to case; an empty one means all.
struct TokenFilter {
  std::vector<std::string> ids{};
  std::string service{}, provider{}, environment{}, owner{}, kind{};
  std::vector<core::TokenState> states{};
  bool never_rotated = false;
  bool no_owner = false;
  std::string sort = "id";  // id, service, provider, environment, owner, state, created, expires, rotated, used
  bool descending = false;
};

// What a list shows of a token.
struct TokenSummary {
  std::string id, service, provider, environment, owner, last_four;
  std::optional<core::Instant> created, expires, last_rotated, last_used;
  core::TokenState state = core::TokenState::active;
  bool has_fingerprint = false;
};

// What may be due: tokens in use without a date, that may have to be rotated until the one time, or expire until the
// other.
struct DueBound {
  core::Instant rotate_until = 0;
  core::Instant expire_until = 0;
  std::uint32_t rotate_days = 0;    // the shortest period of a policy
  std::uint32_t lifetime_days = 0;  // the shortest of its longest lifetimes
};

// A revocation that was done first and is approved later (DESIGN 6, dual control).
struct DueApproval {
  std::string token, action, requester, operator_name, reason;
  core::Instant at = 0;
};

class Statement;
class Transaction;

class Store {
 public:
  enum class Access { read, write };
  // A new one, with its folder; an error when there is one.
  static Result<Store> create(const std::string& path);
  // An error that names the remedy when there is none, when it is damaged or newer than this program. An older schema
  // is migrated by who opens for writing.
  static Result<Store> open(const std::string& path, Access access);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  const std::string& path() const;
  const AuditLog& audit_log() const;

  // ---- reading
  Result<std::size_t> count() const;
  Result<std::optional<core::Token>> find(std::string_view id) const;
  Result<std::optional<TokenRecord>> find_record(std::string_view id) const;
  Result<std::vector<core::Token>> tokens(const TokenFilter& filter = {}) const;
  Status for_each(const TokenFilter& filter, const std::function<Status(TokenRecord&&)>& visit) const;
  Result<std::vector<TokenSummary>> list(const TokenFilter& filter) const;
  // The same one by one, in one object that is written over.
  Status each_summary(const TokenFilter& filter, const std::function<void(const TokenSummary&)>& visit) const;

  // Those that may be due, in no order; more than are due. `token` is written over for each: what tiers and dates look
  // at, the date of the current value, if it has one, in a value without a fingerprint.
  Status each_due(const TokenFilter& filter, const DueBound& bound, core::Token& token,
                  const std::function<void()>& visit) const;

  // Which tokens have or had this value. `fingerprint` in lower-case hexadecimal.
  Result<std::vector<core::TokenLink>> find_value(std::string_view scheme, std::string_view fingerprint) const;
  // Ids of the tokens that have this identifier: ("aws-key-id", "…").
  Result<std::vector<std::string>> find_identifier(std::string_view name, std::string_view value) const;
  Result<std::vector<KnownValue>> known_values() const;
  Result<std::string> token_id(std::int64_t token) const;
  Result<std::vector<HashScheme>> schemes() const;
  // Of the key that the fingerprints are made with; empty: none yet.
  Result<std::string> key_check() const;
  Result<std::vector<DueApproval>> due_approvals() const;
  // What the store remembers of the audit log's last line.
  Result<std::optional<AuditPosition>> audit_position() const;
  // Every page, index and reference: slow.
  Status check() const;

  // ---- writing: in a transaction
  Result<Transaction> begin();
  // Inserts or replaces.
  Status put(const TokenRecord& record);
  // Whether there was one.
  Result<bool> remove(std::string_view id);
  Status put_scheme(const HashScheme& scheme);
  Status set_key_check(std::string_view check);
  // Whether it was not noted before.
  Result<bool> note_once(std::string_view name);
  Status add_due_approval(const DueApproval& approval);
  Result<bool> settle_approval(std::string_view token);
  // The line goes to the audit log when the transaction is committed; it is lost in no crash.
  Status record(const AuditEvent& event);

 private:
  friend class Transaction;
  struct State;
  explicit Store(std::unique_ptr<State> state);
  Result<TokenRecord> read_record(const Statement& row) const;
  Status put_values(std::int64_t row, const TokenRecord& record);
  Status put_identifiers(std::int64_t row, const core::Token& token);
  std::unique_ptr<State> state_;
};

// Holds the store's write lock. A Store has one at a time, and outlives it.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  // An error before the change is durable undoes it. Where only the audit log cannot be written, the change stands, the
  // error says so, and the line is written by the next writer.
  Status commit();

 private:
  friend class Store;
  explicit Transaction(Store::State* state) : state_(state) {}
  Store::State* state_;
};

}  // namespace keytrail::inventory
