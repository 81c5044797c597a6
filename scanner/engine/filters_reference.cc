#include "scanner/engine/filters_parts.h"

#include <algorithm>
#include <iterator>

#include "scanner/engine/filters_prefixes.h"

namespace keytrail::engine {
namespace {

template <std::size_t kCount>
bool begins_with_any(std::string_view value, const std::string_view (&prefixes)[kCount]) {
  if (value.empty()) return false;
  const char first = value.front();  // decides nearly always
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [&](std::string_view prefix) { return prefix.front() == first && value.starts_with(prefix); });
}

std::string_view trimmed(std::string_view value) {
  const auto edge = [](char c) { return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '`' || c == '\\'; };
  while (!value.empty() && edge(value.front())) value.remove_prefix(1);
  while (!value.empty() && edge(value.back())) value.remove_suffix(1);
  return value;
}

bool is_name(std::string_view text) {
  return !text.empty() && !is(text[0], kDigit) && std::all_of(text.begin(), text.end(), is_identifier);
}

// A name, or names joined as in a.b, a->b, a::b, a?.b, @a.b.
bool is_name_path(std::string_view text) {
  if (text.empty() || !(is_letter(text[0]) || text[0] == '_' || text[0] == '$' || text[0] == '@')) return false;
  return std::all_of(text.begin() + 1, text.end(), [](char c) {
    return is_identifier(c) || c == '.' || c == '-' || c == '>' || c == ':' || c == '?' || c == '!';
  });
}

// Text that stands in a template's brackets: no bracket of the same kind inside, and not empty of meaning.
bool wrapped_in(std::string_view value, std::string_view open, std::string_view close) {
  return value.size() >= open.size() + close.size() && value.starts_with(open) && value.ends_with(close);
}

// What stands between two equal marks as in @NAME@ is a name.
bool between(std::string_view value, std::string_view mark) {
  if (value.size() <= 2 * mark.size() || !wrapped_in(value, mark, mark)) return false;
  return is_name_path(value.substr(mark.size(), value.size() - 2 * mark.size()));
}

bool holds_pair(std::string_view value, std::string_view open, std::string_view close) {
  const std::size_t at = value.find(open);
  return at != std::string_view::npos && value.find(close, at + open.size()) != std::string_view::npos;
}

bool is_shell_reference(std::string_view value) {
  if (value.size() < 2) return false;
  const char next = value[1];
  if (next == '(' || next == '[' || next == '{') return true;
  if (value.size() == 2) return true;  // $1 $@ $$
  std::string_view rest = value.substr(1);
  if (rest.ends_with('$')) rest.remove_suffix(1);
  return is_name_path(rest);
}

bool is_regex(std::string_view value) {
  constexpr std::string_view kSure[] = {"[a-z", "[A-Z", "[0-9", "[\\w", "[\\d", "(?:", "(?P<", "(?i)", "(?=", "(?!"};
  constexpr std::string_view kLikely[] = {"\\d", "\\w", "\\s", "\\b", "\\.", ".*", ".+", "]+", "]*", "[^", ")?", "**/"};
  for (const std::string_view part : kSure) {
    if (holds(value, part)) return true;
  }
  int likely = value.size() > 2 && value.front() == '^' && value.back() == '$' ? 1 : 0;
  for (const std::string_view part : kLikely) likely += holds(value, part) ? 1 : 0;
  return likely >= 2;
}

// Digits and what stands between them in dates, versions, addresses and phone numbers.
bool is_numbers(std::string_view value, const Shape& shape) {
  std::size_t other = 0;
  std::size_t marks = 0;
  for (const char c : value) {
    if (is(c, kDigit)) continue;
    if (is(c, kJoint | kSpace) || c == '+' || c == ',' || c == '(' || c == ')') {
      ++marks;
    } else if (c == 'T' || c == 'Z' || c == 'v' || c == 'e' || c == 'x') {
      ++other;
    } else {
      return false;
    }
  }
  return marks + other > 0 && other <= 2 && shape.digits > 0;
}

bool is_mail(std::string_view value) {
  while (!value.empty() && value.front() == '.') value.remove_prefix(1);
  while (!value.empty() && value.back() == '.') value.remove_suffix(1);
  const std::size_t at = value.find('@');
  if (at == std::string_view::npos || at == 0 || value.find('@', at + 1) != std::string_view::npos) return false;
  const std::size_t dot = value.rfind('.');
  if (dot == std::string_view::npos || dot < at + 2 || value.size() - dot < 3 || value.size() - dot > 7) return false;
  const auto fits = [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '+' || c == '@'; };
  return std::all_of(value.begin(), value.end(), fits) &&
         std::all_of(value.begin() + static_cast<std::ptrdiff_t>(dot) + 1, value.end(), is_letter);
}

bool is_plain_url(std::string_view value) {
  const std::size_t scheme = value.find("://");
  if (scheme == std::string_view::npos || scheme == 0 || scheme > 20)
    return value.starts_with("//") && holds(value, ".");
  const std::string_view rest = value.substr(scheme + 3);
  return rest.substr(0, rest.find('/')).find('@') == std::string_view::npos;
}

bool is_path(std::string_view value, const Shape& shape) {
  if (value.starts_with("./") || value.starts_with("../") || value.starts_with("~/")) return true;
  if (value.size() > 3 && value[1] == ':' && (value[2] == '\\' || value[2] == '/') && is_letter(value[0])) return true;
  if (shape.joints == 0) return false;
  if (value.front() == '/' && shape.uppers == 0 && value.find('/', 1) != std::string_view::npos) return true;
  if (holds(value, "/etc/") || holds(value, "/usr/") || holds(value, "/var/") || holds(value, "/home/")) return true;
  return std::any_of(std::begin(kFileEndings), std::end(kFileEndings),
                     [&](std::string_view ending) { return value.ends_with(ending); });
}

bool is_markup(std::string_view value) {
  if (holds(value, "</") || holds(value, "/>") || holds(value, "<br")) return true;
  if (value.size() > 2 && value.front() == '<' && value.back() == '>') return true;
  const bool color = value.front() == '#' && (value.size() == 4 || value.size() == 7 || value.size() == 9);
  return color && std::all_of(value.begin() + 1, value.end(), [](char c) { return is(c, kHex); });
}

}  // namespace

std::string_view unwrapped(std::string_view value) {
  if (value.size() < 6) return {};
  if (value.starts_with("{xor}")) return value.substr(5);
  if (value.starts_with("DEC(") && value.back() == ')') return value.substr(4, value.size() - 5);
  if (!value.starts_with("${") || value.back() != '}' || value[2] == '{') return {};
  const std::size_t at = value.find(":-");
  return at == std::string_view::npos ? std::string_view() : value.substr(at + 2, value.size() - at - 3);
}

bool is_reference(std::string_view value) {
  value = trimmed(value);
  if (value.size() < 2) return value == "?" || value == "$";
  switch (value.front()) {
    case '$':
      if (begins_with_any(value, kDigestPrefixes)) return false;
      if (is_shell_reference(value)) return true;
      break;
    case '<':
      if (value.back() == '>') return true;
      break;
    case '[':
      if (value.back() == ']') return true;
      break;
    case '(':
      if (value.back() == ')') return true;
      break;
    case '{':
      if (value.back() == '}' && (value.size() == 2 || is_name_path(value.substr(1, value.size() - 2)))) return true;
      break;
    case '%':
      if (between(value, "%") || between(value, "%%")) return true;
      break;
    case '!':
    case '@':
    case '~':
      if (between(value, value.substr(0, 1)) || between(value, "@@")) return true;
      break;
    case ':':
      if (is_name(value.substr(1)) || between(value, "::")) return true;
      break;
    case '_':
      if (value.size() > 4 && wrapped_in(value, "__", "__")) return true;
      break;
    default:
      break;
  }
  const bool plain =
      std::all_of(value.begin(), value.end(), [](char c) { return is_alnum(c) || c == '_' || c == '-'; });
  if (plain) return false;
  if (begins_with_any(value, kReferencePrefixes)) return !value.starts_with("vault:v1:");
  if (holds_pair(value, "${", "}") || holds_pair(value, "$(", ")") || holds_pair(value, "{{", "}}") ||
      holds_pair(value, "<%", "%>") || holds_pair(value, "#{", "}")) {
    return true;
  }
  return holds(value, ".vault.azure.net/secrets/") || (value.starts_with("projects/") && holds(value, "/secrets/"));
}

bool holds_format(std::string_view value) {
  for (std::size_t i = 0; i + 1 < value.size(); ++i) {
    if (value[i] == '{') {
      std::size_t end = i + 1;
      while (end < value.size() && (is_identifier(value[end]) || is(value[end], kJoint) || value[end] == '!')) ++end;
      // Empty braces stand for a value in text; beside digits chance is likelier.
      if (end < value.size() && value[end] == '}' && (end > i + 1 || shape_of(value).digits == 0)) return true;
    }
    if (value[i] != '%') continue;
    const char next = value[i + 1];
    if ((next == '(' || next == '{') && value.find(next == '(' ? ")s" : "}", i + 2) != std::string_view::npos)
      return true;
    const bool verb = next == 's' || next == 'd' || next == 'v' || next == 'q';
    if (verb && (i + 2 == value.size() || !is_alnum(value[i + 2]))) return true;
  }
  return false;
}

namespace {

// UPPER_CASE_WITH_NUMBERS2: a constant. Random text of capitals and digits has no underscores.
bool is_constant(std::string_view value, const Shape& shape) {
  if (shape.lowers != 0 || shape.uppers < 4 || !is_name(value)) return false;
  const auto marks = static_cast<std::size_t>(std::count(value.begin(), value.end(), '_'));
  return marks != 0 && shape.digits * 3 <= shape.uppers && marks * 16 >= value.size();
}

// `a == b`, `p->b`, `a = b = …`: what stands around a name says that it is one.
bool is_operand(std::string_view value, const Place& place) {
  if (!is_name_path(value)) return false;
  std::string_view before = place.before;
  if (before.ends_with("->")) return true;
  while (!before.empty() && (before.back() == ' ' || before.back() == '!')) before.remove_suffix(1);
  if (before.ends_with("==") || before.ends_with("!=")) return true;
  std::string_view behind = place.behind;
  while (!behind.empty() && behind.front() == ' ') behind.remove_prefix(1);
  return behind.starts_with("= ") || behind.starts_with("== ") || behind.starts_with("+ ") || behind.starts_with("?");
}

// "name=value", "some.property=value", "some.property:value": an assignment of its own.
bool is_assignment(std::string_view value, const Shape& shape) {
  const std::size_t mark = value.find_first_of("=:");
  if (mark == std::string_view::npos || mark < 3 || mark + 1 >= value.size() || value[mark + 1] == '=') return false;
  const std::string_view name = value.substr(0, mark);
  if (!is_name_path(name)) return false;
  const bool property = name.find('.') != std::string_view::npos && is_wordy(name, shape_of(name));
  return property || (value[mark] == '=' && mark + 3 < value.size() && shape.digits == 0);
}

// "/$name", "-$name-": a variable between marks.
bool holds_variable(std::string_view value) {
  for (std::size_t at = value.find('$'); at != std::string_view::npos; at = value.find('$', at + 1)) {
    if (at != 0 && is_alnum(value[at - 1])) continue;
    std::size_t end = at + 1;
    while (end < value.size() && (is(value[end], kLower) || value[end] == '_')) ++end;
    if (end - at > 3 && (end == value.size() || !is_alnum(value[end]))) return true;
  }
  return false;
}

// "name -f x": the value is a command line.
bool is_command(std::string_view value) {
  const std::size_t flag = value.find(" -");
  if (flag == std::string_view::npos || flag == 0 || flag + 2 >= value.size()) return false;
  return is_letter(value[flag + 2]) && is_name_path(value.substr(0, flag));
}

bool is_keyword(std::string_view value) {
  constexpr std::string_view kKeywords[] = {
      "await", "async", "new",  "bool", "void",   "throw", "function", "return", "typeof", "int",   "long",   "byte[]",
      "const", "let",   "self", "this", "lambda", "func",  "float",    "object", "static", "final", "struct", "class"};
  return std::find(std::begin(kKeywords), std::end(kKeywords), value) != std::end(kKeywords);
}

// `x = name;`, `f(a, name)`, `pass: the text goes on`, `CODE = 1234 -> …`: what is behind shows that it is no string.
bool is_statement(std::string_view value, const Shape& shape, const Place& place) {
  std::string_view behind = place.behind;
  if (behind.empty() || place.before.empty() || place.before.back() != ' ') return false;
  const char next = behind.front();
  const bool closed = next == ';' || next == ',' || next == ')';
  while (!behind.empty() && behind.front() == ' ') behind.remove_prefix(1);
  if (behind.empty()) return false;
  if (shape.digits == shape.size)
    return closed || std::string_view("#\\<&\"'").find(behind.front()) == std::string_view::npos;
  constexpr std::size_t kLongestName = 24;
  if (shape.digits != 0 || value.size() > kLongestName || !is_name(value)) return false;
  return closed || (next == ' ' && is_letter(behind.front()));
}

}  // namespace

bool is_code(std::string_view value, const Shape& shape, const Place& place) {
  value = trimmed(value);
  if (value.empty()) return true;
  if (is_assignment(value, shape)) return true;
  if (place.quoted && shape.symbols() == 0) return is_constant(value, shape) || is_command(value);
  if (is_constant(value, shape) || holds_format(value) || holds_variable(value) || is_command(value)) return true;
  // "a" + b + "c": what stands between two strings looks quoted.
  if (value.size() > 2 && value.front() == '+' && value.back() == '+') return true;
  const std::size_t call = value.find_first_of("([");
  // A call or a subscript: name(…, name[…. In quotes only when it is whole.
  if (call != std::string_view::npos && call > 0 && is_name_path(value.substr(0, call))) {
    if (!place.quoted) return true;
    const bool whole = value.back() == ')' || value.back() == ']';
    if (whole && is_wordy(value.substr(0, call), shape_of(value.substr(0, call)))) return true;
  }
  if (place.quoted) return false;
  const char next = place.behind.empty() ? '\0' : place.behind.front();
  if ((next == '(' || next == '[' || next == '{') && is_name_path(value)) return true;
  if (is_operand(value, place)) return true;
  if (is_keyword(value) || is_statement(value, shape, place)) return true;
  switch (value.front()) {
    case '&':
    case '*':
    case '[':
    case '{':
    case '(':
    case ')':
    case '|':
    case '=':
    case '<':
    case '>':
      return true;
    case '!':
      if (shape.digits == 0 && is_name_path(value.substr(std::min(value.find_first_not_of('!'), value.size()))))
        return true;
      break;
    default:
      break;
  }
  if (value.back() == '(' || value.back() == '{' || value.back() == '[') return true;
  // The end of a call whose begin is not part of the value: name), name}).
  std::string_view inner = value;
  while (!inner.empty() && (inner.back() == ')' || inner.back() == '}' || inner.back() == ']')) inner.remove_suffix(1);
  constexpr std::size_t kLongestName = 24;
  if (inner.size() < value.size() && inner.size() <= kLongestName && is_name_path(inner)) return true;
  if (value.starts_with("0x") && value.size() <= 18) return true;
  if (value.back() == '*' || value.ends_with("[]")) return true;
  if (is_name_path(value) && shape.digits == 0) {
    constexpr std::size_t kLongestPath = 48;
    const bool closed = next == ';' || next == ',' || next == ')';
    if (closed && value.size() <= kLongestPath && value.find('.') != std::string_view::npos) return true;
    return holds(value, "->") || holds(value, "::") || is_wordy(value, shape);
  }
  // folder/file, in small letters alone.
  if (shape.lowers + shape.joints == shape.size && value.find('/') != std::string_view::npos) return true;
  return value.find_first_of("()[]{}") != std::string_view::npos && is_wordy(value, shape);
}

Drop wrapped(std::string_view value) {
  if (begins_with_any(value, kEncryptedPrefixes)) return Drop::encrypted;
  // Sealed secrets and Google's KMS: base64 of a length that chance excludes.
  if (value.size() > 700 && value.starts_with("Ag")) return Drop::encrypted;
  if (value.size() > 80 && (value.starts_with("CiQA") || value.starts_with("CiUA"))) return Drop::encrypted;
  const bool bcrypt = holds(value, "$2a$") || holds(value, "$2b$") || holds(value, "$2y$");
  return bcrypt || begins_with_any(value, kDigestPrefixes) ? Drop::digest : Drop::none;
}

bool behind_digest_label(std::string_view before) {
  return std::any_of(std::begin(kDigestLabels), std::end(kDigestLabels),
                     [&](std::string_view label) { return before.ends_with(label); });
}

bool is_public_value(std::string_view value) {
  if (begins_with_any(value, kPublicPrefixes)) return true;
  if (value.ends_with(".apps.googleusercontent.com")) return true;
  if (!value.starts_with("M")) return false;
  // DER: an RSA public key names its algorithm right behind the outer header, a certificate nests two long sequences.
  const std::string_view head = value.substr(0, 40);
  if (holds(head, "ANBgkqhkiG9w0BAQEFAAO") || holds(head, "MA0GCSqGSIb3DQEBAQUAA4") ||
      holds(head, "wDQYJKoZIhvcNAQEBBQAD")) {
    return true;
  }
  return value.size() > 200 && value.starts_with("MII") && value.substr(6, 2) == "CC";
}

bool is_uuid(std::string_view value) {
  if (value.size() != 36) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? value[i] != '-' : !is(value[i], kHex)) return false;
  }
  return true;
}

bool is_other_form(std::string_view value, const Shape& shape) {
  if (shape.highs * 10 > shape.size * 3) return true;
  // Most values are letters and digits only; what follows needs something else.
  if (begins_with_any(value, kFilePrefixes)) return true;
  if (shape.letters() + shape.digits == shape.size) return false;
  return is_numbers(value, shape) || is_mail(value) || is_plain_url(value) || is_path(value, shape) ||
         is_markup(value) || is_regex(value);
}

}  // namespace keytrail::engine
