#include "scanner/core/token.h"

#include <array>

namespace keytrail::core {
namespace {

constexpr std::array<std::string_view, 5> kStates = {"active", "rotating", "revoked", "expired", "compromised"};
constexpr std::array<std::string_view, 3> kTiers = {"low", "medium", "high"};
constexpr std::array<std::string_view, 4> kPriorities = {"P0", "P1", "P2", "P3"};
constexpr std::array<std::string_view, 13> kVerdicts = {
    "leaked",   "leaked-superseded", "leaked-revoked", "untracked",       "never-rotated", "rotation-overdue",
    "expiring", "expired-active",    "no-owner",       "over-privileged", "shared",        "reused",
    "unused"};

template <typename Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(TokenState state) { return kStates[static_cast<std::size_t>(state)]; }
std::optional<TokenState> parse_token_state(std::string_view text) { return find_name<TokenState>(kStates, text); }
std::string_view to_string(Tier tier) { return kTiers[static_cast<std::size_t>(tier)]; }
std::string_view to_string(VerdictKind kind) { return kVerdicts[static_cast<std::size_t>(kind)]; }
std::optional<VerdictKind> parse_verdict_kind(std::string_view text) { return find_name<VerdictKind>(kVerdicts, text); }
std::string_view to_string(Priority priority) { return kPriorities[static_cast<std::size_t>(priority)]; }

}  // namespace keytrail::core
