#include "scanner/engine/decoded_text.h"

#include <algorithm>
#include <array>

namespace keytrail::engine {
namespace {

constexpr std::uint32_t kMinText = 16;  // decoded bytes
constexpr std::uint32_t kMinWrap = 40;  // characters of a line of a wrapped run, which are a multiple of four
constexpr std::uint32_t kMaxWrap = 128;
constexpr std::uint32_t kMaxIndent = 32;

std::uint64_t line_begin(std::string_view text, std::uint64_t at, std::uint64_t reach) {
  const std::uint64_t from = at > reach ? at - reach : 0;
  const std::size_t end = text.substr(from, at - from).rfind('\n');
  return end == std::string_view::npos ? from : from + end + 1;
}

std::uint64_t line_end(std::string_view text, std::uint64_t at, std::uint64_t reach) {
  const std::string_view rest = text.substr(at, reach);
  const std::size_t end = rest.find('\n');
  return end == std::string_view::npos ? at + rest.size() : at + end;
}

bool is_wrapped(std::uint64_t size) { return size >= kMinWrap && size <= kMaxWrap && size % 4 == 0; }

// Where the run that stopped at `at` goes on in the next line; 0: it does not.
std::uint64_t next_line(std::string_view text, std::uint64_t at, std::uint64_t size) {
  if (!is_wrapped(size)) return 0;
  if (at < text.size() && text[at] == '\r') ++at;
  if (at >= text.size() || text[at] != '\n') return 0;
  const std::uint64_t limit = std::min<std::uint64_t>(text.size(), ++at + kMaxIndent);
  while (at < limit && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at < text.size() && base64_value(text[at]) >= 0 ? at : 0;
}

// Whether the run at `at` goes on from the line before: next_line() backwards.
bool is_next_line(std::string_view text, std::uint64_t at) {
  const std::uint64_t limit = at > kMaxIndent ? at - kMaxIndent : 0;
  while (at > limit && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
  if (at == 0 || text[at - 1] != '\n') return false;
  --at;
  if (at > 0 && text[at - 1] == '\r') --at;
  const std::uint64_t end = at;
  while (at > 0 && end - at <= kMaxWrap && base64_value(text[at - 1]) >= 0) --at;
  return is_wrapped(end - at);
}

// Pictures and fonts in a page. What they hold is text now and then (SVG), and never a secret.
bool is_media(std::string_view before) {
  const std::size_t scheme = before.rfind("data:");
  if (scheme == std::string_view::npos || before.size() - scheme > 64) return false;
  const std::string_view type = before.substr(scheme + 5);
  for (const std::string_view media :
       {"image/", "font/", "audio/", "video/", "application/font", "application/x-font"}) {
    if (type.substr(0, media.size()) == media) return true;
  }
  return false;
}

// Bytes that come one by one, until one is no text.
class Sink {
 public:
  Sink(DecodedText& out, bool utf16) : out_(out), utf16_(utf16) {}

  bool add(std::uint32_t byte, std::uint64_t begin, std::uint64_t end) {
    if (!utf16_) {
      if (!is_text_byte(byte) && byte < 0x80) return false;
      out_.add(static_cast<char>(byte), begin, end);
      return true;
    }
    if (!has_low_) {
      has_low_ = true;
      low_ = byte;
      begin_ = begin;
      return true;
    }
    has_low_ = false;
    if (byte == 0 && !is_text_byte(low_)) return false;
    out_.add(byte == 0 ? static_cast<char>(low_) : '?', begin_, end);
    return true;
  }

 private:
  DecodedText& out_;
  bool utf16_;
  bool has_low_ = false;
  std::uint32_t low_ = 0;
  std::uint64_t begin_ = 0;
};

struct End {
  std::uint64_t at = 0;
  bool by_itself = false;  // not at a byte that is no text, nor at the limit
};

// A byte begins in the character that holds its first bit and ends behind the one that holds its last.
End decode_base64(std::string_view text, std::uint64_t at, std::uint64_t limit, Sink& sink, bool& url_safe) {
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::uint64_t first = at;  // the character in which the next byte begins
  std::uint64_t line = at;
  while (at < limit) {
    const int value = base64_value(text[at]);
    if (value < 0) {
      const std::uint64_t next = next_line(text, at, at - line);
      if (next == 0) {
        for (int pads = 0; pads < 2 && at < limit && text[at] == '='; ++pads) ++at;
        return {at, true};
      }
      at = line = next;
      continue;
    }
    url_safe = url_safe || text[at] == '-' || text[at] == '_';
    if (held == 0) first = at;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      if (!sink.add(bits >> held & 0xFFU, first, at + 1)) return {at, false};
      first = at;
    }
    ++at;
  }
  return {limit, limit == text.size()};
}

End decode_hex(std::string_view text, std::uint64_t at, std::uint64_t limit, Sink& sink) {
  for (; at + 1 < limit; at += 2) {
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return {at, high < 0};
    if (!sink.add(static_cast<std::uint32_t>(high * 16 + low), at, at + 2)) return {at, false};
  }
  return {limit, limit == text.size()};
}

constexpr std::array<std::string_view, 7> kNames{"base64", "base64-utf16", "hex",          "percent",
                                                 "html",   "escapes",      "concatenation"};

}  // namespace

void DecodedText::clear() {
  text.clear();
  places.clear();
  encodings.clear();
  url_safe = is_chain = is_cut = false;
}

void DecodedText::add_plain(std::string_view from, std::uint64_t begin, std::uint64_t end) {
  text.append(from.substr(begin, end - begin));
  for (std::uint64_t at = begin; at < end; ++at) {
    places.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + 1)});
  }
}

bool DecodedText::is_changed(core::Span span) const {
  for (std::uint64_t at = span.begin; at < span.end; ++at) {
    if (places[at].end - places[at].begin != 1) return true;
    if (at > span.begin && places[at - 1].end != places[at].begin) return true;
  }
  return false;
}

void DecodedText::move_to_source_of(const DecodedText& outer) {
  for (Place& place : places) place = {outer.places[place.begin].begin, outer.places[place.end - 1].end};
  encodings.insert(encodings.begin(), outer.encodings.begin(), outer.encodings.end());
  unit = outer.unit;
  is_chain = outer.is_chain;
}

std::string DecodedText::encoding() const {
  std::string all;
  for (std::size_t level = 0; level < encodings.size(); ++level) {
    if (level > 0) all += ", ";
    std::string names;
    for (std::size_t kind = 0; kind < kNames.size(); ++kind) {
      if ((encodings[level] >> kind & 1U) == 0) continue;
      if (!names.empty()) names += '+';
      names += kNames[kind];
    }
    if (url_safe && level + 1 == encodings.size()) names += "url";
    all += names;
  }
  return all;
}

bool decode_run(std::string_view text, Mark& mark, DecodedText& out) {
  out.clear();
  mark.size = static_cast<std::uint16_t>(mark.kind == MarkKind::hex ? kMinHexRun : kMinRun);
  const std::uint64_t begin = run_begin(text, mark);
  const std::uint64_t line = line_begin(text, mark.at, kLinePrefix);
  if (is_next_line(text, mark.at) || is_media(text.substr(line, begin - line))) return false;
  out.add_plain(text, line, begin);
  const std::size_t prefix = out.text.size();
  const std::uint64_t limit = std::min<std::uint64_t>(text.size(), mark.at + kMaxUnit);
  Sink sink(out, mark.kind == MarkKind::base64_utf16);
  bool url_safe = false;
  const End end = mark.kind == MarkKind::hex ? decode_hex(text, begin, limit, sink)
                                             : decode_base64(text, begin, limit, sink, url_safe);
  mark.size = static_cast<std::uint16_t>(end.at - mark.at);
  const std::size_t decoded = out.text.size() - prefix;
  if (decoded < (mark.kind == MarkKind::base64_utf16 ? kMinText / 2 : kMinText)) return false;
  if (end.by_itself) out.add_plain(text, end.at, line_end(text, end.at, kRunSuffix));
  out.encodings.assign(1, 1U << static_cast<unsigned>(mark.kind));
  out.url_safe = url_safe && mark.kind == MarkKind::base64;
  out.is_cut = end.at == limit && limit < text.size();
  out.unit = {mark.at, end.at};
  return true;
}

core::Span escape_context(std::string_view text, const Mark& mark) {
  const std::uint64_t end = std::uint64_t{mark.at} + mark.size;
  return {line_begin(text, mark.at, kEscapeContext), line_end(text, end, kEscapeContext)};
}

void decode_escapes(std::string_view text, core::Span unit, const Mark* first, const Mark* last, DecodedText& out) {
  out.clear();
  out.unit = unit;
  out.is_chain = true;
  std::uint32_t kinds = 0;
  std::uint64_t at = unit.begin;
  for (const Mark* mark = first; mark != last; ++mark) {
    if (mark->at < at || std::uint64_t{mark->at} + mark->size > unit.end) continue;  // inside of another one, or cut
    out.add_plain(text, at, mark->at);
    at = std::uint64_t{mark->at} + mark->size;
    if (mark->kind != MarkKind::join) out.add(escaped_character(text, *mark), mark->at, at);
    kinds |= 1U << static_cast<unsigned>(mark->kind);
  }
  out.add_plain(text, at, unit.end);
  out.encodings.assign(1, kinds);
}

std::string decode_value(std::string_view value, bool& sure) {
  sure = false;
  if (value.size() < 8 || value.size() % 4 != 0) return {};
  const std::size_t end = value.find_last_not_of('=') + 1;
  if (end + 2 < value.size()) return {};
  std::string plain;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : value.substr(0, end)) {
    const int number = base64_value(c);
    if (number < 0 || c == '-' || c == '_') return {};
    bits = bits << 6 | static_cast<std::uint32_t>(number);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    plain += static_cast<char>(bits >> held & 0xFFU);
  }
  // What is left of the last character is zero, or nobody encoded this.
  if ((bits & ((1U << held) - 1)) != 0) return {};
  while (!plain.empty() && (plain.back() == '\n' || plain.back() == '\r')) plain.pop_back();
  const auto is_word = [](char c) {
    return c > ' ' && c < 0x7F && std::string_view("\"'`\\").find(c) == std::string_view::npos;
  };
  if (plain.size() < 5 || !std::all_of(plain.begin(), plain.end(), is_word)) return {};
  sure = end < value.size() || value.size() >= 12;
  return plain;
}

}  // namespace keytrail::engine
