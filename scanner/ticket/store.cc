#include "scanner/ticket/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <memory>
#include <set>

#include "scanner/base/text.h"
#include "scanner/base/thread.h"
#include "scanner/ticket/text.h"
#include "scanner/ticket/ticket_json.h"

namespace keytrail::ticket {
namespace {

constexpr std::size_t kMaxTicketBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxTickets = 1000000;

struct DirectoryClose {
  void operator()(DIR* directory) const noexcept { closedir(directory); }
};

bool is_ticket_file(std::string_view name) {
  constexpr std::size_t kLength = 3 + 12 + 5;  // kt-, digits, .json
  return name.size() == kLength && name.starts_with("kt-") && name.ends_with(".json");
}

Result<std::vector<std::string>> ticket_files(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, DirectoryClose> open(opendir(directory.c_str()));
  if (open == nullptr) {
    if (errno == ENOENT) return names;
    return errno_error(errno, "read", directory);
  }
  while (const dirent* entry = readdir(open.get())) {
    if (is_ticket_file(entry->d_name)) names.emplace_back(entry->d_name);
    if (names.size() > kMaxTickets) return make_error(ErrorCode::limit_exceeded, "holds too many tickets", directory);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The texts behind the ticked boxes of a Markdown file.
std::set<std::string> ticked(const std::string& markdown) {
  std::set<std::string> out;
  for (const std::string& line : split_lines(markdown)) {
    if (line.starts_with("- [x] ") || line.starts_with("- [X] ")) out.insert(line.substr(6));
  }
  return out;
}

std::string with_ticks(const std::string& markdown, const std::set<std::string>& texts) {
  if (texts.empty()) return markdown;
  std::string out;
  for (const std::string& line : split_lines(markdown)) {
    const bool tick = line.starts_with("- [ ] ") && texts.contains(line.substr(6));
    out += tick ? "- [x] " + line.substr(6) : line;
    out += '\n';
  }
  return out;
}

std::string shown(std::string_view text) { return text.empty() ? "not known" : std::string(text); }
std::string shown(const std::optional<core::Instant>& at) { return at ? time_text(*at) : "none"; }

std::size_t new_places(const Ticket& before, const Ticket& after) {
  std::size_t count = 0;
  for (const Place& place : after.places) {
    const bool known = std::any_of(before.places.begin(), before.places.end(), [&](const Place& other) {
      return other.path == place.path && other.commit == place.commit && other.line == place.line;
    });
    count += known ? 0 : 1;
  }
  return count;
}

// A rotation counts when it came after this.
core::Instant mark_of(const Ticket& ticket) {
  constexpr core::Instant kDay = 86400;
  switch (ticket.trigger) {
    case Trigger::leak:
      return ticket.first_exposed.value_or(ticket.opened);
    case Trigger::never_rotated:
    case Trigger::overdue:
    case Trigger::expiring:
    case Trigger::exception_over:
      return ticket.opened - ticket.opened % kDay - 1;  // inventories write days: one on the same day counts
    default:
      return ticket.opened;
  }
}

}  // namespace

Result<Store> Store::open(const std::string& directory, bool write) {
  Store store;
  store.directory_ = directory;
  if (write) {
    if (Status made = make_directories(directory); !made) return made.error();
    const std::string path = directory + "/.lock";
    store.lock_ = FileDescriptor(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    if (!store.lock_.is_open()) return errno_error(errno, "open", path);
    if (flock(store.lock_.get(), LOCK_EX | LOCK_NB) != 0) {
      return make_error(ErrorCode::limit_exceeded, "another run is writing tickets here; try again when it has ended",
                        directory);
    }
  }
  const auto names = ticket_files(directory);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const std::string path = std::string(directory).append("/").append(name);
    const auto text = read_file(path, kMaxTicketBytes);
    if (!text) return text.error();
    auto ticket = parse_ticket(*text, path);
    if (!ticket) return ticket.error();
    if (ticket->id + ".json" != name) return make_error(ErrorCode::corrupt, "holds the ticket " + ticket->id, path);
    std::string id = ticket->id;
    store.tickets_.emplace(std::move(id), std::move(*ticket));
  }
  return store;
}

const Ticket* Store::find(std::string_view id) const {
  const auto found = tickets_.find(std::string(id));
  return found == tickets_.end() ? nullptr : &found->second;
}

Result<bool> Store::put(const Ticket& ticket, const Composer& composer) {
  auto written = write(ticket, composer);
  if (written) keep(ticket);
  return written;
}

Result<bool> Store::write(const Ticket& ticket, const Composer& composer) const {
  const std::string json_path = directory_ + "/" + ticket.id + ".json";
  const std::string markdown_path = directory_ + "/" + ticket.id + ".md";
  bool written = false;
  const auto replace = [&](const std::string& path, const std::string& text, const std::string& there) -> Status {
    if (text == there) return {};
    written = true;
    return write_file_atomically(path, text);
  };
  const bool known = tickets_.contains(ticket.id);
  const auto old_json = known ? read_file(json_path, kMaxTicketBytes) : Result<std::string>(std::string());
  const auto old_markdown = read_file(markdown_path, kMaxTicketBytes);
  const std::string before = old_markdown ? *old_markdown : "";
  const std::string markdown = with_ticks(composer.markdown(ticket), ticked(before));
  // The Markdown first: after a crash between the two the next run sees the old truth and writes both again.
  if (Status done = replace(markdown_path, markdown, before); !done) return done.error();
  if (Status done = replace(json_path, to_json(ticket), old_json ? *old_json : ""); !done) return done.error();
  return written;
}

std::vector<std::string> differences(const Ticket& before, const Ticket& after) {
  std::vector<std::string> out;
  const auto changed = [&](std::string_view what, const std::string& from, const std::string& to) {
    if (from != to) out.push_back(std::string(what) + " " + from + " → " + to);
  };
  changed("severity", std::string(core::to_string(before.priority)), std::string(core::to_string(after.priority)));
  changed("tier", std::string(core::to_string(before.tier)), std::string(core::to_string(after.tier)));
  changed("order of steps", std::string(to_string(before.order)), std::string(to_string(after.order)));
  changed("owner", shown(before.owner), shown(after.owner));
  changed("backup owner", shown(before.backup_owner), shown(after.backup_owner));
  changed("service", shown(before.service), shown(after.service));
  changed("environment", shown(before.environment), shown(after.environment));
  changed("deadline", shown(before.due), shown(after.due));
  changed("first exposure", shown(before.first_exposed), shown(after.first_exposed));
  const std::size_t added = new_places(before, after);
  if (added > 0) out.push_back(std::to_string(added) + (added == 1 ? " new place" : " new places"));
  const std::size_t gone = new_places(after, before);
  if (gone > 0) out.push_back(std::to_string(gone) + (gone == 1 ? " place" : " places") + " no longer seen");
  if (added + gone == 0 && before.places != after.places) out.emplace_back("places changed");
  if (before.title != after.title || before.summary != after.summary) out.emplace_back("what happened");
  if (out.empty() && before.sections != after.sections) out.emplace_back("instructions");
  return out;
}

std::string closing_reason(const Ticket& ticket, const Situation& situation) {
  if (!situation.complete || !situation.with_inventory) return {};
  if (!ticket.target.empty() && ticket.target != situation.target()) return {};
  const core::TokenStatus* status = situation.find_token(ticket.subject);
  std::string from_inventory;
  bool still_open = false;
  for (const Secret& secret : situation.secrets) {
    const bool same = (secret.token && secret.token->token == ticket.subject) ||
                      std::find(ticket.fingerprints.begin(), ticket.fingerprints.end(), secret.fingerprint) !=
                          ticket.fingerprints.end();
    if (!same || !secret.verdict || secret.suppressed) continue;
    still_open = still_open || secret.verdict->open;
    // The inventory says so of a finding: rotated since, or revoked.
    if (secret.verdict->kind == core::VerdictKind::leaked_superseded) from_inventory = "rotated since the exposure";
    if (secret.verdict->kind == core::VerdictKind::leaked_revoked) from_inventory = "revoked";
    // It has become known: the token's ticket goes on.
    if (!ticket.about_token && secret.verdict->open && secret.token) return "known now as token " + secret.token->token;
  }
  if (still_open && ticket.trigger == Trigger::leak) return {};
  if (status != nullptr) {
    if (status->token.state == core::TokenState::revoked) from_inventory = "revoked";
    const auto since = value_since(status->token);
    if (since && *since > mark_of(ticket)) from_inventory = "rotated on " + time_text(*since);
  }
  return from_inventory;
}

namespace {

class Run {
 public:
  Run(Store& store, const Situation& situation, const Settings& settings, const Composer& composer, core::Instant now)
      : store_(store), situation_(situation), settings_(settings), composer_(composer), now_(now) {}

  Result<Emitted> run(const std::vector<Case>& cases) {
    std::set<std::string> seen;
    for (const Case& one : cases) seen.insert(ticket_id(one.subject, one.trigger));
    std::vector<std::string> others;
    for (const auto& [id, ticket] : store_.tickets()) {
      if (ticket.open && !seen.contains(id)) others.push_back(id);
    }
    if (Status done = each(cases.size(), [&](std::size_t i) { return bring(cases[i]); }); !done) return done.error();
    const auto maybe = [&](std::size_t i) { return maybe_close(*store_.find(others[i])); };
    if (Status done = each(others.size(), maybe); !done) return done.error();
    return std::move(emitted_);
  }

 private:
  // What became of one ticket. Empty `what`: nothing.
  struct Outcome {
    Ticket ticket;
    std::string what;
    std::vector<std::string> changes;
    bool unchanged = false;
    bool written = false;
    Status failed;
  };

  // Every ticket has files of its own, so that all are made at once; the store and the list follow in order.
  template <typename Work>
  Status each(std::size_t count, const Work& work) {
    constexpr std::size_t kBatch = 256;
    constexpr std::size_t kFew = 8;
    for (std::size_t begin = 0; begin < count; begin += kBatch) {
      const std::size_t size = std::min(kBatch, count - begin);
      std::vector<Outcome> outcomes(size);
      std::atomic<std::size_t> next = 0;
      run_workers(size < kFew ? 1 : available_processors(), [&](unsigned) {
        for (std::size_t i = next++; i < size; i = next++) outcomes[i] = work(begin + i);
      });
      for (Outcome& outcome : outcomes) {
        if (!outcome.failed) return outcome.failed;
        take(std::move(outcome));
      }
    }
    return {};
  }

  void take(Outcome outcome) {
    emitted_.unchanged += outcome.unchanged ? 1U : 0U;
    emitted_.files_written += outcome.written ? 1U : 0U;
    if (outcome.what.empty()) return;
    const Ticket& ticket = outcome.ticket;
    emitted_.lines.push_back({ticket.id, outcome.what, ticket.priority, ticket.title, std::move(outcome.changes)});
    store_.keep(std::move(outcome.ticket));
  }

  Outcome bring(const Case& one) const {
    const Ticket* before = store_.find(ticket_id(one.subject, one.trigger));
    // What a rotation left in text is part of the leak's ticket, which closed with it: no second ticket.
    if (one.trigger == Trigger::superseded && before == nullptr &&
        store_.find(ticket_id(one.subject, Trigger::leak)) != nullptr) {
      return {};
    }
    // Times in a ticket are counted from its first run.
    Request request = *one.request;
    Case dated = one;
    dated.request = &request;
    if (before != nullptr && before->open) {
      request.now = before->opened;
      const bool own_due = one.verdict != nullptr && one.verdict->due;
      if (!own_due && before->priority == one.priority) dated.due = before->due.value_or(one.due);
    }
    Ticket after = composer_.compose(dated, settings_);
    if (before == nullptr) {
      after.history.push_back({now_, "opened"});
      return write(std::move(after), "new", {});
    }
    after.approvals = before->approvals;
    after.history = before->history;
    if (!before->open) {
      if (one.trigger == Trigger::superseded) {  // somebody confirmed it
        return unchanged();
      }
      after.approvals.clear();
      after.history.push_back({now_, "reopened: seen again after it was closed" +
                                         (before->close_reason.empty() ? "" : " (" + before->close_reason + ")")});
      return write(std::move(after), "reopened", {});
    }
    after.opened = before->opened;
    const std::vector<std::string> changes = differences(*before, after);
    if (changes.empty()) {
      return unchanged();
    }
    after.history.push_back({now_, "updated: " + joined(changes, "; ")});
    return write(std::move(after), "updated", changes);
  }

  Outcome maybe_close(const Ticket& before) const {
    const std::string reason = closing_reason(before, situation_);
    if (reason.empty()) {
      return unchanged();
    }
    Ticket after = before;
    after.open = false;
    after.closed = now_;
    after.close_reason = reason;
    after.history.push_back({now_, "closed: " + reason});
    return write(std::move(after), "closed", {reason});
  }

  static Outcome unchanged() {
    Outcome outcome;
    outcome.unchanged = true;
    return outcome;
  }

  Outcome write(Ticket ticket, const char* what, std::vector<std::string> changes) const {
    Outcome outcome;
    const auto written = store_.write(ticket, composer_);
    if (!written) {
      outcome.failed = written.error();
      return outcome;
    }
    outcome.written = *written;
    outcome.what = what;
    outcome.changes = std::move(changes);
    outcome.ticket = std::move(ticket);
    return outcome;
  }

  Store& store_;
  const Situation& situation_;
  const Settings& settings_;
  const Composer& composer_;
  core::Instant now_;
  Emitted emitted_;
};

}  // namespace

Result<Emitted> emit(Store& store, const std::vector<Case>& cases, const Situation& situation, const Settings& settings,
                     const Composer& composer, core::Instant now) {
  return Run(store, situation, settings, composer, now).run(cases);
}

}  // namespace keytrail::ticket
