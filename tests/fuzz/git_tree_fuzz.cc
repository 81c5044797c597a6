// Trees that are made from other trees: what is inherited gives the result of parsing all of it, whatever the bytes
// are. The input is a script of edits (edits.h); names of objects that the repository has are among the fragments.
#include <memory>
#include <vector>

#include "scanner/git/tree_reader.h"
#include "tests/fuzz/edits.h"

namespace {

using keytrail::fuzz::EditedText;
using keytrail::fuzz::require;
using keytrail::git::NameTable;
using keytrail::git::ObjectIndex;
using keytrail::git::ObjectName;
using keytrail::git::ObjectNumber;
using keytrail::git::TreeReader;
using keytrail::git::TreeState;
using keytrail::git::WantedBlobs;

ObjectName name_of(char letter) { return ObjectName::from_bytes(std::string(20, letter).data()); }

const ObjectIndex& objects() {
  static const ObjectIndex index = [] {
    ObjectIndex made;
    for (const char letter : std::string_view("abcdefgh")) made.add(name_of(letter));
    return made;
  }();
  return index;
}

const std::vector<std::string>& fragments() {
  static const std::vector<std::string> made = [] {
    std::vector<std::string> list;
    for (const char* mode : {"100644 ", "40000 ", "120000 ", "160000 "}) {
      for (const char* name : {"a", "README", "lib", "40000 x"}) {
        // A folder, a wanted blob, an unwanted one, one that is not there.
        for (const char letter : std::string_view("aegy")) {
          list.push_back(std::string(mode) + name + '\0' + std::string(20, letter));
        }
      }
    }
    list.emplace_back("100644 ");
    list.emplace_back(1, '\0');
    list.emplace_back(20, 'a');
    return list;
  }();
  return made;
}

bool same(const TreeState& a, const TreeState& b) {
  if (*a.begins != *b.begins || a.known.size() != b.known.size()) return false;
  for (std::size_t i = 0; i < a.known.size(); ++i) {
    if (a.known[i].index != b.known[i].index || a.known[i].kind != b.known[i].kind) return false;
    if (a.known[i].name != b.known[i].name || a.known[i].object != b.known[i].object) return false;
  }
  return true;
}

struct Readers {
  NameTable names;
  WantedBlobs wanted{objects(), {4, 5}};
  TreeReader plain{objects(), wanted, names};
  TreeReader derived{objects(), wanted, names};
};

// A reader's buffers cost more than an input does: they serve for many, with what they remember of the last ones.
Readers& next_readers() {
  constexpr unsigned kInputs = 256;
  static std::unique_ptr<Readers> readers;
  static unsigned used = 0;
  if (used++ % kInputs == 0) readers = std::make_unique<Readers>();
  return *readers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Readers& readers = next_readers();
  TreeReader& plain = readers.plain;
  TreeReader& derived = readers.derived;
  keytrail::fuzz::Input input(data, size);
  EditedText base;
  std::unique_ptr<TreeState> state;
  for (ObjectNumber number = 0; number < 8 && !input.at_end(); ++number) {
    const EditedText next = keytrail::fuzz::read_edit(input, base.text, fragments());
    plain.read(number, next.text, nullptr, nullptr);
    derived.read(number, next.text, state.get(), state ? &next.copies : nullptr);
    state = derived.keep();
    require(same(*plain.keep(), *state));
    require(plain.damaged() == derived.damaged());
    base = next;
  }
  require(plain.submodules() == derived.submodules());
  require(plain.missing().skips(objects()) == derived.missing().skips(objects()));
  return 0;
}
