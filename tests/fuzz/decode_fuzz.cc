// Decoders: any bytes. Marks of a part are those of the whole, decoded texts keep their bounds and lead back into the
// source, and what is decoded from runs of a text that was looked at before is what is decoded from all of it.
#include <algorithm>
#include <string>
#include <vector>

#include "scanner/engine/decode.h"
#include "tests/fuzz/input.h"

namespace {

using namespace keytrail;
using namespace keytrail::engine;
using core::Match;
using fuzz::require;

// Each decoded text is one match, of its text; so that what is found tells what was decoded.
class Everything final : public DecodedVisitor {
 public:
  explicit Everything(std::size_t source_size) : source_size_(source_size) {}

  void visit(DecodedText* texts, std::size_t count, std::vector<std::pair<std::size_t, Match>>& out) override {
    for (std::size_t i = 0; i < count; ++i) {
      const DecodedText& decoded = texts[i];
      require(decoded.places.size() == decoded.text.size());
      require(!decoded.encodings.empty() && decoded.encodings.size() <= kMaxDecodeDepth);
      require(decoded.unit.begin < decoded.unit.end && decoded.unit.end <= source_size_);
      for (std::size_t at = 0; at < decoded.places.size(); ++at) {
        const DecodedText::Place& place = decoded.places[at];
        require(place.begin < place.end && place.end <= source_size_);
        require(at == 0 || decoded.places[at - 1].begin <= place.begin);
      }
      if (decoded.text.empty()) continue;
      Match match;
      match.span = match.secret = {0, decoded.text.size()};
      out.emplace_back(i, std::move(match));
    }
  }

 private:
  std::size_t source_size_;
};

void run(Decoder& decoder, std::string_view text, const DecodeState* base, const CopyMap* map, DecodeState& state) {
  Everything visitor(text.size());
  decoder.run(text, base, map, std::uint64_t{1} << 20, visitor, state);
}

void same(const DecodeState& a, const DecodeState& b) {
  require(a.over_budget == b.over_budget && a.marks.size() == b.marks.size() && a.found.size() == b.found.size());
  for (std::size_t i = 0; i < a.marks.size(); ++i) {
    require(a.marks[i].at == b.marks[i].at && a.marks[i].size == b.marks[i].size && a.marks[i].kind == b.marks[i].kind);
  }
  for (std::size_t i = 0; i < a.found.size(); ++i) {
    const DecodedMatch& x = a.found[i];
    const DecodedMatch& y = b.found[i];
    require(x.is_chain == y.is_chain && x.unit == y.unit && x.is_cut == y.is_cut);
    require(x.match.secret == y.match.secret && x.match.decoded == y.match.decoded && x.match.facts == y.match.facts);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const std::string_view text = fuzz::text_of(data + 4, size - 4);
  static Decoder decoder;
  DecodeState whole;
  run(decoder, text, nullptr, nullptr, whole);

  // The text with something put into it is made of two runs of it.
  const std::size_t at = (data[0] + std::size_t{256} * data[1]) % (text.size() + 1);
  const std::size_t from = std::min(text.size(), at + data[2] % 64);
  const std::string inserted(text.substr(0, data[3] % 80));
  const std::string edited = std::string(text.substr(0, at)) + inserted + std::string(text.substr(from));
  std::vector<core::Copy> copies;
  if (at > 0) copies.push_back({0, 0, at});
  if (from < text.size()) copies.push_back({at + inserted.size(), from, text.size() - from});
  const CopyMap map(copies, edited.size(), text.size());
  DecodeState want, got;
  run(decoder, edited, nullptr, nullptr, want);
  run(decoder, edited, &whole, &map, got);
  same(want, got);
  return 0;
}
