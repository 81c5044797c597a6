#include "scanner/cli/credential_guard.h"

#include <algorithm>

#include "scanner/cli/environment.h"
#include "scanner/engine/engine.h"
#include "scanner/ruleset/ruleset.h"

namespace keytrail::cli {
namespace {

bool counts(const ruleset::Rule& rule, const core::Match& match) {
  return match.confidence == core::Confidence::high && rule.id != "aws-access-key-id" &&
         (rule.kind == ruleset::RuleKind::token || rule.kind == ruleset::RuleKind::block);
}

}  // namespace

void CredentialGuard::add(std::string place, std::string_view text) {
  // No rule is shorter than this.
  if (text.size() < 12) return;
  bytes_ += text;
  bytes_ += "\n\n";
  pieces_.push_back({bytes_.size(), std::move(place)});
}

Result<std::vector<std::string>> CredentialGuard::find() const {
  std::vector<std::string> found;
  if (pieces_.empty()) return found;
  const auto rules = ruleset::RuleSet::builtin();
  if (!rules) return rules.error();
  engine::EngineOptions options;
  options.cache_folder = cache_folder();
  const auto engine = engine::Engine::build(*rules, options);
  if (!engine) return engine.error();
  auto scratch = engine->make_scratch();
  if (!scratch) return scratch.error();
  std::vector<core::Match> matches;
  if (Status scanned = engine->scan(bytes_, *scratch, matches); !scanned) return scanned.error();
  const Piece* last = nullptr;
  for (const core::Match& match : matches) {
    const ruleset::Rule& rule = rules->rules()[match.rule];
    if (!counts(rule, match)) continue;
    const auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), match.secret.begin,
                                        [](std::uint64_t at, const Piece& one) { return at < one.end; });
    if (piece == pieces_.end() || &*piece == last) continue;
    last = &*piece;
    found.push_back(piece->place + ": a credential stands here (" + rule.id + "): it would be stored as it is");
  }
  return found;
}

Status refuse_credentials(const std::vector<std::pair<std::string, std::string>>& place_and_text) {
  CredentialGuard guard;
  for (const auto& [place, text] : place_and_text) guard.add(place, text);
  const auto found = guard.find();
  if (!found) return found.error();
  return found->empty() ? Status() : Status(make_error(ErrorCode::invalid_argument, found->front()));
}

}  // namespace keytrail::cli
