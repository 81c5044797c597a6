// What can be done about a secret right where it stands: edits of its text. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scanner/core/match.h"
#include "scanner/lsp/checker.h"
#include "scanner/lsp/document.h"
#include "scanner/lsp/language.h"

namespace keytrail::lsp {

struct Fix {
  std::string title;
  core::Span span;  // is replaced by
  std::string text;
};

// A comment on the secret's line that accepts it, with a reason to be written. Nothing where the language has no such
// comments.
std::optional<Fix> allow_fix(const Document& document, const Issue& issue, const Language& language);

// The value comes from the environment, by a name that its own name gives. Nothing where the value is only a part of a
// literal, where a literal could not be told, and for values over several lines.
std::optional<Fix> environment_fix(const Document& document, const Issue& issue, const Language& language);

// An entry of the configuration that accepts it, to be appended to `config`, which is that file's text.
std::string allow_entry(const Issue& issue, std::string_view config);

// "apiKey: string =", "\"api-key\":" → API_KEY; of what names nothing the rule's own: GITHUB_PERSONAL_ACCESS_TOKEN.
std::string variable_name(std::string_view before, std::string_view rule);

}  // namespace keytrail::lsp
