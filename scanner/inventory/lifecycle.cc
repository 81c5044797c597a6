#include "scanner/inventory/lifecycle.h"

#include <algorithm>
#include <utility>

#include "scanner/base/dates.h"
#include "scanner/base/text.h"
#include "scanner/inventory/field_text.h"
#include "scanner/inventory/import_apply.h"

namespace keytrail::inventory {
namespace {

// A clock may be a little ahead of another one.
constexpr core::Instant kClockSkew = 300;

Error refuse(std::string_view id, std::string why) {
  return make_error(ErrorCode::invalid_argument, std::move(why), std::string(id));
}

Result<TokenRecord> find_token(const Store& store, std::string_view id) {
  auto found = store.find_record(id);
  if (!found) return found.error();
  if (!*found) {
    return make_error(ErrorCode::not_found, "no token has this id: keytrail inventory list shows all", std::string(id));
  }
  return std::move(**found);
}

AuditEvent event_of(const char* kind, std::string_view id, const Actor& actor) {
  AuditEvent event;
  event.kind = kind;
  event.token = id;
  event.operator_name = actor.operator_name;
  event.requester = actor.requester.empty() ? actor.operator_name : actor.requester;
  event.approver = actor.approver;
  event.reason = actor.reason;
  return event;
}

Status check_rotation_date(const core::Token& token, core::Instant at, core::Instant now) {
  if (at > now + kClockSkew) return refuse(token.id, "the day of the rotation is yet to come");
  if (token.created && at < *token.created) {
    return refuse(token.id, "the token was created later than that, on " + utc_day(*token.created));
  }
  if (token.last_rotated && at < *token.last_rotated) {
    return refuse(token.id, "it was rotated later than that already, on " + utc_day(*token.last_rotated));
  }
  return {};
}

// The new value, or that there is one which nobody showed.
Status put_new_value(TokenRecord& record, const RotateOptions& options, core::Instant at, core::Instant now) {
  core::TokenValue value;
  std::uint64_t probe = 0;
  value.scheme = kOwnScheme;
  if (options.value) {
    const std::string_view text = options.value->view();
    if (Status good = check_value(text); !good) return refuse(record.token.id, good.error().message);
    value = options.fingerprinter->describe(text);
    probe = options.fingerprinter->probe(text);
    if (!replace_value(record, value, probe, at, now)) {
      return refuse(record.token.id, "this value is not new: the token has it or had it before");
    }
    return {};
  }
  if (record.token.values.empty()) return {};
  record.probes.resize(record.token.values.size(), 0);
  if (!record.token.values.front().valid_until) record.token.values.front().valid_until = at;
  value.valid_from = at;
  record.token.values.insert(record.token.values.begin(), std::move(value));
  record.probes.insert(record.probes.begin(), 0);
  return {};
}

Status commit_change(Store& store, Transaction& transaction, const TokenRecord& record, const AuditEvent& event) {
  if (Status put = store.put(record); !put) return put;
  if (Status recorded = store.record(event); !recorded) return recorded;
  return transaction.commit();
}

}  // namespace

Status check_dual_control(core::Tier tier, const Actor& actor, std::string_view action) {
  const std::string approver = lower(trimmed(actor.approver));
  if (approver.empty()) {
    if (tier != core::Tier::high) return {};
    return make_error(ErrorCode::invalid_argument,
                      std::string(action) +
                          " a high-risk token needs a second person: name who approved it with "
                          "--approver");
  }
  if (approver == lower(trimmed(actor.operator_name))) {
    return make_error(ErrorCode::invalid_argument, "who does it cannot approve it: --approver is the operator");
  }
  if (approver == lower(trimmed(actor.requester))) {
    return make_error(ErrorCode::invalid_argument, "who asks for it cannot approve it: --approver is the requester");
  }
  return {};
}

Result<std::string> rotate_token(Store& store, std::string_view id, const Actor& actor, const TierOf& tier_of,
                                 RotateOptions options, core::Instant now) {
  auto transaction = store.begin();
  if (!transaction) return transaction.error();
  auto record = find_token(store, id);
  if (!record) return record.error();
  core::Token& token = record->token;
  if (token.state == core::TokenState::revoked) {
    return refuse(id, "it is revoked: add the token that takes its place under an id of its own");
  }
  if (Status may = check_dual_control(tier_of(token), actor, "rotating"); !may) return refuse(id, may.error().message);
  const core::Instant at = options.at.value_or(now);
  if (Status good = check_rotation_date(token, at, now); !good) return good.error();
  if (options.value) {
    if (Status used = use_key(store, *options.fingerprinter); !used) return used.error();
  }
  if (Status put = put_new_value(*record, options, at, now); !put) return put.error();
  token.last_rotated = at;
  token.state = core::TokenState::active;
  if (options.expires) {
    token.expires = options.expires;
  } else if (token.expires && *token.expires <= at) {
    token.expires.reset();  // that was the old value's end
  }
  AuditEvent event = event_of("rotate", id, actor);
  event.details["rotated"] = utc_time(at);
  event.details["value"] = options.value ? "fingerprinted" : "unknown";
  if (Status done = commit_change(store, *transaction, *record, event); !done) return done.error();
  if (options.value) return std::string();
  return std::string("the new value is not known: it will not be found in text (give it on standard input)");
}

Result<std::string> revoke_token(Store& store, std::string_view id, const Actor& actor, const TierOf& tier_of,
                                 bool emergency, core::Instant now) {
  auto transaction = store.begin();
  if (!transaction) return transaction.error();
  auto record = find_token(store, id);
  if (!record) return record.error();
  core::Token& token = record->token;
  if (token.state == core::TokenState::revoked) return std::string("it was revoked before: nothing changed");
  Status may = check_dual_control(tier_of(token), actor, "revoking");
  const bool later = !may && emergency && trimmed(actor.approver).empty();
  if (!may && !later) {
    return refuse(id, may.error().message + (emergency ? "" : ", or use --emergency and have it approved afterwards"));
  }
  token.state = core::TokenState::revoked;
  if (!token.values.empty() && !token.values.front().valid_until) token.values.front().valid_until = now;
  AuditEvent event = event_of("revoke", id, actor);
  if (emergency) event.details["emergency"] = "true";
  if (later) {
    event.details["approval"] = "due";
    if (Status due = store.add_due_approval(
            {std::string(id), "revoke", event.requester, event.operator_name, actor.reason, now});
        !due) {
      return due.error();
    }
  }
  if (Status done = commit_change(store, *transaction, *record, event); !done) return done.error();
  if (!later) return std::string();
  return "its approval is due: keytrail inventory approve " + std::string(id) + " --approver NAME";
}

Status remove_token(Store& store, std::string_view id, const Actor& actor, bool force) {
  auto transaction = store.begin();
  if (!transaction) return transaction.error();
  const auto record = find_token(store, id);
  if (!record) return record.error();
  const core::TokenState state = record->token.state;
  if (!force && state != core::TokenState::revoked && state != core::TokenState::expired) {
    return refuse(id, "it is in use: revoke it first, or remove it with --force if it never existed");
  }
  const auto removed = store.remove(id);
  if (!removed) return removed.error();
  AuditEvent event = event_of("remove", id, actor);
  event.details["state"] = core::to_string(state);
  if (Status recorded = store.record(event); !recorded) return recorded;
  return transaction->commit();
}

Status approve_token(Store& store, std::string_view id, const Actor& actor) {
  if (trimmed(actor.approver).empty()) return refuse(id, "name who approves it with --approver");
  auto transaction = store.begin();
  if (!transaction) return transaction.error();
  const auto due = store.due_approvals();
  if (!due) return due.error();
  bool found = false;
  for (const DueApproval& approval : *due) {
    if (approval.token != id) continue;
    found = true;
    const Actor then{approval.operator_name, approval.requester, actor.approver, {}};
    if (Status may = check_dual_control(core::Tier::high, then, "revoking"); !may) {
      return refuse(id, may.error().message);
    }
  }
  if (!found) return refuse(id, "no approval is due for it");
  if (const auto settled = store.settle_approval(id); !settled) return settled.error();
  if (Status recorded = store.record(event_of("approve", id, actor)); !recorded) return recorded;
  return transaction->commit();
}

}  // namespace keytrail::inventory
