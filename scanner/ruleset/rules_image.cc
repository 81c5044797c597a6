#include "scanner/ruleset/rules_image.h"

#include <bit>
#include <limits>

#include "scanner/base/checked.h"
#include "scanner/base/hash.h"

namespace keytrail::ruleset {
namespace {

constexpr std::string_view kMagic = "KTRULES3";
constexpr std::size_t kDigestBytes = 32;
// No rule takes fewer bytes than this, each list element at least one: what a count can promise at most.
constexpr std::size_t kMinRuleBytes = 64;

// Writer and Reader have the same members, so that one function (walk) says the order of the fields for both.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void number(std::uint64_t value) {
    while (value >= 0x80) {
      out_ += static_cast<char>((value & 0x7FU) | 0x80U);
      value >>= 7U;
    }
    out_ += static_cast<char>(value);
  }
  void fixed(std::uint64_t value) {
    for (unsigned shift = 64; shift != 0; shift -= 8) out_ += static_cast<char>(value >> (shift - 8) & 0xFFU);
  }

  void field(const std::string& value) {
    number(value.size());
    out_ += value;
  }
  void field(std::uint32_t value) { number(value); }
  void field(bool value) { number(value ? 1 : 0); }
  void field(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
  template <typename Enum>
  void choice(Enum value, Enum /*last*/) {
    number(static_cast<std::uint64_t>(value));
  }
  void field(const ByteSet& value) {
    for (const std::uint64_t word : value) fixed(word);
  }
  template <typename T, typename Each>
  void list(const std::vector<T>& values, std::size_t /*min_bytes*/, Each each) {
    number(values.size());
    for (const T& value : values) each(value);
  }

 private:
  std::string& out_;
};

// After the first read that fails, all others give nothing; ok() is asked at the end. Not base/checked.h's ByteReader:
// its calls are not inlined, and with some 80 reads in a rule they took a third of the time.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      if (shift == 63 && byte > 1) return fail();
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }
  // A count of things that take at least `min_bytes` each: never more than the bytes left can hold.
  std::size_t count(std::size_t min_bytes) {
    const std::uint64_t value = number();
    return value <= bytes_.size() / min_bytes ? static_cast<std::size_t>(value) : fail();
  }

  void field(std::string& value) {
    const std::size_t size = count(1);
    value.assign(bytes_.data(), size);
    bytes_.remove_prefix(size);
  }
  void field(std::uint32_t& value) {
    const std::uint64_t read = number();
    value = read <= std::numeric_limits<std::uint32_t>::max() ? static_cast<std::uint32_t>(read)
                                                              : static_cast<std::uint32_t>(fail());
  }
  void field(bool& value) {
    const std::uint64_t read = number();
    value = read == 1;
    if (read > 1) fail();
  }
  void field(double& value) { value = std::bit_cast<double>(fixed()); }
  template <typename Enum>
  void choice(Enum& value, Enum last) {
    const std::uint64_t read = number();
    value = static_cast<Enum>(read <= static_cast<std::uint64_t>(last) ? read : fail());
  }
  void field(ByteSet& value) {
    for (std::uint64_t& word : value) word = fixed();
  }
  template <typename T, typename Each>
  void list(std::vector<T>& values, std::size_t min_bytes, Each each) {
    values.resize(count(min_bytes));
    for (T& value : values) {
      if (!ok_) return;
      each(value);
    }
  }

 private:
  std::uint64_t fixed() {
    if (bytes_.size() < sizeof(std::uint64_t)) return fail();
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8U | static_cast<std::uint8_t>(bytes_[i]);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  std::uint64_t fail() {
    ok_ = false;
    return 0;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

// The fields of a rule that finding needs, in their order. `Stream` is Writer or Reader, `AnyRule` const Rule or Rule.
template <typename Stream, typename AnyRule>
void walk(Stream& stream, AnyRule& rule) {
  const auto text = [&](auto& value) { stream.field(value); };
  text(rule.id);
  stream.list(rule.aliases, 1, text);
  stream.choice(rule.kind, RuleKind::generic);
  stream.choice(rule.severity, core::Severity::critical);
  stream.choice(rule.confidence, core::Confidence::high);
  text(rule.pattern);
  stream.field(rule.secret_group);
  stream.list(rule.anchors, 8, [&](auto& anchor) {
    stream.field(anchor.text);
    stream.field(anchor.caseless);
    stream.field(anchor.is_pattern);
    stream.choice(anchor.place, AnchorPlace::context);
    stream.field(anchor.min_width);
    stream.field(anchor.max_width);
    stream.field(anchor.min_before);
    stream.field(anchor.max_before);
    stream.list(anchor.literals, 4, [&](auto& literal) {
      stream.field(literal.text);
      stream.field(literal.caseless);
      stream.field(literal.min_before);
      stream.field(literal.max_before);
    });
  });
  stream.list(rule.context, 1, text);
  stream.field(rule.context_distance);
  stream.field(rule.min_entropy);
  stream.choice(rule.check, kLastCheck);
  stream.field(rule.check_decides);
  stream.list(rule.companions, 3, [&](auto& companion) {
    stream.field(companion.rule);
    stream.field(companion.within);
    stream.field(companion.required);
  });
  stream.list(rule.include_paths, 1, text);
  stream.list(rule.exclude_paths, 1, text);
  stream.list(rule.allow, 1, text);
  stream.field(rule.min_width);
  stream.field(rule.max_width);
  stream.field(rule.public_prefix);
  stream.field(rule.border_before);
  stream.field(rule.border_behind);
  stream.field(rule.block_bytes);
  stream.field(rule.run);
  stream.field(rule.has_run);
}

// Those that are for people.
template <typename Stream, typename AnyRule>
void walk_texts(Stream& stream, AnyRule& rule) {
  const auto text = [&](auto& value) { stream.field(value); };
  text(rule.name);
  text(rule.provider);
  text(rule.description);
  text(rule.rotate);
  stream.choice(rule.category, Category::generic);
  stream.list(rule.negative_examples, 1, text);
}

Error damaged(std::string message) { return make_error(ErrorCode::corrupt, std::move(message), "rules image"); }

}  // namespace

std::string rules_digest(const std::vector<Rule>& rules) {
  std::string bytes;
  Writer writer(bytes);
  writer.number(rules.size());
  for (const Rule& rule : rules) {
    walk(writer, rule);
    walk_texts(writer, rule);
  }
  const Sha256Digest digest = sha256(bytes);
  return to_hex(digest.data(), digest.size()).substr(0, kDigestBytes);
}

std::string write_rules_image(const std::vector<Rule>& rules, std::string_view digest) {
  std::string body(digest);
  body.resize(kDigestBytes, '0');
  Writer writer(body);
  writer.number(rules.size());
  for (const Rule& rule : rules) walk(writer, rule);
  for (const Rule& rule : rules) {
    walk_texts(writer, rule);
    writer.field(rule.source);
  }
  std::string image(kMagic);
  Writer(image).fixed(hash64(body));
  return image + body;
}

Result<RulesImage> read_rules_image(std::string_view image, ImageParts parts) {
  ByteReader head(image);
  const auto magic = head.take(kMagic.size());
  if (!magic || *magic != kMagic) return damaged("this is no rules image, or one of another version");
  const auto hash = head.u64();
  const std::size_t begin = head.position();
  const auto digest = head.take(kDigestBytes);
  if (!hash || !digest) return damaged("the rules image is cut short");
  // Without the texts it is the image inside of the program, which nothing damages that would spare the program.
  if (parts == ImageParts::all && hash64(image.substr(begin)) != *hash) return damaged("the rules image is damaged");

  RulesImage read{std::string(*digest), {}};
  Reader reader(image.substr(head.position()));
  reader.list(read.rules, kMinRuleBytes, [&](Rule& rule) { walk(reader, rule); });
  if (parts == ImageParts::all) {
    for (Rule& rule : read.rules) {
      if (!reader.ok()) break;
      walk_texts(reader, rule);
      reader.field(rule.source);
    }
  }
  if (!reader.ok() || (parts == ImageParts::all && !reader.at_end()))
    return damaged("the rules image contradicts itself");
  for (std::size_t i = 1; i < read.rules.size(); ++i) {
    if (read.rules[i - 1].id >= read.rules[i].id) return damaged("the rules image is not in order");
  }
  return read;
}

}  // namespace keytrail::ruleset
