#include "scanner/scan/explain.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "scanner/base/glob.h"
#include "scanner/core/masked.h"
#include "scanner/engine/made_up.h"
#include "scanner/engine/text.h"
#include "scanner/scan/allow_comment.h"
#include "scanner/scan/collect.h"
#include "scanner/scan/position.h"
#include "scanner/scan/worker.h"

namespace keytrail::scan {
namespace {

using engine::Decision;
using engine::Outcome;

class Collector : public engine::Observer {
 public:
  explicit Collector(const ruleset::RuleSet& rules) : rules_(rules) {}

  void candidate(core::RuleIndex rule, const core::Span& anchor) override { anchors.emplace_back(rule, anchor); }
  void decided(const Decision& decision) override { decisions.push_back(decision); }
  void decided_in(const Decision& decision, std::string_view decoded, const core::Span& source) override {
    Decision told = decision;
    told.span = source;
    told.secret = {};
    const std::string secret(decoded.substr(decision.secret.begin, decision.secret.size()));
    in_decoded.push_back({told, secret, "in decoded text: " + engine::explain(decision, rules_, decoded)});
  }

  struct Decoded {
    Decision decision;   // of the source
    std::string secret;  // empty where there is none
    std::string why;
  };
  std::vector<std::pair<core::RuleIndex, core::Span>> anchors;
  std::vector<Decision> decisions;
  std::vector<Decoded> in_decoded;

 private:
  const ruleset::RuleSet& rules_;
};

// Decisions come in any order, and a text may be one line of many megabytes: lines by binary search, columns from sums.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      starts_.push_back(at + 1);
    }
    for (std::uint64_t at = 0; at < text.size(); at += kBlock) {
      blocks_.push_back(blocks_.back() + code_points(text.substr(at, kBlock)));
    }
  }
  core::Position position(const core::Span& span) const {
    const auto start = place(span.begin);
    const auto end = place(span.end);
    return {start.line, start.column, end.line, end.column};
  }

 private:
  static constexpr std::uint64_t kBlock = 4096;

  static std::uint64_t code_points(std::string_view text) {
    return static_cast<std::uint64_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  }
  std::uint64_t code_points_before(std::uint64_t offset) const {
    const std::uint64_t block = offset / kBlock;
    return blocks_[block] + code_points(text_.substr(block * kBlock, offset % kBlock));
  }
  PositionCounter::Place place(std::uint64_t offset) const {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const std::uint64_t start = *std::prev(next);
    return {static_cast<std::uint64_t>(next - starts_.begin()),
            code_points_before(offset) - code_points_before(start) + 1};
  }

  std::string_view text_;
  std::vector<std::uint64_t> starts_ = {0};
  std::vector<std::uint64_t> blocks_ = {0};  // code points before each block
};

class Explainer {
 public:
  Explainer(const engine::Engine& engine, std::string_view text, const std::string& path, const ExplainOptions& options)
      : rules_(engine.rules()), text_(text), path_(path), options_(options), lines_(text) {
    binary_ = engine::detect_encoding(text) == engine::Encoding::binary;
  }

  void add_match(const core::Match& match) {
    Explained item = described({match.rule, match.span, match.secret, Outcome::found});
    const std::string_view secret = core::secret_of(match, text_);
    item.masked = core::mask(secret, rules_.rules()[match.rule].public_prefix);
    item.fingerprint = fingerprint_of(rules_.rules()[match.rule].first_id(), secret);
    settle(match, item);
    add(std::move(item));
  }

  void add_decision(const Decision& decision) {
    Explained item = described(decision);
    item.outcome = engine::to_string(decision.outcome);
    item.why = engine::explain(decision, rules_, text_);
    if (decision.outcome == Outcome::filtered) item.filter = engine::to_string(decision.drop);
    add(std::move(item));
  }

  void add_decoded(const Collector::Decoded& decoded) {
    Explained item = described(decoded.decision);
    if (!decoded.secret.empty()) {
      item.masked = core::mask(decoded.secret, rules_.rules()[decoded.decision.rule].public_prefix);
    }
    item.outcome = engine::to_string(decoded.decision.outcome);
    item.why = decoded.why;
    if (decoded.decision.outcome == Outcome::filtered) item.filter = engine::to_string(decoded.decision.drop);
    add(std::move(item));
  }

  // Anchors of rules of which nothing else was said on their lines.
  void add_anchors(const Collector& seen) {
    std::set<std::pair<core::RuleIndex, std::uint64_t>> told;
    for (const Explained& item : items_) {
      for (std::uint64_t line = item.position.start_line; line <= item.position.end_line; ++line) {
        told.emplace(item.rule, line);
      }
    }
    for (const auto& [rule, anchor] : seen.anchors) {
      const Decision decision{rule, anchor, {}, Outcome::no_match};
      const core::Position position = lines_.position(anchor);
      if (told.emplace(rule, position.start_line).second) add_decision(decision);
    }
  }

  std::vector<Explained> take() {
    std::sort(items_.begin(), items_.end(), [&](const Explained& a, const Explained& b) {
      const auto key = [&](const Explained& e) { return std::tuple(rank(e), e.position, e.rule, e.outcome); };
      return std::pair(a.position.start_line, key(a)) < std::pair(b.position.start_line, key(b));
    });
    return std::move(items_);
  }

 private:
  static int rank(const Explained& item) {
    if (!item.fingerprint.empty()) return 0;
    return item.masked.empty() ? 2 : 1;
  }

  Explained described(const Decision& decision) const {
    const ruleset::Rule& rule = rules_.rules()[decision.rule];
    Explained item;
    item.rule = decision.rule;
    const bool matched = decision.secret.size() > 0;
    item.position = lines_.position(matched ? decision.secret : decision.span);
    if (!matched) return item;
    item.masked = core::mask(text_.substr(decision.secret.begin, decision.secret.size()), rule.public_prefix);
    return item;
  }

  // What the scan does with a match behind the engine.
  void settle(const core::Match& match, Explained& item) {
    const ruleset::Rule& rule = rules_.rules()[match.rule];
    const auto left_out = [&item](std::string_view outcome, std::string why) {
      item.outcome = outcome;
      item.why = std::move(why);
    };
    const auto glob = [&](const std::string& g) { return glob_matches(g, path_); };
    if (binary_ && rule.kind == ruleset::RuleKind::generic) {
      return left_out("binary", "the file is binary, and rules of the kind generic count in text alone");
    }
    if (!rule_wants(rule, path_) || (options_.imported != nullptr && !options_.imported->wants(rule.id, path_))) {
      return left_out("path", "the rule does not look at this path (keytrail rules show " + rule.id + ")");
    }
    if (std::any_of(options_.exclude.begin(), options_.exclude.end(), glob)) {
      return left_out("excluded", "--exclude or the configuration leaves this path out");
    }
    if (match.confidence < options_.min_confidence) {
      return left_out("confidence", "its confidence is " + std::string(core::to_string(match.confidence)) +
                                        "; --min-confidence " + std::string(core::to_string(match.confidence)) +
                                        " shows it");
    }
    if (const auto suppression = suppressed(match, item)) {
      return left_out("suppressed", "found, and accepted by " + std::string(core::to_string(suppression->kind)) +
                                        (suppression->reason.empty() ? "" : ": " + suppression->reason));
    }
    left_out("reported", "found: severity " + std::string(core::to_string(match.severity)) + ", confidence " +
                             std::string(core::to_string(match.confidence)) + about(match));
  }

  // A match that cannot be a live credential is a line for information.
  static std::string about(const core::Match& match) {
    if (!engine::is_sample(match)) return {};
    for (const auto& [name, value] : match.facts) {
      if (name == "sample") return "; no live credential: " + value;
    }
    return {};
  }

  std::optional<core::Suppression> suppressed(const core::Match& match, const Explained& item) {
    AllowComment comment = find_allow_comment(text_, match.secret, rules_, match.rule);
    if (comment.allowed) return core::Suppression{core::Suppression::Kind::comment, std::move(comment.reason), {}};
    const std::string& id = rules_.rules()[match.rule].id;
    if (options_.suppressions != nullptr) {
      if (auto found = options_.suppressions->find(id, item.fingerprint, path_)) return found;
    }
    if (options_.imported == nullptr) return std::nullopt;
    std::vector<std::string> related;
    for (const core::RuleIndex index : match.related) related.push_back(rules_.rules()[index].id);
    core::Occurrence occurrence;
    occurrence.path = path_;
    occurrence.position = item.position;
    return options_.imported->find(id, related, occurrence, options_.imported->marks(match, rules_, text_));
  }

  void add(Explained item) {
    const bool here =
        options_.line == 0 || (item.position.start_line <= options_.line && options_.line <= item.position.end_line);
    if (here) items_.push_back(std::move(item));
  }

  const ruleset::RuleSet& rules_;
  std::string_view text_;
  const std::string& path_;
  const ExplainOptions& options_;
  Lines lines_;
  bool binary_ = false;
  std::vector<Explained> items_;
};

}  // namespace

Result<std::vector<Explained>> explain(const engine::Engine& engine, std::string_view text, const std::string& path,
                                       const ExplainOptions& options) {
  auto scratch = engine.make_scratch();
  if (!scratch) return scratch.error();
  Collector seen(engine.rules());
  scratch->observe(&seen);
  std::vector<core::Match> matches;
  if (Status scanned = engine.scan(text, *scratch, matches); !scanned) return scanned.error();
  Explainer explainer(engine, text, path, options);
  for (const core::Match& match : matches) explainer.add_match(match);
  for (const Decision& decision : seen.decisions) explainer.add_decision(decision);
  for (const Collector::Decoded& decoded : seen.in_decoded) explainer.add_decoded(decoded);
  explainer.add_anchors(seen);
  return explainer.take();
}

}  // namespace keytrail::scan
