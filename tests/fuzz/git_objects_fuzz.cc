// The bytes of commits, tags and trees: read or refused, and every view lies inside the input.
#include "scanner/git/raw_objects.h"
#include "tests/fuzz/input.h"

using keytrail::fuzz::require;

namespace {

void require_inside(std::string_view part, std::string_view whole) {
  if (part.empty()) return;
  require(part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = keytrail::fuzz::text_of(data, size);
  if (const auto commit = keytrail::git::parse_commit(bytes)) {
    require_inside(commit->message, bytes);
    require_inside(commit->author.who, bytes);
  }
  if (const auto tag = keytrail::git::parse_tag(bytes)) {
    require_inside(tag->message, bytes);
    require_inside(tag->tagger.who, bytes);
  }
  require_inside(keytrail::git::parse_identity(bytes).who, bytes);

  keytrail::git::TreeEntries entries(bytes);
  std::size_t previous = 0;
  while (const auto entry = entries.next()) {
    require_inside(entry->name, bytes);
    require(entries.position() > previous && entries.position() <= bytes.size());
    previous = entries.position();
  }
  require(entries.damaged() || entries.position() == bytes.size());
  return 0;
}
