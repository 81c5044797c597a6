#include "scanner/engine/anchors.h"

#include <hs/hs.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "scanner/base/file.h"
#include "scanner/base/hash.h"

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

AnchorDatabase::Target target_of(const ruleset::Rule& rule, core::RuleIndex index, const ruleset::Anchor& anchor) {
  AnchorDatabase::Target target{index, 0, 0};
  if (anchor.place == ruleset::AnchorPlace::context) {
    target.before = anchor.max_width + rule.context_distance + rule.max_width;
    target.behind = rule.context_distance + rule.max_width;
  } else {
    target.before = anchor.max_width + anchor.max_before;
    target.behind = rule.max_width - std::min(rule.max_width, anchor.min_before + anchor.min_width);
  }
  return target;
}

// Equal anchors of several rules are one; the order is that of the rules. The views are into the rules.
struct Distinct {
  std::vector<const ruleset::Anchor*> anchors;
  std::vector<std::vector<AnchorDatabase::Target>> targets;
  std::uint32_t max_width = 1;
};

Distinct collect(const ruleset::RuleSet& rules) {
  Distinct distinct;
  std::unordered_map<std::string, std::size_t> known;
  for (core::RuleIndex i = 0; i < rules.rules().size(); ++i) {
    for (const ruleset::Anchor& anchor : rules.rules()[i].anchors) {
      std::string key = anchor.text;
      key += anchor.caseless ? 'i' : 'c';
      key += anchor.is_pattern ? 'p' : 'l';
      const auto [entry, is_new] = known.try_emplace(std::move(key), distinct.anchors.size());
      if (is_new) {
        distinct.anchors.push_back(&anchor);
        distinct.targets.emplace_back();
      }
      distinct.targets[entry->second].push_back(target_of(rules.rules()[i], i, anchor));
      distinct.max_width = std::max(distinct.max_width, anchor.max_width);
    }
  }
  return distinct;
}

Result<HsDatabase> compile(const std::vector<const ruleset::Anchor*>& anchors) {
  std::vector<std::string> texts;
  texts.reserve(anchors.size());
  for (const ruleset::Anchor* anchor : anchors)
    texts.push_back(anchor->is_pattern ? anchor->text : escaped(anchor->text));
  std::vector<const char*> patterns;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    ids.push_back(static_cast<unsigned>(i));
    patterns.push_back(texts[i].c_str());
    flags.push_back(anchors[i]->caseless ? unsigned{HS_FLAG_CASELESS} : 0U);
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

// Names the database: the rules it was made of, the library's version and the processor it was made for.
std::string cache_name(const ruleset::RuleSet& rules) {
  std::string parts = rules.digest() + "/" + hs_version();
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
  return HsDatabase(database);
}

// Best effort: a cache that cannot be written is compiled again next time.
void store(const hs_database* database, const std::string& folder, const std::string& path) {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return;
  const std::unique_ptr<char, decltype(&std::free)> owner(bytes, &std::free);
  if (!make_directories(folder, 0700)) return;
  (void)write_file_atomically(path, {bytes, size}, 0600).has_value();
}

}  // namespace

void HsDatabaseFree::operator()(hs_database* database) const noexcept { hs_free_database(database); }
void HsScratchFree::operator()(hs_scratch* scratch) const noexcept { hs_free_scratch(scratch); }

Result<AnchorDatabase> AnchorDatabase::build(const ruleset::RuleSet& rules, const std::string& cache_folder) {
  if (hs_valid_platform() != HS_SUCCESS) {
    return make_error(ErrorCode::unsupported, "this processor lacks SSSE3, which Hyperscan needs");
  }
  AnchorDatabase anchors;
  Distinct distinct = collect(rules);
  anchors.targets_ = std::move(distinct.targets);
  anchors.max_width_ = distinct.max_width;
  if (distinct.anchors.empty()) return anchors;
  std::string path;
  if (!cache_folder.empty()) {
    path = cache_folder + "/" + cache_name(rules);
    anchors.database_ = load(path);
    if (anchors.database_) return anchors;
  }
  auto compiled = compile(distinct.anchors);
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
  hits.push_back({end, id});
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
