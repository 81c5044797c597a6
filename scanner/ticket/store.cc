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

constexpr std::size_t kMaxTicketBytes = std::size_t{64} << 20;  // a token in ten thousand repositories takes 6 MB
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

Result<std::vector<std::string>> unticked_evidence(const Store& store, const Ticket& ticket, const Composer& composer) {
  const auto file = read_file(store.directory() + "/" + ticket.id + ".md", kMaxTicketBytes);
  if (!file) return file.error();
  const std::set<std::string> done = ticked(*file);
  std::set<std::string> boxes;  // of the template in force: what it does not show cannot be ticked
  for (const std::string& line : split_lines(composer.markdown(ticket))) {
    if (line.starts_with("- [ ] ")) boxes.insert(line.substr(6));
  }
  std::vector<std::string> out;
  const Section* audit = ticket.section("audit");
  for (std::size_t i = 0; audit != nullptr && i < audit->items.size(); ++i) {
    const std::string box = escape_markdown(audit->items[i].columns.back());
    if (boxes.contains(box) && !done.contains(box)) out.push_back(audit->items[i].columns.back());
  }
  return out;
}

std::vector<Request::Leaked> leaked_tokens(const Store& store) {
  std::vector<Request::Leaked> out;
  for (const auto& [id, ticket] : store.tickets()) {
    if (ticket.open && ticket.about_token && ticket.trigger == Trigger::leak && !ticket.sources.list.empty())
      out.push_back({ticket.subject, worst(ticket.sources.list)->rule});
  }
  return out;
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
    if (one.standing) {
      if (before == nullptr || !before->open) return {};
      Ticket seen = seen_by_this_scan(*before);
      if (const std::string reason = closing_reason(seen, situation_); !reason.empty())
        return close(std::move(seen), reason);
    }
    Request request = *one.request;
    Case dated = one;
    dated.request = &request;
    if (before != nullptr) {
      dated.sources = merged(before->sources, one.sources, situation_);
      settle(dated, settings_);
      if (before->open) keep_times(*before, dated, request);
    }
    Ticket after = composer_.compose(dated, settings_);
    if (before == nullptr) {
      after.history.push_back({now_, "opened"});
      return write(std::move(after), "new", {});
    }
    after.approvals = before->approvals;
    after.history = before->history;
    add_missing(before->fingerprints, after.fingerprints);
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
    fill_in_approvals(after);
    std::vector<std::string> changes = differences(*before, after);
    if (changes.size() == 1 && changes.front() == kInstructions && is_same_but_for_reason(*before, dated))
      changes.clear();
    if (changes.empty()) {
      return unchanged();
    }
    after.history.push_back({now_, "updated: " + joined(changes, "; ")});
    return write(std::move(after), "updated", changes);
  }

  // A reason counts days: that alone is nothing to tell.
  bool is_same_but_for_reason(const Ticket& before, Case dated) const {
    if (dated.reason == before.reason) return false;
    dated.reason = before.reason;
    Ticket same = composer_.compose(dated, settings_);
    same.approvals = before.approvals;
    fill_in_approvals(same);
    return differences(before, same).empty();
  }

  // Times in a ticket count from its first run. A deadline does not move with the scans: it changes with the severity
  // alone, and with the day on which a token ends.
  void keep_times(const Ticket& before, Case& dated, Request& request) const {
    request.now = before.opened;
    const bool ends_then = dated.trigger == Trigger::expiring && dated.due > now_;
    if (ends_then || !before.due) return;
    if (dated.priority == before.priority) {
      dated.due = *before.due;
    } else if (dated.priority < before.priority) {
      dated.due = std::min(*before.due, respond_by(request, dated.priority, now_));
    } else {
      dated.due = respond_by(request, dated.priority, before.opened);
    }
  }

  static void add_missing(const std::vector<std::string>& from, std::vector<std::string>& into) {
    for (const std::string& one : from) {
      if (std::find(into.begin(), into.end(), one) == into.end()) into.push_back(one);
    }
    std::sort(into.begin(), into.end());
  }

  // What this scan says of a ticket that the plan does not have.
  Ticket seen_by_this_scan(const Ticket& before) const {
    Ticket after = before;
    const std::vector<const Secret*> secrets = secrets_of(before, situation_);
    Sources now = sources_of(situation_, secrets, visibility_of(situation_, settings_));
    after.sources = merged(before.sources, now, situation_);
    return after;
  }

  Outcome maybe_close(const Ticket& before) const {
    Ticket after = before.sources.list.empty() ? before : seen_by_this_scan(before);
    const std::string reason = closing_reason(after, situation_);
    if (reason.empty()) {
      const std::vector<std::string> changes = differences(before, after);
      if (changes.empty()) return unchanged();
      after.history.push_back({now_, "updated: " + joined(changes, "; ")});
      return write(std::move(after), "updated", changes);
    }
    return close(std::move(after), reason);
  }

  Outcome close(Ticket after, const std::string& reason) const {
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
