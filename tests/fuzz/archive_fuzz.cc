// Archives: any bytes are taken apart within the limits, as a stream that gives them whole and as one that gives them
// one by one; both ways see the same members.
#include <algorithm>
#include <string>
#include <vector>

#include "scanner/fs/archive.h"
#include "tests/fuzz/input.h"

using keytrail::Result;
using keytrail::fuzz::require;
namespace core = keytrail::core;

namespace {

constexpr keytrail::fs::ArchiveLimits kLimits{.max_depth = 3,
                                              .max_entries = 200,
                                              .max_total_bytes = 1 << 20,
                                              .max_ratio = 100,
                                              .ratio_free_bytes = 1 << 16,
                                              .max_bytes_in_memory = 1 << 20,
                                              .whole_member_bytes = 1 << 10};

struct Member {
  std::string path;
  std::string bytes;
  friend bool operator==(const Member&, const Member&) = default;
};

class Recorder : public core::Sink {
 public:
  void blob(unsigned /*worker*/, const core::Blob& blob) override { add({blob.origin->path, std::string(blob.bytes)}); }
  void stream(unsigned /*worker*/, const core::BlobOrigin& origin, core::ByteStream& bytes) override {
    Member member{origin.path, {}};
    char buffer[777];
    while (true) {
      const auto count = bytes.read(buffer, sizeof buffer);
      if (!count || *count == 0) break;
      member.bytes.append(buffer, *count);
      require(member.bytes.size() <= kLimits.max_total_bytes);
    }
    add(std::move(member));
  }
  void skip(unsigned /*worker*/, core::SkipReason /*reason*/, std::string /*path*/, std::string /*detail*/) override {}
  void expect(std::uint64_t /*blobs*/, std::uint64_t /*bytes*/) override {}
  bool cancelled() const override { return false; }

  std::vector<Member> members;

 private:
  void add(Member member) {
    require(member.path.starts_with("input!/") || member.path == "input");
    require(members.size() <= kLimits.max_entries);
    members.push_back(std::move(member));
  }
};

// Gives at most `step` bytes of the input at a time.
class Dripping : public core::ByteStream {
 public:
  Dripping(std::string_view bytes, std::size_t step) : bytes_(bytes), step_(step) {}
  Result<std::size_t> read(char* buffer, std::size_t capacity) override {
    // The contract: fewer bytes than asked for only at the end; so the steps are inside.
    std::size_t total = 0;
    while (total < capacity && !bytes_.empty()) {
      const std::size_t count = std::min({capacity - total, bytes_.size(), step_});
      bytes_.copy(buffer + total, count);
      bytes_.remove_prefix(count);
      total += count;
    }
    return total;
  }

 private:
  std::string_view bytes_;
  std::size_t step_;
};

std::vector<Member> expand(std::string_view bytes, std::size_t step) {
  static const auto expander = keytrail::fs::make_archive_expander(kLimits);
  if (!expander->recognises(bytes.substr(0, core::Expander::kHeadBytes))) return {};
  Recorder recorder;
  core::BlobOrigin origin;
  origin.path = "input";
  Dripping stream(bytes, step);
  expander->expand(0, origin, stream, recorder);
  return std::move(recorder.members);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = keytrail::fuzz::text_of(data, size);
  require(expand(bytes, bytes.size() + 1) == expand(bytes, 1));
  return 0;
}
