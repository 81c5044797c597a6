#include "scanner/fs/files.h"

#include <algorithm>
#include <utility>

#include "scanner/base/thread.h"
#include "scanner/fs/start.h"
#include "scanner/fs/walk.h"

namespace keytrail::fs {
namespace {

class FileSource final : public core::Source {
 public:
  explicit FileSource(FileOptions options) : options_(std::move(options)) {}

  Status run(core::Sink& sink, unsigned threads) override {
    auto starts = resolve_starts(options_.paths, options_.root);
    if (!starts) return starts.error();
    Walk walk(options_, std::move(*starts), sink);
    walk.begin();
    run_workers(std::max(threads, 1U), [&walk](unsigned worker) { walk.work(worker); });
    return {};
  }

 private:
  FileOptions options_;
};

}  // namespace

std::unique_ptr<core::Source> make_file_source(FileOptions options) {
  return std::make_unique<FileSource>(std::move(options));
}

}  // namespace keytrail::fs
