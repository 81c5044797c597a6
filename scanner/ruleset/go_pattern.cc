#include "scanner/ruleset/go_pattern.h"

#include <array>
#include <cstdint>
#include <optional>

#include "scanner/base/text.h"
#include "scanner/ruleset/pattern.h"

namespace keytrail::ruleset {
namespace {

// How far an unbounded repetition may go. The first that keeps to the limits of patterns (counts multiply where groups
// nest) is taken.
struct Bounds {
  std::uint32_t simple;  // of a character or a class
  std::uint32_t group;
};
constexpr std::array<Bounds, 6> kBounds = {{{256, 16}, {128, 8}, {64, 8}, {48, 4}, {24, 3}, {10, 2}}};
constexpr std::uint32_t kRunHead = 64;  // of a run, that stand in the pattern
constexpr std::size_t kMaxPatternBytes = std::size_t{16} << 10;

bool is_octal(char c) { return c >= '0' && c <= '7'; }
std::string hex_escape(unsigned value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return std::string("\\x") + kDigits[value >> 4U & 15U] + kDigits[value & 15U];
}

// One pass over the text with the bounds given. Escapes, classes and braces are read as far as they must be; the rest
// is copied, and Pattern::parse() has the last word.
class Rewriter {
 public:
  Rewriter(std::string_view text, Bounds bounds) : text_(text), bounds_(bounds) {}

  Result<BoundedPattern> rewrite() {
    while (at_ < text_.size() && !error_) step();
    if (error_) return *error_;
    result_.pattern = std::move(out_);
    make_run();
    return std::move(result_);
  }

 private:
  enum class Atom : std::uint8_t { none, simple, group };

  void fail(std::size_t offset, std::string what) {
    if (!error_) {
      error_ = make_error(ErrorCode::invalid_argument, std::move(what) + " at offset " + std::to_string(offset));
    }
  }

  void begin_atom(Atom atom) {
    last_ = atom;
    atom_at_ = out_.size();
    open_end_ = 0;
  }

  void step() {
    const char c = text_[at_];
    switch (c) {
      case '\\':
        return escape();
      case '[':
        return byte_class();
      case '(':
        return open_group();
      case ')':
        return close_group();
      case '|':
        alternatives_.back() = true;
        last_ = Atom::none;
        open_end_ = 0;
        return copy(1);
      case '*':
      case '+':
      case '?':
      case '{':
        return repetition();
      case '^':
      case '$':
        last_ = Atom::none;
        open_end_ = 0;
        return copy(1);
      default:
        begin_atom(Atom::simple);
        return copy(1);
    }
  }

  void copy(std::size_t count) {
    out_ += text_.substr(at_, count);
    at_ += count;
  }

  void escape() {
    if (at_ + 1 >= text_.size()) return fail(at_, "a backslash without a character");
    const char c = text_[at_ + 1];
    if (c == 'Q') return quoted();
    if (c == 'b' || c == 'B' || c == 'A' || c == 'z') {
      last_ = Atom::none;
      open_end_ = 0;
      return copy(2);
    }
    begin_atom(Atom::simple);
    escaped_character();
  }

  // Outside of classes and inside: one escape that stands for a byte or a class of them.
  void escaped_character() {
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == 'p' || c == 'P') return fail(at_, "a Unicode class (\\p), which patterns over bytes do not have,");
    if (c == 'x') return hexadecimal();
    if (is_octal(c)) return octal();
    copy(2);
  }

  void hexadecimal() {
    const std::size_t start = at_;
    at_ += 2;
    const bool braced = at_ < text_.size() && text_[at_] == '{';
    if (braced) ++at_;
    unsigned value = 0;
    std::size_t digits = 0;
    while (at_ < text_.size() && is_hex(text_[at_]) && (braced || digits < 2) && value < 0x110000) {
      const char c = text_[at_++];
      value = value * 16 + static_cast<unsigned>(is_digit(c) ? c - '0' : (c | 32) - 'a' + 10);
      ++digits;
    }
    if (braced && (at_ >= text_.size() || text_[at_++] != '}')) return fail(start, "an escape without its }");
    if (digits == 0) return fail(start, "an escape without digits");
    if (value > 0x7F) return fail(start, "a character that is more than one byte");
    out_ += hex_escape(value);
  }

  void octal() {
    ++at_;
    unsigned value = 0;
    for (int i = 0; i < 3 && at_ < text_.size() && is_octal(text_[at_]); ++i) {
      value = value * 8 + static_cast<unsigned>(text_[at_++] - '0');
    }
    out_ += hex_escape(value & 0x7FU);
  }

  void quoted() {
    const std::size_t end = std::min(text_.find("\\E", at_ + 2), text_.size());
    for (std::size_t i = at_ + 2; i < end; ++i) {
      begin_atom(Atom::simple);
      const char c = text_[i];
      if (!is_alnum(c) && static_cast<unsigned char>(c) < 0x80) out_ += '\\';
      out_ += c;
    }
    at_ = std::min(end + 2, text_.size());
  }

  void byte_class() {
    begin_atom(Atom::simple);
    const std::size_t start = at_;
    copy(1);
    if (at_ < text_.size() && text_[at_] == '^') copy(1);
    for (bool first = true;; first = false) {
      if (error_) return;
      if (at_ >= text_.size()) return fail(start, "a class without its ]");
      const char c = text_[at_];
      if (c == ']' && !first) break;
      if (static_cast<unsigned char>(c) >= 0x80)
        return fail(at_, "a class with a character that is more than one byte");
      if (c == '\\') {
        escaped_character();
      } else if (text_.substr(at_, 2) == "[:") {
        const std::size_t end = text_.find(":]", at_ + 2);
        if (end == std::string_view::npos) return fail(at_, "a class name without its :]");
        copy(end + 2 - at_);
      } else {
        copy(1);
      }
    }
    copy(1);
  }

  void open_group() {
    const std::string_view rest = text_.substr(at_);
    const std::size_t flags_end = rest.find_first_not_of("imsU-", 2);
    const bool has_flags = rest.starts_with("(?") && flags_end != std::string_view::npos && flags_end > 2 &&
                           (rest[flags_end] == ')' || rest[flags_end] == ':');
    if (has_flags) {
      const std::string_view flags = rest.substr(2, flags_end - 2);
      if (flags.find('U') != std::string_view::npos) return fail(at_, "the flag U");
      if (flags.substr(0, flags.find('-')).find('i') != std::string_view::npos) caseless_ = true;
      if (rest[flags_end] == ')') {
        last_ = Atom::none;
        return copy(flags_end + 1);
      }
    }
    starts_.push_back(out_.size());
    alternatives_.push_back(false);
    last_ = Atom::none;
    open_end_ = 0;
    if (has_flags) return copy(flags_end + 1);
    const bool is_named = rest.size() > 3 && rest.starts_with("(?<") && rest[3] != '=' && rest[3] != '!';
    if (!is_named) return copy(rest.starts_with("(?") ? 2 : 1);
    out_ += "(?P<";
    at_ += 3;
  }

  void close_group() {
    if (starts_.empty()) return fail(at_, "a ) that closes nothing");
    // The end of the run that is open stays the end of the pattern when only groups close behind it.
    if (alternatives_.back()) open_end_ = 0;
    last_ = Atom::group;
    atom_at_ = starts_.back();
    starts_.pop_back();
    alternatives_.pop_back();
    copy(1);
  }

  struct Braces {
    std::uint32_t least = 0;
    bool open = false;  // {n,}
    std::size_t size = 0;
  };

  // A repetition in braces; what is none is text.
  std::optional<Braces> braces() const {
    std::size_t i = at_ + 1;
    Braces found;
    const std::size_t digits = i;
    for (; i < text_.size() && is_digit(text_[i]); ++i) {
      found.least = std::min(found.least * 10 + static_cast<std::uint32_t>(text_[i] - '0'), 100000U);
    }
    if (i == digits || i >= text_.size()) return std::nullopt;
    if (text_[i] == ',') {
      ++i;
      const std::size_t more = i;
      while (i < text_.size() && is_digit(text_[i])) ++i;
      found.open = i == more;
    }
    if (i >= text_.size() || text_[i] != '}') return std::nullopt;
    found.size = i + 1 - at_;
    return found;
  }

  void repetition() {
    const char c = text_[at_];
    std::optional<Braces> bounds;
    if (c == '{') {
      bounds = braces();
      if (!bounds) {
        begin_atom(Atom::simple);
        out_ += "\\{";
        ++at_;
        return;
      }
    } else {
      bounds = Braces{c == '+' ? 1U : 0U, c != '?', 1};
    }
    const Atom repeated = last_;
    if (repeated == Atom::none) return fail(at_, "a repetition of nothing");
    const std::size_t start = at_;
    if (!bounds->open) {
      copy(bounds->size);
      open_end_ = 0;
    } else {
      bound(*bounds, repeated);
    }
    if (at_ < text_.size() && text_[at_] == '?') copy(1);
    if (bounds->open && open_end_ != 0) open_end_ = out_.size();
    if (repeated == Atom::group && start < at_) open_end_ = bounds->open ? 0 : open_end_;
    last_ = Atom::none;
  }

  void bound(const Braces& braces, Atom repeated) {
    const std::uint32_t limit = repeated == Atom::group ? bounds_.group : bounds_.simple;
    const std::uint32_t most = std::min(1000U, std::max(limit, braces.least));
    const std::string written(text_.substr(at_, braces.size));
    const std::string made = "{" + std::to_string(braces.least) + "," + std::to_string(most) + "}";
    result_.changes.push_back("\"" + written + "\" at offset " + std::to_string(at_) + " became " + made);
    open_atom_ = out_.substr(atom_at_);
    open_at_ = out_.size();
    open_least_ = braces.least;
    out_ += made;
    at_ += braces.size;
    open_end_ = repeated == Atom::simple ? out_.size() : 0;
  }

  // The class whose repetition ends the pattern becomes a run, where every match ends with it.
  void make_run() {
    if (open_end_ == 0 || alternatives_.front() || open_atom_.empty()) return;
    if (result_.pattern.find_first_not_of(')', open_end_) != std::string::npos) return;
    std::optional<std::string> run = run_class(open_atom_);
    if (!run) return;
    const std::uint32_t most = std::min(1000U, std::max(kRunHead, open_least_));
    const std::string made = "{" + std::to_string(open_least_) + "," + std::to_string(most) + "}";
    result_.pattern = result_.pattern.substr(0, open_at_) + made + result_.pattern.substr(open_end_);
    result_.changes.back() += ", the rest is a run of " + *run;
    result_.run = std::move(*run);
  }

  // The class with both cases where the pattern knows none. Only where that can be told from its text.
  std::optional<std::string> run_class(std::string_view atom) const {
    if (atom == "\\w" || atom == "\\d" || atom == "\\S") return "[" + std::string(atom) + "]";
    if (atom.size() < 3 || atom.front() != '[' || atom[1] == '^') return std::nullopt;
    std::string inner(atom.substr(1, atom.size() - 2));
    if (!caseless_) return "[" + inner + "]";
    if (inner.find('\\') != std::string::npos || inner.find("[:") != std::string::npos) return std::nullopt;
    std::string both;
    for (const char c : inner) both += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    std::string upper;
    for (std::size_t i = 0; i + 2 < both.size(); ++i) {
      if (both[i + 1] != '-' || !is_alnum(both[i]) || is_digit(both[i])) continue;
      upper += {static_cast<char>(both[i] - 32), '-', static_cast<char>(both[i + 2] - 32)};
    }
    const bool ranges_alone = both.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos || !upper.empty();
    if (!ranges_alone) return std::nullopt;
    return "[" + upper + both + "]";
  }

  std::string_view text_;
  Bounds bounds_;
  std::size_t at_ = 0;
  std::string out_;
  BoundedPattern result_;
  std::optional<Error> error_;
  bool caseless_ = false;
  Atom last_ = Atom::none;
  std::size_t atom_at_ = 0;                   // where the last atom begins in out_
  std::vector<std::size_t> starts_;           // of open groups, in out_
  std::vector<bool> alternatives_ = {false};  // whether '|' stood in each of them; the first is the whole
  // The last unbounded repetition of a character or class: its atom, its braces from open_at_ to open_end_ (0:
  // something else came behind it).
  std::string open_atom_;
  std::size_t open_at_ = 0;
  std::size_t open_end_ = 0;
  std::uint32_t open_least_ = 0;
};

}  // namespace

Result<BoundedPattern> bound_pattern(std::string_view go_pattern) {
  if (go_pattern.size() > kMaxPatternBytes) {
    return make_error(ErrorCode::limit_exceeded, "the pattern is longer than 16 KiB");
  }
  std::string reason;
  for (const Bounds& bounds : kBounds) {
    Result<BoundedPattern> made = Rewriter(go_pattern, bounds).rewrite();
    if (!made) return made.error();
    const Result<Pattern> parsed = Pattern::parse(made->pattern);
    if (parsed) return made;
    reason = parsed.error().message;
    if (made->changes.empty()) break;
  }
  return make_error(ErrorCode::invalid_argument, reason);
}

std::string path_glob(std::string_view pattern) {
  std::string_view rest = pattern;
  bool from_part = false;
  for (const std::string_view head : {"(^|/)", "(?:^|/)", "(?:^|\\/)", "(^|\\/)"}) {
    if (rest.starts_with(head)) {
      rest.remove_prefix(head.size());
      from_part = true;
      break;
    }
  }
  const bool anchored = !from_part && rest.starts_with("^");
  if (anchored) rest.remove_prefix(1);
  bool to_end = false;
  if (rest.ends_with("$") && !rest.ends_with("\\$")) {
    to_end = true;
    rest.remove_suffix(1);
  }
  std::string text;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    char c = rest[i];
    if (rest.substr(i, 2) == ".*") {
      text += "**";
      ++i;
      continue;
    }
    if (c == '\\' && i + 1 < rest.size() && !is_alnum(rest[i + 1])) {
      c = rest[++i];
    } else if (std::string_view("\\.[](){}*+?|^$").find(c) != std::string_view::npos) {
      return {};
    }
    if (std::string_view("*?[]\\!").find(c) != std::string_view::npos) return {};
    text += c;
  }
  if (text.empty() || text.starts_with('/')) return {};
  // A glob with a slash is anchored at the root, and "**/" frees it; "**" at an end lets anything stand there.
  std::string glob = anchored ? text : from_part ? "**/" + text : "**" + text;
  if (anchored && glob.find('/') == std::string::npos) glob = "/" + glob;
  if (!to_end && !glob.ends_with("**")) glob += "**";
  return glob;
}

}  // namespace keytrail::ruleset
