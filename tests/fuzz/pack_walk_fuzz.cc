// Whole packs, hostile ones: opened and walked by one thread and by three. Every object that hangs in a tree is visited
// or lost once, with the same bytes each time, and copies are true. The input says which entries the pack has: whole
// objects, deltas that are right, deltas of arbitrary bytes, bases that are missing, late or the entry itself, offsets
// that point anywhere.
#include <memory>
#include <vector>

#include "scanner/pack/pack_file.h"
#include "scanner/pack/pack_walk.h"
#include "tests/fuzz/edits.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/pack/collecting_visitor.h"
#include "tests/unit/pack/made_pack.h"

namespace {

using keytrail::fuzz::Input;
using keytrail::fuzz::require;
using keytrail::pack::PackFile;
using keytrail::pack::test::CollectingVisitor;
using keytrail::pack::test::made_id;
using keytrail::pack::test::MadePack;

constexpr std::size_t kMaxEntries = 48;

const std::vector<std::string>& fragments() {
  static const std::vector<std::string> made = {"one line\n", "another line\n", std::string(300, 'x') + "\n", "\n",
                                                "end"};
  return made;
}

// Adds the next entry. `texts` has what each entry should expand to, as far as it should.
void add_entry(Input& input, MadePack& pack, std::vector<std::string>& texts) {
  const std::uint8_t kind = input.byte() % 8;
  const std::size_t base = texts.empty() ? 0 : input.byte() % texts.size();
  std::string text;
  if (kind < 2 || texts.empty()) {
    const unsigned type = 1 + input.byte() % 4U;
    text = keytrail::fuzz::read_edit(input, {}, fragments()).text;
    pack.add_whole(type, text);
  } else if (kind < 6) {
    const auto steps = keytrail::fuzz::read_script(input, texts[base].size(), fragments());
    const std::string delta = keytrail::fuzz::delta_of(steps, texts[base].size());
    for (const auto& step : steps) text += step.size > 0 ? texts[base].substr(step.from, step.size) : step.text;
    if (kind == 5) {
      pack.add_named_delta(made_id(input.byte() % kMaxEntries), delta);
    } else {
      pack.add_offset_delta(base, delta);
    }
  } else if (kind == 6) {
    const std::string_view delta = input.bytes(input.byte());
    pack.add_offset_delta(base, delta);
  } else {
    pack.add_raw(input.bytes(input.byte()));
  }
  texts.push_back(std::move(text));
}

std::unique_ptr<CollectingVisitor> walk(const PackFile& pack, unsigned threads) {
  auto visitor = std::make_unique<CollectingVisitor>();
  auto options = keytrail::pack::test::all_types(threads);
  options.max_object_bytes = std::uint64_t{1} << 20;
  keytrail::pack::walk_pack(pack, options, *visitor);
  require(visitor->faults.empty());
  require(visitor->seen.size() + visitor->losses.size() == visitor->calls);
  return visitor;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const keytrail::test::TemporaryFolder folder;
  Input input(data, size);
  MadePack made;
  std::vector<std::string> texts;
  const std::size_t entries = 1 + input.byte() % kMaxEntries;
  const std::uint8_t moved = input.byte();
  const std::size_t to = input.pair();
  while (texts.size() < entries && (texts.empty() || !input.at_end())) add_entry(input, made, texts);
  if (moved % 4 == 0) made.set_offset(moved % texts.size(), to);

  const auto pack = PackFile::open(made.write(folder), 20);
  if (!pack) return 0;
  const auto alone = walk(*pack, 1);
  const auto together = walk(*pack, 3);
  const auto below = keytrail::pack::test::ids_below_strays(*pack);
  require(alone->calls + below.size() + pack->lost().size() == texts.size());
  require(alone->seen.size() == together->seen.size() && alone->losses.size() == together->losses.size());
  for (const auto& [id, seen] : alone->seen) {
    const auto other = together->seen.find(id);
    require(other != together->seen.end() && !below.contains(id));
    require(seen.bytes == other->second.bytes && seen.type == other->second.type && seen.base == other->second.base);
  }
  return 0;
}
