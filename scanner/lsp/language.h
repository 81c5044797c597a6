// What the server knows of languages: how a comment behind code is written, and how a value comes from the environment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace keytrail::lsp {

// How a variable of the environment is written where a value stands.
enum class Environment : std::uint8_t {
  none,
  expression,  // code in the place of a literal and its quotes
  shell,       // "$NAME", or ${NAME} inside of a text in double quotes
  inside,      // in the place of the value alone, its quotes stay: ${NAME}
};

struct Language {
  // Around a comment at the end of a line; empty where a line that holds a value can have none.
  std::string_view comment_begin;
  std::string_view comment_end;
  // Whether "--" may stand in a comment: a reason follows it.
  bool takes_reason = true;
  Environment environment = Environment::none;
  // With NAME for the variable's name.
  std::string_view form;
  // Letters before a quote that leave a literal a text: r"…".
  std::string_view prefixes;
};

// By the language's id of the protocol, else by the file's name; an empty Language for what is not known.
Language language_of(std::string_view id, std::string_view path);

}  // namespace keytrail::lsp
