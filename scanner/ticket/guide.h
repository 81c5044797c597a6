// How a credential of a provider is rotated, revoked and verified: rules/providers/*.toml, compiled into the binary.
//
// Immutable once loaded; one for all threads. A wrong file is an error with file and line.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ticket/template.h"

namespace keytrail::ticket {

// A sentence, and the command that goes with it (empty: none). Both are plain templates over {{arg.…}}.
struct GuideStep {
  Template text;
  Template command;
};

struct Guide {
  std::string id;
  std::string name;
  std::vector<std::string> match;
  std::vector<std::string> rules;
  bool fallback = false;
  std::string console;
  std::string docs;
  bool two_live = false;
  std::string two_live_note;
  std::vector<GuideStep> create;
  std::vector<GuideStep> replace;
  std::vector<GuideStep> revoke;
  std::vector<GuideStep> verify;  // with a probe these two are made from it
  std::vector<GuideStep> dead;
  std::string owner;
  std::string abuse;
  std::string vendor;
  std::string customers;
  std::string automate;
};

// Names that a guide's commands may use: {{arg.user}} …
const std::vector<std::string>& guide_arguments();

class Guides {
 public:
  // The compiled-in ones.
  static Result<Guides> builtin();
  // Adds the guides of a file; one with a known id replaces it.
  Status add(std::string_view toml, const std::string& place);
  // The best for a rule and a provider, either may be empty: the rule's longest match, then the provider's name, then
  // the fallback.
  const Guide& find(std::string_view rule, std::string_view provider) const;
  const std::vector<Guide>& all() const { return guides_; }

 private:
  Status put(Guide guide, const std::string& place);
  std::vector<Guide> guides_;
  std::size_t fallback_ = 0;
};

// Files that are compiled in: name relative to the project, and text.
struct BuiltinFile {
  std::string_view name;
  std::string_view text;
};
std::vector<BuiltinFile> builtin_provider_files();
std::vector<BuiltinFile> builtin_template_files();

}  // namespace keytrail::ticket
