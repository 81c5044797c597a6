#include "scanner/engine/anchors.h"

#include <hs/hs.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>

#include "scanner/base/file.h"
#include "scanner/base/hash.h"
#include "scanner/base/state_file.h"
#include "scanner/base/text.h"
#include "scanner/engine/anchor_cache.h"

namespace keytrail::engine {
namespace {

constexpr std::size_t kMaxCacheBytes = std::size_t{256} << 20;

Error hs_error(hs_error_t code, std::string_view action) {
  return make_error(code == HS_NOMEM ? ErrorCode::limit_exceeded : ErrorCode::internal,
                    std::string(action) + " failed in Hyperscan (" + std::to_string(code) + ")");
}

// A literal as a pattern: every byte that is not a letter or digit by its number.
std::string escaped(std::string_view literal) {
  std::string pattern;
  for (const char c : literal) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (plain) {
      pattern += c;
    } else {
      pattern += "\\x" + to_hex(std::string_view(&c, 1));
    }
  }
  return pattern;
}

// Of a longer literal only the end is looked for: each byte of the longest one is a byte more to scan around every edge
// of copied text, and 16 are as rare as 30.
constexpr std::size_t kMaxLiteral = 16;

// How far a rule looks around the end of an anchor, or of a literal in an anchor that is a pattern.
AnchorDatabase::Target target_of(const ruleset::Rule& rule, core::RuleIndex index, const ruleset::Anchor& anchor,
                                 const ruleset::AnchorLiteral* literal) {
  AnchorDatabase::Target target{index, 0, 0, 0};
  if (anchor.place == ruleset::AnchorPlace::context) {
    target.before = anchor.max_width + rule.context_distance + rule.max_width;
    target.behind = rule.context_distance + rule.max_width;
  } else if (literal != nullptr) {
    const auto size = static_cast<std::uint32_t>(literal->text.size());
    target.before = anchor.max_before + literal->max_before + size;
    target.behind = rule.max_width - std::min(rule.max_width, anchor.min_before + literal->min_before + size);
  } else {
    target.before = anchor.max_width + anchor.max_before;
    target.behind = rule.max_width - std::min(rule.max_width, anchor.min_before + anchor.min_width);
  }
  return target;
}

}  // namespace

// Puts together what is looked for: what several rules look for is one. The order is that of the rules.
class AnchorDatabase::Collector {
 public:
  explicit Collector(AnchorDatabase& database) : database_(database) {}

  Status add(const ruleset::RuleSet& rules) {
    std::size_t count = 0;
    for (const ruleset::Rule& rule : rules.rules()) {
      for (const ruleset::Anchor& anchor : rule.anchors) count += std::max<std::size_t>(1, anchor.literals.size());
    }
    database_.sought_.reserve(count);
    slots_.assign(std::bit_ceil(2 * count + 1), 0);
    for (core::RuleIndex i = 0; i < rules.rules().size(); ++i) {
      for (const ruleset::Anchor& anchor : rules.rules()[i].anchors) add(rules.rules()[i], i, anchor);
    }
    if (database_.sought_.size() <= UINT16_MAX) return {};
    return make_error(ErrorCode::limit_exceeded, "the rules have " + std::to_string(database_.sought_.size()) +
                                                     " anchors; more than 65535 cannot be told apart");
  }

 private:
  void add(const ruleset::Rule& rule, core::RuleIndex index, const ruleset::Anchor& anchor) {
    if (anchor.literals.empty()) {
      Sought& sought = anchor.is_pattern ? pattern(anchor) : literal(anchor.text, anchor.caseless);
      sought.targets.push_back(target_of(rule, index, anchor, nullptr));
      return;
    }
    const Guard& guard = guard_of(anchor);
    for (const ruleset::AnchorLiteral& part : anchor.literals) {
      Sought& sought = literal(part.text, part.caseless);
      Target target = target_of(rule, index, anchor, &part);
      target.guard = guard_bit(sought, guard, part);
      sought.targets.push_back(target);
    }
  }

  Sought& pattern(const ruleset::Anchor& anchor) {
    database_.max_width_ = std::max(database_.max_width_, anchor.max_width);
    return entry(anchor.text, anchor.caseless, true);
  }

  Sought& literal(std::string_view text, bool caseless) {
    text.remove_prefix(text.size() - std::min(text.size(), kMaxLiteral));
    database_.max_width_ = std::max(database_.max_width_, static_cast<std::uint32_t>(text.size()));
    return entry(text, caseless, false);
  }

  // What was asked for already, or a new one. A table of its own: this is most of what a start does.
  Sought& entry(std::string_view text, bool caseless, bool is_pattern) {
    std::vector<Sought>& all = database_.sought_;
    const bool any_case = caseless && !is_pattern;
    std::uint64_t hash = 0xcbf29ce484222325 + (caseless ? 1 : 0) + (is_pattern ? 2 : 0);
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(any_case ? lower(c) : c)) * 0x100000001b3;
    std::size_t slot = (hash ^ hash >> 32) & (slots_.size() - 1);
    for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
      Sought& known = all[slots_[slot] - 1];
      if (known.caseless == caseless && known.is_pattern == is_pattern && same(known.text, text, any_case))
        return known;
    }
    Sought& added = all.emplace_back();
    added.text = text;
    added.caseless = caseless;
    added.is_pattern = is_pattern;
    slots_[slot] = static_cast<std::uint32_t>(all.size());
    return added;
  }

  const Guard& guard_of(const ruleset::Anchor& anchor) {
    const auto [known, is_new] = guards_.try_emplace(anchor.text, nullptr);
    if (is_new) {
      database_.guards_.push_back(std::make_unique<Guard>(anchor));
      known->second = database_.guards_.back().get();
    }
    return *known->second;
  }

  // The bit of a guard among those of a literal; 0 when there are too many: then it always passes.
  static std::uint16_t guard_bit(Sought& sought, const Guard& guard, const ruleset::AnchorLiteral& part) {
    constexpr std::size_t kMaxGuards = 15;
    const auto size = static_cast<std::uint32_t>(sought.text.size());
    const auto cut = static_cast<std::uint32_t>(part.text.size()) - size;
    const Guard::Place place{part.min_before + cut, part.max_before + cut, size};
    auto tried = std::find_if(sought.guards.begin(), sought.guards.end(),
                              [&](const Tried& known) { return known.guard == &guard; });
    if (tried == sought.guards.end()) {
      if (sought.guards.size() == kMaxGuards) return 0;
      tried = sought.guards.insert(tried, Tried{&guard, place});
    }
    tried->place.least = std::min(tried->place.least, place.least);
    tried->place.most = std::max(tried->place.most, place.most);
    sought.reach.before = std::max(sought.reach.before, place.most + size + 1);
    sought.reach.behind = std::max(sought.reach.behind, guard.width() - std::min(guard.width(), size) + 1);
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(tried - sought.guards.begin()));
  }

  static bool same(std::string_view a, std::string_view b, bool any_case) {
    if (!any_case) return a == b;
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
  }

  AnchorDatabase& database_;
  std::vector<std::uint32_t> slots_;  // positions in sought_ plus one; 0: free. At most half full
  std::unordered_map<std::string, const Guard*> guards_;
};

Result<HsDatabase> AnchorDatabase::compile() const {
  std::vector<std::string> texts;
  texts.reserve(sought_.size());
  for (const Sought& sought : sought_) texts.push_back(sought.is_pattern ? sought.text : escaped(sought.text));
  std::vector<const char*> patterns;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (std::size_t i = 0; i < sought_.size(); ++i) {
    ids.push_back(static_cast<unsigned>(i));
    patterns.push_back(texts[i].c_str());
    flags.push_back(sought_[i].caseless ? unsigned{HS_FLAG_CASELESS} : 0U);
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* failure = nullptr;
  const hs_error_t code = hs_compile_multi(patterns.data(), flags.data(), ids.data(), static_cast<unsigned>(ids.size()),
                                           HS_MODE_BLOCK, nullptr, &database, &failure);
  if (code == HS_SUCCESS) return HsDatabase(database);
  std::string message = "an anchor does not compile";
  std::string subject;
  if (failure != nullptr) {
    message = std::string("anchor refused: ") + failure->message;
    if (failure->expression >= 0) subject = texts[static_cast<std::size_t>(failure->expression)];
    hs_free_compile_error(failure);
  }
  return make_error(ErrorCode::invalid_argument, message, subject);
}

Status AnchorDatabase::compile_guards() const {
  for (const auto& guard : guards_) {
    if (Status compiled = guard->compile(); !compiled) return compiled;
  }
  return {};
}

void AnchorDatabase::settle(std::string_view text, Hit& hit) const {
  const Sought& sought = sought_[hit.what];
  hit.passed = 0;
  const std::uint64_t at = hit.end - sought.text.size();
  for (std::size_t i = 0; i < sought.guards.size(); ++i) {
    const Tried& tried = sought.guards[i];
    if (tried.guard->matches(text, at, tried.place)) hit.passed |= static_cast<std::uint16_t>(1U << i);
  }
}

namespace {

// Names the database: the rules it was made of, the library's version and the processor it was made for.
std::string cache_name(const ruleset::RuleSet& rules) {
  std::string parts = rules.digest() + "/literals/" + hs_version();
  hs_platform_info_t platform{};
  if (hs_populate_platform(&platform) == HS_SUCCESS) {
    parts += "/" + std::to_string(platform.tune) + "/" + std::to_string(platform.cpu_features);
  }
  return "anchors-" + to_hex(sha256(parts).data(), 16) + ".db";
}

// Hyperscan itself checks the version, the length and a CRC-32 over all of it.
HsDatabase load(const std::string& path) {
  const auto bytes = read_file(path, kMaxCacheBytes);
  hs_database_t* database = nullptr;
  if (!bytes || hs_deserialize_database(bytes->data(), bytes->size(), &database) != HS_SUCCESS) return nullptr;
  touch_state(path);
  return HsDatabase(database);
}

// Best effort: a cache that cannot be written is compiled again next time.
void store(const hs_database* database, const std::string& folder, const std::string& path) {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return;
  const std::unique_ptr<char, decltype(&std::free)> owner(bytes, &std::free);
  if (!make_directories(folder, 0700)) return;
  if (write_file_atomically(path, {bytes, size}, 0600)) prune_databases(folder);
}

}  // namespace

void HsDatabaseFree::operator()(hs_database* database) const noexcept { hs_free_database(database); }
void HsScratchFree::operator()(hs_scratch* scratch) const noexcept { hs_free_scratch(scratch); }

Result<AnchorDatabase> AnchorDatabase::build(const ruleset::RuleSet& rules, const std::string& cache_folder) {
  if (hs_valid_platform() != HS_SUCCESS) {
    return make_error(ErrorCode::unsupported, "this processor lacks SSSE3, which Hyperscan needs");
  }
  AnchorDatabase anchors;
  if (Status added = Collector(anchors).add(rules); !added) return added.error();
  if (anchors.sought_.empty()) return anchors;
  std::string path;
  if (!cache_folder.empty()) {
    path = cache_folder + "/" + cache_name(rules);
    anchors.database_ = load(path);
    if (anchors.database_) return anchors;
  }
  auto compiled = anchors.compile();
  if (!compiled) return compiled.error();
  anchors.database_ = std::move(*compiled);
  if (!path.empty()) store(anchors.database_.get(), cache_folder, path);
  return anchors;
}

Result<HsScratch> AnchorDatabase::make_scratch() const {
  if (!database_) return HsScratch();
  hs_scratch_t* scratch = nullptr;
  const hs_error_t code = hs_alloc_scratch(database_.get(), &scratch);
  if (code != HS_SUCCESS) return hs_error(code, "allocating scratch memory");
  return HsScratch(scratch);
}

namespace {

struct Recorder {
  std::vector<Hit>* hits = nullptr;
  std::size_t limit = 0;
  bool sorted = true;
};

// Only records: sorting and confirming come after.
int record(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) noexcept {
  auto* recorder = static_cast<Recorder*>(context);
  std::vector<Hit>& hits = *recorder->hits;
  if (hits.size() >= recorder->limit) return 1;
  const auto end = static_cast<std::uint32_t>(to);
  if (!hits.empty() && hits.back().end > end) recorder->sorted = false;
  hits.push_back({end, static_cast<std::uint16_t>(id), Hit::kOpen});
  return 0;
}

}  // namespace

Status AnchorDatabase::scan(std::string_view bytes, hs_scratch* scratch, std::size_t max_hits,
                            std::vector<Hit>& out) const {
  if (!database_ || bytes.empty()) return {};
  if (bytes.size() > 0xFFFFFFFFU) return make_error(ErrorCode::unsupported, "more than 4 GiB in one piece");
  const std::size_t before = out.size();
  Recorder recorder{&out, before + max_hits};
  const hs_error_t code =
      hs_scan(database_.get(), bytes.data(), static_cast<unsigned>(bytes.size()), 0, scratch, record, &recorder);
  if (!recorder.sorted) {
    std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                     [](const Hit& a, const Hit& b) { return a.end < b.end; });
  }
  if (code == HS_SCAN_TERMINATED) return make_error(ErrorCode::limit_exceeded, "too many candidates");
  if (code != HS_SUCCESS) return hs_error(code, "scanning");
  return {};
}

}  // namespace keytrail::engine
