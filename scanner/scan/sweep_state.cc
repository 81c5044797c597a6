#include "scanner/scan/sweep_state.h"

#include <memory>
#include <unordered_map>
#include <utility>

#include "scanner/base/state_file.h"

namespace keytrail::scan {
namespace {

// The fewest bytes that an item can take, for counts.
constexpr std::size_t kLeast = sizeof(std::uint64_t);

class Writer {
 public:
  explicit Writer(const ruleset::RuleSet& rules) : rules_(rules) {}

  void record(const Record& record) {
    rule(record.rule);
    out.u8(static_cast<std::uint8_t>(record.severity));
    out.u8(static_cast<std::uint8_t>(record.confidence));
    out.text(record.fingerprint);
    out.text(record.masked);
    out.u64(record.related.size());
    for (const core::RuleIndex related : record.related) rule(related);
    out.u64(record.facts.size());
    for (const auto& [name, value] : record.facts) {
      out.text(name);
      out.text(value);
    }
    occurrence(record.occurrence);
    out.u64(record.marks.size());
    for (const std::uint32_t mark : record.marks) out.u64(mark);
    token(record.token);
    out.u8(record.comment ? 1 : 0);
    if (!record.comment) return;
    out.u8(static_cast<std::uint8_t>(record.comment->kind));
    out.text(record.comment->reason);
    out.text(record.comment->owner);
  }

  void home(const core::Home& home) {
    out.text(home.path);
    object(home.commit);
    out.text(home.author);
    out.i64(home.author_time);
    out.i64(home.author_offset_minutes);
    out.text(home.committer);
    out.i64(home.commit_time);
    out.i64(home.commit_offset_minutes);
    out.u8(home.removed_by ? 1 : 0);
    if (home.removed_by) object(*home.removed_by);
    out.i64(home.removed_time);
    out.i64(home.removed_offset_minutes);
    out.u8(home.at_tip ? 1 : 0);
    out.u8(home.reachable ? 1 : 0);
    out.u8(home.on_branch ? 1 : 0);
    reach(home.reach.get());
  }

  void object(const core::ObjectId& id) { out.text(id.raw()); }
  void skip(const core::Skip& skip) {
    out.u8(static_cast<std::uint8_t>(skip.reason));
    out.text(skip.path);
    out.text(skip.detail);
  }
  // Without what stage one looked at: it looks at none of this again.
  void stats(const core::Stats& s) {
    for (const std::uint64_t value : {s.blobs_seen, s.blobs_scanned, s.bytes_scanned, s.blobs_skipped,
                                      s.archives_opened, s.commits, s.candidates, s.pattern_matches, s.matches}) {
      out.u64(value);
    }
  }

  StateWriter out;

 private:
  void rule(core::RuleIndex index) { out.text(rules_.rules()[index].id); }
  void token(const std::optional<core::TokenLink>& link) {
    out.u8(link ? 1 : 0);
    if (!link) return;
    out.text(link->token);
    out.u64(link->value);
    out.u8(link->probable ? 1 : 0);
    out.text(link->joined_by);
  }
  // By a number that counts from 1; what it stands for comes with the first that has it.
  void reach(const core::Reach* reach) {
    if (reach == nullptr) return out.u64(0);
    const auto [entry, added] = reaches_.try_emplace(reach, reaches_.size() + 1);
    out.u64(entry->second);
    if (!added) return;
    out.u64(reach->refs.size());
    for (const std::string& reference : reach->refs) out.text(reference);
    out.u64(reach->ref_count);
    out.text(reach->held_by);
  }
  void occurrence(const core::Occurrence& occurrence) {
    out.u8(static_cast<std::uint8_t>(occurrence.kind));
    out.text(occurrence.path);
    out.u64(occurrence.position.start_line);
    out.u64(occurrence.position.start_column);
    out.u64(occurrence.position.end_line);
    out.u64(occurrence.position.end_column);
    out.u8(occurrence.object ? 1 : 0);
    if (occurrence.object) object(*occurrence.object);
  }

  const ruleset::RuleSet& rules_;
  std::unordered_map<const core::Reach*, std::uint64_t> reaches_;
};

class Reader {
 public:
  Reader(std::string_view bytes, const ruleset::RuleSet& rules) : in(bytes) {
    for (std::size_t i = 0; i < rules.rules().size(); ++i) {
      numbers_.emplace(rules.rules()[i].id, static_cast<core::RuleIndex>(i));
    }
  }

  Record record() {
    Record record;
    record.rule = rule();
    record.severity = choice(core::Severity::critical);
    record.confidence = choice(core::Confidence::high);
    record.fingerprint = in.text();
    record.masked = in.text();
    record.related.resize(in.count(kLeast));
    for (core::RuleIndex& related : record.related) related = rule();
    record.facts.resize(in.count(kLeast));
    for (auto& [name, value] : record.facts) {
      name = in.text();
      value = in.text();
    }
    record.occurrence = occurrence();
    record.marks.resize(in.count(kLeast));
    for (std::uint32_t& mark : record.marks) mark = static_cast<std::uint32_t>(in.u64());
    if (flag()) {
      record.token.emplace();
      record.token->token = in.text();
      record.token->value = static_cast<std::uint32_t>(in.u64());
      record.token->probable = flag();
      record.token->joined_by = in.text();
    }
    if (flag()) {
      record.comment.emplace();
      record.comment->kind = choice(core::Suppression::Kind::baseline);
      record.comment->reason = in.text();
      record.comment->owner = in.text();
    }
    return record;
  }

  core::Home home() {
    core::Home home;
    home.path = in.text();
    home.commit = object();
    home.author = in.text();
    home.author_time = in.i64();
    home.author_offset_minutes = static_cast<std::int32_t>(in.i64());
    home.committer = in.text();
    home.commit_time = in.i64();
    home.commit_offset_minutes = static_cast<std::int32_t>(in.i64());
    if (flag()) home.removed_by = object();
    home.removed_time = in.i64();
    home.removed_offset_minutes = static_cast<std::int32_t>(in.i64());
    home.at_tip = flag();
    home.reachable = flag();
    home.on_branch = flag();
    home.reach = reach();
    return home;
  }

  core::ObjectId object() {
    const std::string_view raw = in.text();
    if (raw.size() != 20 && raw.size() != 32) {
      in.fail();
      return {};
    }
    return core::ObjectId::from_bytes(raw);
  }
  core::Skip skip() {
    core::Skip skip;
    skip.reason = choice(core::SkipReason::not_supported);
    skip.path = in.text();
    skip.detail = in.text();
    return skip;
  }
  core::Stats stats() {
    core::Stats s;
    for (std::uint64_t* value : {&s.blobs_seen, &s.blobs_scanned, &s.bytes_scanned, &s.blobs_skipped,
                                 &s.archives_opened, &s.commits, &s.candidates, &s.pattern_matches, &s.matches}) {
      *value = in.u64();
    }
    return s;
  }

  StateReader in;

 private:
  bool flag() { return in.u8() == 1; }
  template <typename Enum>
  Enum choice(Enum last) {
    const std::uint8_t value = in.u8();
    if (value > static_cast<std::uint8_t>(last)) in.fail();
    return in.ok() ? static_cast<Enum>(value) : last;
  }
  core::RuleIndex rule() {
    const auto found = numbers_.find(in.text());
    if (found == numbers_.end()) in.fail();
    return in.ok() ? found->second : 0;
  }
  std::shared_ptr<const core::Reach> reach() {
    const std::uint64_t number = in.u64();
    if (number == 0) return nullptr;
    if (number <= reaches_.size()) return reaches_[number - 1];
    if (number != reaches_.size() + 1) in.fail();
    const auto reach = std::make_shared<core::Reach>();
    for (std::uint64_t left = in.count(kLeast); left > 0 && in.ok(); --left) reach->refs.emplace_back(in.text());
    reach->ref_count = in.u64();
    reach->held_by = in.text();
    reaches_.push_back(reach);
    return reach;
  }
  core::Occurrence occurrence() {
    core::Occurrence occurrence;
    occurrence.kind = choice(core::BlobKind::tag_message);
    occurrence.path = in.text();
    occurrence.position.start_line = in.u64();
    occurrence.position.start_column = in.u64();
    occurrence.position.end_line = in.u64();
    occurrence.position.end_column = in.u64();
    if (flag()) occurrence.object = object();
    return occurrence;
  }

  std::unordered_map<std::string_view, core::RuleIndex> numbers_;
  std::vector<std::shared_ptr<const core::Reach>> reaches_;
};

}  // namespace

std::string encode_sweep(const Swept& swept, const ruleset::RuleSet& rules) {
  Writer writer(rules);
  writer.out.u64(swept.records.size());
  for (const Record& record : swept.records) writer.record(record);
  writer.out.u64(swept.homes.size());
  for (const auto& [object, homes] : swept.homes) {
    writer.object(object);
    writer.out.u64(homes.size());
    for (const core::Home& home : homes) writer.home(home);
  }
  writer.out.u64(swept.skips.size());
  for (const core::Skip& skip : swept.skips) writer.skip(skip);
  writer.out.u64(swept.notes.size());
  for (const std::string& note : swept.notes) writer.out.text(note);
  writer.stats(swept.stats);
  return writer.out.take();
}

std::optional<Swept> decode_sweep(std::string_view bytes, const ruleset::RuleSet& rules) {
  Reader reader(bytes, rules);
  Swept swept;
  for (std::uint64_t left = reader.in.count(kLeast); left > 0 && reader.in.ok(); --left) {
    swept.records.push_back(reader.record());
  }
  for (std::uint64_t left = reader.in.count(kLeast); left > 0 && reader.in.ok(); --left) {
    std::vector<core::Home>& homes = swept.homes[reader.object()];
    for (std::uint64_t count = reader.in.count(kLeast); count > 0 && reader.in.ok(); --count) {
      homes.push_back(reader.home());
    }
  }
  for (std::uint64_t left = reader.in.count(kLeast); left > 0 && reader.in.ok(); --left) {
    swept.skips.push_back(reader.skip());
  }
  for (std::uint64_t left = reader.in.count(kLeast); left > 0 && reader.in.ok(); --left) {
    swept.notes.emplace_back(reader.in.text());
  }
  swept.stats = reader.stats();
  if (!reader.in.at_end()) return std::nullopt;
  return swept;
}

}  // namespace keytrail::scan
