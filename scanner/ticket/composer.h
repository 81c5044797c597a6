// From the facts of a case to the texts of a ticket: every sentence stands in a template (scanner/ticket/templates/en),
// this code only says what is the case.
//
// A part's template (steps.txt, risk.txt, …) makes the lines of one section: one item a line, its columns between `|`;
// a line that begins with "$ " is a command of the item above it. A value can neither end a line nor begin a column:
// what would is made a space. ticket.md puts the sections together. Immutable; one for all threads.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ticket/facts.h"
#include "scanner/ticket/plan.h"
#include "scanner/ticket/template.h"
#include "scanner/ticket/ticket.h"

namespace keytrail::ticket {

class Composer {
 public:
  // `files` replace built-in templates of the same name ("steps.txt"); a name that none has is an error.
  struct File {
    std::string name;
    std::string text;
    std::string place;  // for errors
  };
  static Result<Composer> load(const std::string& language, const std::vector<File>& files);
  static std::vector<std::string> languages();

  // The whole ticket but its history and approvals.
  Ticket compose(const Case& of, const Settings& settings) const;
  // runbook.md or runbook.html.
  std::string render(std::string_view name, const Value& data) const;
  // As people read it.
  std::string markdown(const Ticket& ticket) const;

 private:
  Status add(const File& file);
  std::vector<Item> items(std::string_view part, std::size_t columns, const Value& facts) const;
  std::string line(std::string_view part, const Value& facts) const;

  std::map<std::string, Template, std::less<>> templates_;
};

// A ticket as templates and sinks see it.
Value ticket_value(const Ticket& ticket);

}  // namespace keytrail::ticket
