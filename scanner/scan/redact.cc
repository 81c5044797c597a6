#include "scanner/scan/redact.h"

#include <algorithm>
#include <utility>

#include "scanner/base/text.h"
#include "scanner/core/masked.h"
#include "scanner/scan/allow_comment.h"
#include "scanner/scan/collect.h"

namespace keytrail::scan {
namespace {

// Endless text has no end of secrets: those behind so many have no number of their own.
constexpr std::size_t kMaxNumbers = 100'000;

// So much has to be there before the encoding of a text is told by it.
constexpr std::size_t kMinHead = 2;
constexpr std::size_t kMinBinaryHead = 64;

// What is masked may let something else be found within so many bytes: that is looked for, so often.
constexpr std::uint64_t kAround = 4096;
constexpr int kMaxRounds = 64;

// Lines that an encoder has wrapped are of one length, hardly under this.
constexpr std::size_t kWrappedLine = 60;

bool is_base64(char c) { return is_alnum(c) || std::string_view("+/-_=").find(c) != std::string_view::npos; }

// The last line of `text`, which ends with a line end or is empty.
std::string_view last_line(std::string_view text) {
  if (text.empty()) return text;
  const std::size_t before = text.substr(0, text.size() - 1).rfind('\n');
  return before == std::string_view::npos ? text : text.substr(before + 1);
}

// Where the lines of a wrapped encoding begin with which `text`, whole lines, ends; else its size.
std::size_t begin_of_wrapped(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t width = 0;
  std::size_t lines = 0;
  while (text.size() - begin < ruleset::kBlockBytes) {
    const std::string_view line = last_line(text.substr(0, begin));
    std::string_view word = line.substr(0, line.find_last_not_of("\r\n") + 1);
    if (word.size() < kWrappedLine || (width != 0 && word.size() != width)) break;
    if (!std::all_of(word.begin(), word.end(), is_base64)) break;
    width = word.size();
    begin -= line.size();
    ++lines;
  }
  return lines > 1 ? begin : text.size();
}

// Where a private key begins that has not ended in `text`; else npos.
std::size_t begin_of_open_key(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kPutty = "PuTTY-User-Key-File-";
  constexpr std::size_t kLongestHeader = 64;
  const std::size_t key = text.rfind(kBegin);
  if (key != std::string_view::npos && text.find("-----END ", key) == std::string_view::npos &&
      text.substr(key, kLongestHeader).find("PRIVATE KEY") != std::string_view::npos) {
    return key;
  }
  const std::size_t putty = text.rfind(kPutty);
  const bool open = putty != std::string_view::npos && text.find("Private-MAC:", putty) == std::string_view::npos;
  return open ? putty : std::string_view::npos;
}

}  // namespace

Result<Redactor> Redactor::make(const engine::Engine& engine, const RedactOptions& options) {
  auto scratch = engine.make_scratch();
  if (!scratch) return scratch.error();
  return Redactor(engine, options, std::move(*scratch));
}

Redactor::Redactor(const engine::Engine& engine, const RedactOptions& options, engine::Scratch scratch)
    : engine_(&engine),
      options_(options),
      scratch_(std::move(scratch)),
      reach_(2 * (std::size_t{engine.max_window()} + kCommentReach)),
      capacity_(std::max(options.window_bytes, 4 * reach_)) {}

void Redactor::begin(std::string path) { path_ = std::move(path); }

bool Redactor::is_utf16() const {
  return encoding_ == engine::Encoding::utf16_little || encoding_ == engine::Encoding::utf16_big;
}

// Bytes of UTF-16 that `utf8`, made of it, was made of.
std::size_t Redactor::raw_size(std::string_view utf8) const {
  if (!is_utf16()) return utf8.size();
  std::size_t size = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0xC0U) != 0x80U) size += byte >= 0xF0U ? 4 : 2;
  }
  return size;
}

// Moves what came of `raw_` into the window; a high surrogate waits for its other half.
void Redactor::take_in(std::string_view bytes) {
  if (!is_utf16()) {
    window_.append(bytes);
    return;
  }
  raw_.append(bytes);
  const bool big = encoding_ == engine::Encoding::utf16_big;
  const auto unit_at = [&](std::size_t at) {
    const auto first = static_cast<std::uint8_t>(raw_[at]);
    const auto second = static_cast<std::uint8_t>(raw_[at + 1]);
    return static_cast<unsigned>(big ? first << 8U | second : second << 8U | first);
  };
  std::size_t end = raw_taken_ + ((raw_.size() - raw_taken_) & ~std::size_t{1});
  if (end > raw_taken_ && (unit_at(end - 2) & 0xFC00U) == 0xD800U) end -= 2;
  std::size_t at = raw_taken_;
  // A byte order mark is dropped at the begin of what is converted: that one is put in by hand.
  while (at < end && unit_at(at) == 0xFEFFU) {
    window_ += "\xEF\xBB\xBF";
    at += 2;
  }
  engine::append_utf8(std::string_view(raw_).substr(at, end - at), big, window_);
  raw_taken_ = end;
}

Status Redactor::scan(std::string_view text, std::vector<core::Match>& out) {
  out.clear();
  const std::uint64_t cut = scratch_.counts().cut;
  const std::uint64_t undecoded = scratch_.counts().undecoded;
  if (Status scanned = engine_->scan(text, scratch_, out); !scanned) return scanned;
  if (scratch_.counts().cut > cut) {
    return make_error(ErrorCode::limit_exceeded,
                      "here is more that looks like secrets than can be judged; the rest is not passed on");
  }
  if (scratch_.counts().undecoded > undecoded) ++counts_.undecoded;
  std::erase_if(out, [&](const core::Match& match) {
    return match.confidence < options_.min_confidence || !rule_wants(engine_->rules().rules()[match.rule], path_);
  });
  return {};
}

Status Redactor::scan_window() {
  if (Status scanned = scan(window_, matches_); !scanned) return scanned;
  return matches_.empty() ? Status() : scan_again();
}

// Appends what is found in `region` of the window once matches_ are masked there, but for what is near its borders.
Status Redactor::scan_around(core::Span region, std::vector<core::Match>& found) {
  region_.assign(window_, region.begin, region.size());
  const auto ends_before = [](const core::Match& match, std::uint64_t at) { return match.secret.end <= at; };
  auto known = std::lower_bound(matches_.begin(), matches_.end(), region.begin, ends_before);
  for (; known != matches_.end() && known->secret.begin < region.end; ++known) {
    const std::uint64_t begin = std::max(known->secret.begin, region.begin) - region.begin;
    const std::uint64_t end = std::min(known->secret.end, region.end) - region.begin;
    std::fill(region_.begin() + static_cast<std::ptrdiff_t>(begin), region_.begin() + static_cast<std::ptrdiff_t>(end),
              '*');
  }
  std::vector<core::Match> here;
  if (Status scanned = scan(region_, here); !scanned) return scanned;
  for (core::Match& match : here) {
    const bool cut_left = region.begin > 0 && match.span.begin < kAround / 2;
    const bool cut_right = region.end < window_.size() && match.span.end + kAround / 2 > region_.size();
    if (cut_left || cut_right) continue;
    for (core::Span* span : {&match.span, &match.secret}) {
      span->begin += region.begin;
      span->end += region.begin;
    }
    found.push_back(std::move(match));
  }
  return {};
}

// Looks again around what is masked, until there is nothing new: around that, each time.
Status Redactor::scan_again() {
  std::vector<core::Match> fresh = matches_;
  for (int round = 0; round < kMaxRounds && !fresh.empty(); ++round) {
    std::vector<core::Match> found;
    for (std::size_t i = 0; i < fresh.size();) {
      core::Span region = fresh[i].secret;
      const std::uint64_t first = region.begin;
      for (; i < fresh.size() && fresh[i].secret.begin < region.end + 2 * kAround; ++i) {
        region.end = std::max(region.end, fresh[i].secret.end);
      }
      region = {first - std::min(first, kAround), std::min<std::uint64_t>(region.end + kAround, window_.size())};
      if (Status scanned = scan_around(region, found); !scanned) return scanned;
    }
    // What holds stars was found because of them.
    std::erase_if(found, [&](const core::Match& match) {
      const auto ends_before = [](const core::Match& known, std::uint64_t at) { return known.secret.end <= at; };
      const auto known = std::lower_bound(matches_.begin(), matches_.end(), match.secret.begin, ends_before);
      return known != matches_.end() && known->secret.begin < match.secret.end;
    });
    fresh = std::move(found);
    matches_.insert(matches_.end(), fresh.begin(), fresh.end());
    std::sort(matches_.begin(), matches_.end(),
              [](const core::Match& a, const core::Match& b) { return a.secret < b.secret; });
  }
  return {};
}

Status Redactor::add(std::string_view bytes, std::string& out) {
  counts_.bytes += bytes.size();
  came_ = came_ || !bytes.empty();
  std::string head;
  if (!encoding_known_) {
    head_.append(bytes);
    if (head_.size() < engine::kEncodingHeadBytes) return {};
    encoding_ = engine::detect_encoding(head_);
    encoding_known_ = true;
    head = std::exchange(head_, {});
    bytes = head;
  }
  // Borders between windows are where they are whatever pieces the text comes in.
  const std::size_t step = is_utf16() ? 4096 : capacity_;
  while (!bytes.empty()) {
    const std::size_t room = std::max<std::size_t>(capacity_ - std::min(capacity_, window_.size()), 1);
    const std::string_view piece = bytes.substr(0, std::min(room, step));
    bytes.remove_prefix(piece.size());
    take_in(piece);
    if (window_.size() < capacity_) continue;
    if (Status scanned = scan_window(); !scanned) return scanned;
    pass_on(window_.size() - reach_, out);
    forget_passed();
  }
  return {};
}

std::size_t Redactor::line_of(std::size_t at) const { return at == 0 ? 0 : window_.rfind('\n', at - 1) + 1; }

// `end`, or the begin of the line where something begins that may go on behind it.
std::size_t Redactor::without_open(std::size_t end) const {
  constexpr std::size_t kLongest = 2 * std::size_t{ruleset::kBlockBytes};
  const std::size_t from = std::max(given_, end > kLongest ? end - kLongest : 0);
  const std::string_view fresh = std::string_view(window_).substr(from, end - from);
  std::size_t open = from + begin_of_wrapped(fresh);
  if (const std::size_t key = begin_of_open_key(fresh); key != std::string_view::npos) {
    open = std::min(open, line_of(from + key));
  }
  for (const core::Match& match : matches_) {
    if (match.span.end >= window_.size()) open = std::min<std::size_t>(open, line_of(match.span.begin));
  }
  return std::min(end, open);
}

Status Redactor::pause(std::string& out) {
  if (!came_) return {};
  came_ = false;
  if (!encoding_known_) {
    // What comes later is taken to be like it.
    if (head_.size() < kMinHead || (head_.size() < kMinBinaryHead && head_.find('\0') != std::string::npos)) return {};
    encoding_ = engine::detect_encoding(head_);
    encoding_known_ = true;
    take_in(std::exchange(head_, {}));
  }
  const std::size_t end = window_.rfind('\n') + 1;  // 0 where there is none
  if (end <= given_) return {};
  if (Status scanned = scan_window(); !scanned) return scanned;
  pass_on(without_open(end), out);
  forget_passed();
  return {};
}

Status Redactor::finish(std::string& out) {
  if (!encoding_known_) {
    encoding_ = engine::detect_encoding(head_);
    take_in(std::exchange(head_, {}));
  }
  if (!window_.empty()) {
    if (Status scanned = scan_window(); !scanned) return scanned;
    pass_on(window_.size(), out);
  }
  // Half a unit, or half a pair.
  out.append(raw_, raw_given_);
  window_.clear();
  raw_.clear();
  raw_taken_ = raw_given_ = given_ = 0;
  encoding_known_ = false;
  encoding_ = engine::Encoding::bytes;
  came_ = false;
  return {};
}

// The text up to `end`, with the secrets that begin before it.
void Redactor::pass_on(std::size_t end, std::string& out) {
  if (!is_utf16()) out.reserve(out.size() + end - std::min(end, given_));
  for (const core::Match& match : matches_) {
    if (match.secret.begin < end) hide(match, out);
  }
  if (given_ < end) copy_to(end, out);
}

void Redactor::hide(const core::Match& match, std::string& out) {
  // Of one that began in lines that are gone already the rest is hidden still.
  const core::Span hidden{std::max<std::uint64_t>(match.secret.begin, given_), match.secret.end};
  if (hidden.begin >= hidden.end) return;
  copy_to(hidden.begin, out);
  ++counts_.masked;
  ++counts_.by_rule[match.rule];
  const std::string text = placeholder(match, hidden);
  if (is_utf16()) {
    const bool big = encoding_ == engine::Encoding::utf16_big;
    for (const char c : text) {
      if (big) out += '\0';
      out += c;
      if (!big) out += '\0';
    }
    raw_given_ += raw_size(std::string_view(window_).substr(hidden.begin, hidden.size()));
  } else {
    out += text;
  }
  given_ = hidden.end;
}

void Redactor::copy_to(std::size_t end, std::string& out) {
  if (is_utf16()) {
    const std::size_t size = raw_size(std::string_view(window_).substr(given_, end - given_));
    out.append(raw_, raw_given_, size);
    raw_given_ += size;
  } else {
    out.append(window_, given_, end - given_);
  }
  given_ = end;
}

// What was passed on stays as far as rules look back.
void Redactor::forget_passed() {
  const std::size_t drop = given_ > reach_ ? given_ - reach_ : 0;
  window_.erase(0, drop);
  given_ -= drop;
  raw_.erase(0, raw_given_);
  raw_taken_ -= raw_given_;
  raw_given_ = 0;
}

// ASCII without backslashes and quotes, so that it can stand in any text.
std::string Redactor::placeholder(const core::Match& match, core::Span hidden) {
  const ruleset::Rule& rule = engine_->rules().rules()[match.rule];
  const std::string_view secret = core::secret_of(match, window_);
  const std::uint64_t number = number_of(secret);
  switch (options_.style) {
    case RedactStyle::stars: {
      std::string stars(window_, hidden.begin, hidden.size());
      if (is_utf16()) std::erase_if(stars, [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0U) == 0x80U; });
      std::replace_if(
          stars.begin(), stars.end(), [](char c) { return c != '\n' && c != '\r'; }, '*');
      return stars;
    }
    case RedactStyle::tag:
      return "[keytrail:" + rule.id + (number == 0 ? "" : ":" + std::to_string(number)) + "]";
    case RedactStyle::mask:
      break;
  }
  return core::mask(secret, rule.public_prefix);
}

std::uint64_t Redactor::number_of(std::string_view secret) {
  const std::uint64_t hash = siphash24(options_.key, secret);
  if (const auto known = numbers_.find(hash); known != numbers_.end()) return known->second;
  if (numbers_.size() >= kMaxNumbers) return 0;
  counts_.distinct = numbers_.size() + 1;
  return numbers_.emplace(hash, numbers_.size() + 1).first->second;
}

}  // namespace keytrail::scan
