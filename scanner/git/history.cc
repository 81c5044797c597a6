#include "scanner/git/history.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "scanner/git/commit_log.h"
#include "scanner/git/locate.h"
#include "scanner/git/object_store.h"
#include "scanner/git/references.h"
#include "scanner/git/repository.h"
#include "scanner/git/sweep.h"

namespace keytrail::git {
namespace {

void report(std::vector<core::Skip> skips, core::Sink& sink) {
  std::sort(skips.begin(), skips.end());
  for (core::Skip& skip : skips) sink.skip(0, skip.reason, std::move(skip.path), std::move(skip.detail));
}

Status check_branches(const Repository& repository, const std::vector<std::string>& branches) {
  if (branches.empty()) return {};
  const std::vector<Reference> references = list_references(repository);
  for (const std::string& branch : branches) {
    const bool known = branch == "HEAD" ? !repository.tip().empty()
                                        : std::any_of(references.begin(), references.end(),
                                                      [&](const Reference& r) { return reference_matches(branch, r); });
    if (known) continue;
    return make_error(ErrorCode::invalid_argument,
                      "no branch, tag or other reference is called that; `git for-each-ref` lists them", branch);
  }
  return {};
}

class History : public core::HistorySource {
 public:
  History(Repository repository, Reader reader, std::vector<std::string> branches)
      : repository_(std::move(repository)), reader_(reader), branches_(std::move(branches)) {}

  Status run(core::Sink& sink, unsigned threads) override {
    threads_ = std::max(1U, threads);
    std::vector<core::Skip> skips;
    store_.emplace(ObjectStore::open(repository_.common_folder() + "objects", reader_, skips, threads_));
    const std::vector<ObjectName> shallow = repository_.shallow_commits();
    for (const ObjectName& commit : shallow) {
      skips.push_back({core::SkipReason::shallow, commit.hex(),
                       "history before this commit is not here; `git fetch --unshallow` brings it"});
    }
    report(std::move(skips), sink);
    log_ = sweep(*store_, shallow, sink, threads_);
    return {};
  }

  Result<core::Homes> locate(const std::vector<core::ObjectId>& wanted, core::Sink& sink) override {
    if (!store_) return make_error(ErrorCode::internal, "locate() needs a run() before it");
    std::vector<core::Skip> skips;
    Locator locator(repository_, *store_, log_, threads_, branches_);
    Result<core::Homes> homes = locator.locate(wanted, sink, skips);
    report(std::move(skips), sink);
    return homes;
  }

  std::uint64_t commit_count() const override { return log_.commits().size(); }
  std::string tip() const override { return repository_.tip(); }
  std::string remote_uri() const override { return repository_.remote_uri(); }

 private:
  Repository repository_;
  Reader reader_;
  std::vector<std::string> branches_;
  unsigned threads_ = 1;
  std::optional<ObjectStore> store_;  // from run() on
  CommitLog log_;
};

}  // namespace

Result<std::unique_ptr<core::HistorySource>> open_history(const std::string& path, Reader reader,
                                                          std::vector<std::string> branches) {
  Result<Repository> repository = Repository::open(path);
  if (!repository) return repository.error();
  if (Status known = check_branches(*repository, branches); !known) return known.error();
  return std::unique_ptr<core::HistorySource>(
      std::make_unique<History>(std::move(*repository), reader, std::move(branches)));
}

}  // namespace keytrail::git
