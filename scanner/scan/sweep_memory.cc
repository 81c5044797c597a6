#include "scanner/scan/sweep_memory.h"

#include <algorithm>
#include <ctime>
#include <iterator>
#include <string_view>
#include <utility>

#include "scanner/base/state_file.h"

namespace keytrail::scan {
namespace {

constexpr std::string_view kFormat = "keytrail sweep 2";
constexpr std::string_view kAnswer = ".answer.state";
constexpr std::string_view kStart = ".start.state";
constexpr std::string_view kIds = ".ids.state";
constexpr std::size_t kNameBytes = 16;

std::string_view bytes_of(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Whether what a sweep could not see may be there the next time without a trace of it.
bool is_passing(const core::Skip& skip) {
  return skip.reason == core::SkipReason::unreadable || skip.reason == core::SkipReason::vanished;
}

}  // namespace

SweepMemory::SweepMemory(const MemoryOptions& options, const std::string& way, core::HistorySource* history,
                         const ruleset::RuleSet& rules)
    : history_(history), rules_(rules), folder_(options.folder) {
  if (history == nullptr || folder_.empty()) return;
  const std::string place = history->place();
  if (place.empty()) return;
  StateWriter key;
  for (const std::string_view part :
       {kFormat, std::string_view(options.program), std::string_view(rules.digest()), std::string_view(way)}) {
    key.text(part);
  }
  way_ = sha256(key.take());
  key.text(place);
  key.text(bytes_of(way_));
  name_ = folder_ + "/" + to_hex(sha256(key.take()).data(), kNameBytes);
  fingerprint_ = history->fingerprint();
}

Sha256Digest SweepMemory::answer_key() const {
  return sha256(std::string(bytes_of(way_)) + std::string(bytes_of(*fingerprint_)));
}

// Ids belong to the start that was written with them, which is that of the repository as it was then.
Sha256Digest SweepMemory::ids_key(std::string_view begun_at) const {
  return sha256(std::string(bytes_of(way_)) + std::string(begun_at) + "ids");
}

void SweepMemory::touch_start() const {
  for (const std::string_view end : {kStart, kIds}) touch_state(name_ + std::string(end));
}

std::optional<Swept> SweepMemory::recall() {
  if (!is_on()) return std::nullopt;
  const std::optional<StateFile> file = StateFile::load(name_ + std::string(kAnswer), answer_key());
  if (!file) return std::nullopt;
  touch_start();
  return decode_sweep(file->content(), rules_);
}

std::optional<Swept> SweepMemory::resume() {
  if (!is_on()) return std::nullopt;
  const std::optional<StateFile> file = StateFile::load(name_ + std::string(kStart), way_);
  if (!file) return std::nullopt;
  StateReader in(file->content());
  const std::string_view begun_at = in.text();
  const std::string_view found = in.text();
  const std::string_view history = in.text();
  if (!in.at_end()) return std::nullopt;
  std::optional<Swept> swept = decode_sweep(found, rules_);
  if (!swept) return std::nullopt;
  history_->resume(history, [&] { return StateFile::load(name_ + std::string(kIds), ids_key(begun_at)); });
  if (!history_->resumed()) return std::nullopt;
  touch_start();
  return swept;
}

void SweepMemory::keep_start(const Swept& swept) const {
  const std::string state = history_->state();
  if (state.empty()) return;
  // What the history says itself it will say again; what was found in objects is kept.
  Swept found;
  found.records = swept.records;
  found.notes = swept.notes;
  found.stats = swept.stats;
  std::vector<core::Skip> own = history_->own_skips();
  std::vector<core::Skip> all = swept.skips;
  std::sort(own.begin(), own.end());
  std::sort(all.begin(), all.end());
  std::set_difference(all.begin(), all.end(), own.begin(), own.end(), std::back_inserter(found.skips));
  const Sha256Digest now = answer_key();
  StateWriter out;
  out.text(bytes_of(now));
  out.text(encode_sweep(found, rules_));
  out.text(state);
  // Without ids a start is as good as before, until git packs anew.
  const std::string ids = history_->object_ids();
  if (!ids.empty()) (void)save_state(name_ + std::string(kIds), ids_key(bytes_of(now)), ids);
  (void)save_state(name_ + std::string(kStart), way_, out.take());
}

// Best effort: what cannot be written is found again next time.
void SweepMemory::keep(const Swept& swept) const {
  if (!is_on() || std::any_of(swept.skips.begin(), swept.skips.end(), is_passing)) return;
  if (std::any_of(swept.records.begin(), swept.records.end(), [](const Record& r) { return !r.secret.empty(); }))
    return;
  // What changed while it was read was perhaps read half.
  if (history_->fingerprint() != fingerprint_) return;
  prune_states(folder_, std::time(nullptr));
  if (!save_state(name_ + std::string(kAnswer), answer_key(), encode_sweep(swept, rules_))) return;
  keep_start(swept);
}

}  // namespace keytrail::scan
