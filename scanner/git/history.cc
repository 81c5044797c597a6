#include "scanner/git/history.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "scanner/base/state_file.h"
#include "scanner/git/commit_log.h"
#include "scanner/git/history_resume.h"
#include "scanner/git/history_state.h"
#include "scanner/git/known_ids.h"
#include "scanner/git/locate.h"
#include "scanner/git/object_store.h"
#include "scanner/git/references.h"
#include "scanner/git/repository.h"
#include "scanner/git/repository_snapshot.h"
#include "scanner/git/skip_watch.h"
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
    SkipWatch watch(sink, own_skips_);
    if (resume_) {
      resume_->deliver(watch, threads_);
      return {};
    }
    std::vector<core::Skip> skips;
    store_.emplace(ObjectStore::open(repository_.common_folder() + "objects", reader_, skips, threads_));
    const std::vector<ObjectName> shallow = repository_.shallow_commits();
    for (const ObjectName& commit : shallow) {
      skips.push_back({core::SkipReason::shallow, commit.hex(),
                       "history before this commit is not here; `git fetch --unshallow` brings it"});
    }
    report(std::move(skips), watch);
    log_ = sweep(*store_, shallow, watch, threads_);
    return {};
  }

  Result<core::Homes> locate(const std::vector<core::ObjectId>& wanted, core::Sink& sink) override {
    SkipWatch watch(sink, own_skips_);
    if (resume_) {
      std::vector<core::Skip> skips;
      core::Homes homes = resume_->locate(wanted, skips);
      report(std::move(skips), watch);
      return homes;
    }
    if (!store_) return make_error(ErrorCode::internal, "locate() needs a run() before it");
    std::vector<core::Skip> skips;
    const bool whole = own_skips_.empty();
    Locator locator(repository_, *store_, log_, threads_, branches_);
    Result<core::Homes> homes = locator.locate(wanted, watch, skips);
    report(std::move(skips), watch);
    if (homes && whole && !store_->is_damaged() && locator.findings()) keep(locator, *locator.findings());
    return homes;
  }

  std::uint64_t commit_count() const override { return resume_ ? resume_->commit_count() : log_.commits().size(); }
  std::string tip() const override { return repository_.tip(); }
  std::string remote_uri() const override { return repository_.remote_uri(); }

  std::string place() const override { return repository_.common_folder() + "\n" + repository_.git_folder(); }

  std::optional<Sha256Digest> fingerprint() override {
    std::optional<RepositorySnapshot> now = take_snapshot(repository_);
    if (!now) return std::nullopt;
    StateWriter all;
    all.text({reinterpret_cast<const char*>(now->digest.data()), now->digest.size()});
    for (const std::string& branch : branches_) all.text(branch);
    if (!snapshot_) snapshot_ = std::move(now);
    return sha256(all.take());
  }
  void resume(std::string_view state, const core::LoadState& load_ids) override {
    if (snapshot_) resume_ = HistoryResume::prepare(repository_, branches_, *snapshot_, state, load_ids);
  }
  bool resumed() const override { return resume_ != nullptr; }
  std::string state() const override { return resume_ ? resume_->encode() : state_; }
  std::string object_ids() const override {
    return snapshot_ ? collect_ids(snapshot_->folders).value_or(std::string()) : std::string();
  }
  std::vector<core::Skip> own_skips() const override { return own_skips_; }

 private:
  // What the next sweep can begin from, unless something was damaged or unreadable.
  void keep(const Locator& locator, const Locator::Findings& findings) {
    if (!snapshot_) return;
    std::set<std::string> submodules;
    std::size_t missing = 0;
    for (const core::Skip& skip : own_skips_) {
      if (skip.reason == core::SkipReason::submodule) {
        submodules.insert(skip.path);
      } else if (skip.reason == core::SkipReason::missing_object) {
        ++missing;
      } else {
        return;
      }
    }
    if (missing != findings.missing.size()) return;
    const ObjectIndex& objects = store_->objects();
    std::vector<KnownMissing> list;
    for (const auto& [object, place] : findings.missing.places()) {
      list.push_back({object, place.namer, objects.type(objects.find(place.namer)), place.as});
    }
    std::sort(list.begin(), list.end(),
              [](const KnownMissing& a, const KnownMissing& b) { return a.object < b.object; });
    state_ = encode_history({snapshot_->folders, objects, log_, locator.graph(), list, submodules, findings.stands});
  }

  Repository repository_;
  Reader reader_;
  std::vector<std::string> branches_;
  unsigned threads_ = 1;
  std::optional<ObjectStore> store_;  // from run() on
  CommitLog log_;
  std::vector<core::Skip> own_skips_;
  std::optional<RepositorySnapshot> snapshot_;  // the first that was taken
  std::unique_ptr<HistoryResume> resume_;
  std::string state_;
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
