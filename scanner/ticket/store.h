// The tickets of a directory: ID.json is the truth, ID.md is the same for people.
//
// One process at a time (a lock file); a file is written beside its place and renamed, and only when it changed, so a
// run that changes nothing writes nothing, and a killed one leaves whole files. Boxes that people ticked in a Markdown
// file stay ticked where their line is still there.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/file.h"
#include "scanner/base/result.h"
#include "scanner/ticket/composer.h"
#include "scanner/ticket/ticket.h"

namespace keytrail::ticket {

class Store {
 public:
  // Reads what is there. `write` takes the lock and makes the directory; limit_exceeded when another run holds it.
  static Result<Store> open(const std::string& directory, bool write);

  const std::map<std::string, Ticket>& tickets() const { return tickets_; }
  const Ticket* find(std::string_view id) const;
  // Writes both files where they differ from what is there. Returns whether one was written.
  Result<bool> put(const Ticket& ticket, const Composer& composer);
  // The two halves of put, for who writes several at once: any thread; then one.
  Result<bool> write(const Ticket& ticket, const Composer& composer) const;
  void keep(Ticket ticket) {
    const std::string id = ticket.id;
    tickets_.insert_or_assign(id, std::move(ticket));
  }
  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  FileDescriptor lock_;
  std::map<std::string, Ticket> tickets_;
};

// What a run did.
struct Emitted {
  struct Line {
    std::string id;
    std::string what;  // "new", "updated", "reopened", "closed", "still open"
    core::Priority priority = core::Priority::p3;
    std::string title;
    std::vector<std::string> changes;
  };
  std::vector<Line> lines;  // what is unchanged is not listed
  std::size_t unchanged = 0;
  std::size_t files_written = 0;
};

// For the plan: the tokens whose leaks are open here.
std::vector<Request::Leaked> leaked_tokens(const Store& store);

// Brings the directory up to date with a plan: makes, updates, reopens; closes what scan and inventory both show as
// rotated. A ticket that the plan does not have stays open until then.
Result<Emitted> emit(Store& store, const std::vector<Case>& cases, const Situation& situation, const Settings& settings,
                     const Composer& composer, core::Instant now);

// Of differences(): the texts alone.
inline constexpr std::string_view kInstructions = "instructions";
// What differs between two states of one ticket, as people say it. Empty: nothing that matters.
std::vector<std::string> differences(const Ticket& before, const Ticket& after);

// The audit evidence of a ticket whose boxes nobody has ticked in its Markdown file.
Result<std::vector<std::string>> unticked_evidence(const Store& store, const Ticket& ticket, const Composer& composer);

// What this scan found of a ticket's token or secret.
std::vector<const Secret*> secrets_of(const Ticket& ticket, const Situation& situation);
// Why an open ticket may be closed now; empty when it may not. Its sources are as this scan leaves them.
std::string closing_reason(const Ticket& ticket, const Situation& situation);

}  // namespace keytrail::ticket
