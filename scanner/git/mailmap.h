// Names as a .mailmap has them (gitmailmap(5)): people who wrote under several names and addresses get one of each.
//
// Immutable once parsed. Lines that make no sense are passed over, as git does it; names and addresses are compared
// without regard to the case of ASCII letters. Where two lines say something of the same address the later one counts.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "scanner/git/repository.h"

namespace keytrail::git {

class Mailmap {
 public:
  Mailmap() = default;
  // What git would read for this repository: .mailmap of the work tree, then mailmap.blob (when the first says
  // nothing and this is not set, .mailmap of HEAD's commit), then mailmap.file. What cannot be read, is no regular file
  // or is larger than 16 MiB counts as empty.
  static Mailmap read(const Repository& repository);

  // Adds the lines of `text`.
  void add(std::string_view text);

  // "Name <address>" as it is to be shown; `who` itself where nothing is said of it, or where it is no such thing.
  std::string apply(const std::string& who) const;
  bool empty() const { return entries_.empty(); }

 private:
  // Empty: stays as it is.
  struct Person {
    std::string name;
    std::string address;
  };
  struct Entry {
    Person any;                           // whatever the name
    std::map<std::string, Person> named;  // by name in lower case
  };
  void add_line(std::string_view line);

  std::map<std::string, Entry> entries_;  // by address in lower case
};

}  // namespace keytrail::git
