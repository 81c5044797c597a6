#include "scanner/fs/standard_input.h"

#include "scanner/fs/streams.h"

namespace keytrail::fs {
namespace {

class StandardInputSource final : public core::Source {
 public:
  explicit StandardInputSource(int fd) : fd_(fd) {}

  Status run(core::Sink& sink, unsigned /*threads*/) override {
    sink.expect(1, 0);
    const core::BlobOrigin origin{core::BlobKind::standard_input, kStandardInputPath, std::nullopt};
    DescriptorStream stream(fd_, kStandardInputPath, &sink);
    sink.stream(0, origin, stream);
    return {};
  }

 private:
  int fd_;
};

}  // namespace

std::unique_ptr<core::Source> make_standard_input_source(int fd) { return std::make_unique<StandardInputSource>(fd); }

}  // namespace keytrail::fs
