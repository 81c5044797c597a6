#include "scanner/engine/marks.h"

#include <algorithm>
#include <array>
#include <bit>

#include "scanner/engine/mark_bits.h"

namespace keytrail::engine {
namespace {

constexpr std::uint32_t kMaxGap = 56;     // from a closing quote to the next opening one
constexpr std::uint32_t kMinJoined = 16;  // characters of the token that a join makes
constexpr std::uint32_t kMaxEntity = 10;  // "&#x0000022;" and longer ones are not written
static_assert(kMarkBehind >= kMaxGap + 2 + kMinJoined && kMarkBehind >= kMinHexRun + 3);
static_assert(kMarkBefore >= kMinJoined + 1);

constexpr std::array<bool, 256> kToken = [] {
  std::array<bool, 256> is{};
  for (std::size_t c = 0; c < 256; ++c) is[c] = kBase64[c] >= 0;
  for (const char c : {'=', '.', ':', '@', '~', '!', '#', '$', '*', '^'}) is[static_cast<std::uint8_t>(c)] = true;
  return is;
}();

bool is_token(char c) { return kToken[static_cast<std::uint8_t>(c)]; }

bool is_hex_text(std::string_view text, std::uint64_t at) {
  if (at + kMinHexRun > text.size()) return false;
  for (std::uint64_t i = at; i < at + kMinHexRun; i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0 || !is_text_byte(static_cast<std::uint32_t>(high * 16 + low))) return false;
  }
  return true;
}

// Whether kMinRun characters decode to text, of ASCII or of UTF-16. Of other runs three in four fail at their first
// byte.
bool is_base64_text(std::string_view text, std::uint64_t at, bool utf16) {
  if (at + kMinRun > text.size()) return false;
  unsigned count = 0;
  for (std::uint64_t i = at; i < at + kMinRun; i += 4) {
    std::uint32_t bits = 0;
    for (std::uint64_t k = i; k < i + 4; ++k) {
      const int value = base64_value(text[k]);
      if (value < 0) return false;
      bits = bits << 6 | static_cast<std::uint32_t>(value);
    }
    for (const unsigned shift : {16U, 8U, 0U}) {
      const std::uint32_t byte = bits >> shift & 0xFFU;
      const bool high = utf16 && count++ % 2 == 1;
      if (high ? byte != 0 : !is_text_byte(byte)) return false;
    }
  }
  return true;
}

void check_run(std::string_view text, std::uint64_t at, std::vector<Mark>& out) {
  Mark mark{static_cast<std::uint32_t>(at), 0, MarkKind::base64};
  const std::uint64_t begin = run_begin(text, mark);
  if (is_base64_text(text, begin, false)) {
    out.push_back(mark);
  } else if (is_base64_text(text, begin, true)) {
    mark.kind = MarkKind::base64_utf16;
    out.push_back(mark);
  } else {
    mark.kind = MarkKind::hex;
    if (is_hex_text(text, run_begin(text, mark))) out.push_back(mark);
  }
}

// The number in hexadecimal digits at `at`; -1 when there are not that many.
int hex_number(std::string_view text, std::uint64_t at, std::uint64_t digits) {
  if (at + digits > text.size()) return -1;
  int number = 0;
  for (std::uint64_t i = at; i < at + digits; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}

struct Entity {
  std::uint16_t size = 0;  // 0: none
  std::uint32_t point = 0;
};

// "&quot;", "&#34;", "&#x22;".
Entity entity_at(std::string_view text, std::uint64_t at) {
  const std::string_view rest = text.substr(at, kMaxEntity);
  const std::size_t end = rest.find(';');
  if (end == std::string_view::npos || end < 3) return {};
  const std::string_view name = rest.substr(1, end - 1);
  const auto size = static_cast<std::uint16_t>(end + 1);
  constexpr std::array<std::pair<std::string_view, char>, 6> kNamed{
      {{"quot", '"'}, {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"apos", '\''}, {"nbsp", ' '}}};
  for (const auto& [known, c] : kNamed) {
    if (name == known) return {size, static_cast<std::uint32_t>(c)};
  }
  if (name[0] != '#') return {};
  const bool hex = name.size() > 2 && (name[1] == 'x' || name[1] == 'X');
  std::uint32_t point = 0;
  for (const char c : name.substr(hex ? 2 : 1)) {
    const int digit = hex_value(c);
    if (digit < 0 || (!hex && digit > 9)) return {};
    point = point * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
  }
  return is_text_byte(point) ? Entity{size, point} : Entity{};
}

std::uint64_t skip_space(std::string_view text, std::uint64_t at, std::uint64_t limit) {
  while (at < limit) {
    const char c = text[at];
    const bool goes_on = c == '\\' && at + 1 < limit && (text[at + 1] == '\n' || text[at + 1] == '\r');
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && !goes_on) break;
    ++at;
  }
  return at;
}

// Whether the tokens that end before `left` and begin at `right` are long enough together to be a secret.
bool makes_token(std::string_view text, std::uint64_t left, std::uint64_t right) {
  if (left == 0 || right >= text.size() || !is_token(text[left - 1]) || !is_token(text[right])) return false;
  std::uint64_t size = 0;
  while (size < kMinJoined && left > size && is_token(text[left - 1 - size])) ++size;
  for (std::uint64_t at = right; size < kMinJoined && at < text.size() && is_token(text[at]); ++at) ++size;
  return size >= kMinJoined;
}

// From a closing quote over an operator, or none, to behind the next opening quote; 0: nothing is put together here.
std::uint16_t join_at(std::string_view text, std::uint64_t at) {
  if (at == 0 || base64_value(text[at - 1]) < 0 || at + 1 >= text.size() || !is_gap(text[at + 1])) return 0;
  const std::uint64_t limit = std::min<std::uint64_t>(text.size(), at + kMaxGap);
  std::uint64_t next = skip_space(text, at + 1, limit);
  for (const std::string_view sign : {"+", "..", "."}) {
    if (text.substr(next, sign.size()) != sign) continue;
    next = skip_space(text, next + sign.size(), limit);
    break;
  }
  if (next == at + 1 || next + 1 >= limit) return 0;
  const auto is_quote = [&](std::uint64_t place) { return text[place] == '"' || text[place] == '\''; };
  // b"…", f'…', L"…", @"…"
  if (!is_quote(next) && std::string_view("bBfFrRuUL@").find(text[next]) != std::string_view::npos) ++next;
  if (next >= limit || !is_quote(next) || !makes_token(text, at, next + 1)) return 0;
  return static_cast<std::uint16_t>(next + 1 - at);
}

// A backslash at the end of a line.
std::uint16_t continuation_at(std::string_view text, std::uint64_t at) {
  if (at == 0 || base64_value(text[at - 1]) < 0) return 0;
  std::uint64_t next = at + 1;
  if (next < text.size() && text[next] == '\r') ++next;
  if (next >= text.size() || text[next] != '\n') return 0;
  const std::uint64_t limit = std::min<std::uint64_t>(text.size(), at + kMaxGap);
  for (++next; next < limit && (text[next] == ' ' || text[next] == '\t');) ++next;
  return makes_token(text, at, next) ? static_cast<std::uint16_t>(next - at) : std::uint16_t{0};
}

void check_backslash(std::string_view text, std::uint64_t at, std::vector<Mark>& out) {
  if (at + 1 >= text.size() || (at > 0 && text[at - 1] == '\\')) return;
  const auto place = static_cast<std::uint32_t>(at);
  const auto is_text = [](int value) { return value >= 0 && is_text_byte(static_cast<std::uint32_t>(value)); };
  switch (text[at + 1]) {
    case 'u':
      if (is_text(hex_number(text, at + 2, 4))) out.push_back({place, 6, MarkKind::escape});
      return;
    case 'x':
      if (is_text(hex_number(text, at + 2, 2))) out.push_back({place, 4, MarkKind::escape});
      return;
    case '/':
      if (makes_token(text, at, at + 2)) out.push_back({place, 2, MarkKind::escape});
      return;
    case '\r':
    case '\n':
      if (const std::uint16_t size = continuation_at(text, at)) out.push_back({place, size, MarkKind::join});
      return;
    default:
      return;
  }
}

void check_special(std::string_view text, std::uint64_t at, std::vector<Mark>& out) {
  const auto place = static_cast<std::uint32_t>(at);
  switch (text[at]) {
    case '%': {
      const int value = hex_number(text, at + 1, 2);
      const bool doubled = at > 0 && text[at - 1] == '%';
      if (!doubled && value >= 0 && is_text_byte(static_cast<std::uint32_t>(value)))
        out.push_back({place, 3, MarkKind::percent});
      return;
    }
    case '&':
      if (const Entity entity = entity_at(text, at); entity.size != 0)
        out.push_back({place, entity.size, MarkKind::html});
      return;
    case '\\':
      check_backslash(text, at, out);
      return;
    default:
      if (const std::uint16_t size = join_at(text, at)) out.push_back({place, size, MarkKind::join});
  }
}

}  // namespace

int base64_value(char c) { return kBase64[static_cast<std::uint8_t>(c)]; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_text_byte(std::uint32_t byte) {
  return (byte >= 0x20 && byte < 0x7F) || byte == '\n' || byte == '\t' || byte == '\r';
}

std::uint64_t run_begin(std::string_view text, const Mark& mark) {
  std::uint64_t at = mark.at;
  if (at > 0 && text[at - 1] == '\\' && (text[at] == 'n' || text[at] == 'r' || text[at] == 't')) ++at;
  const bool has_sign = mark.kind == MarkKind::hex && text.substr(at, 1) == "0" && text.size() > at + 1 &&
                        (text[at + 1] == 'x' || text[at + 1] == 'X');
  return has_sign ? at + 2 : at;
}

char escaped_character(std::string_view text, const Mark& mark) {
  switch (mark.kind) {
    case MarkKind::percent:
      return static_cast<char>(hex_number(text, mark.at + 1, 2));
    case MarkKind::html:
      return static_cast<char>(entity_at(text, mark.at).point);
    case MarkKind::escape:
      return mark.size == 2 ? '/' : static_cast<char>(hex_number(text, mark.at + 2, mark.size - 2U));
    default:
      return ' ';
  }
}

void find_marks(std::string_view text, core::Span region, std::vector<Mark>& out) {
  MarkBits batch[kMarkBatch];
  std::size_t blocks = 0;
  for (std::uint64_t begin = region.begin; begin < region.end; begin += blocks * kMarkBlock) {
    blocks = std::min<std::uint64_t>(kMarkBatch, (region.end - begin + kMarkBlock - 1) / kMarkBlock);
    find_mark_bits(text, begin, blocks, batch);
    for (std::size_t i = 0; i < blocks; ++i) {
      const std::uint64_t at = begin + i * kMarkBlock;
      std::uint64_t places = batch[i].runs | batch[i].others;
      if (region.end - at < kMarkBlock) places &= (std::uint64_t{1} << (region.end - at)) - 1;
      for (; places != 0; places &= places - 1) {
        const auto bit = static_cast<unsigned>(std::countr_zero(places));
        if ((batch[i].runs >> bit & 1U) != 0) {
          check_run(text, at + bit, out);
        } else {
          check_special(text, at + bit, out);
        }
      }
    }
  }
}

}  // namespace keytrail::engine
