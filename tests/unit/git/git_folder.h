// Repositories for tests, made with git itself in a temporary folder: no configuration of the machine, fixed identity,
// and a clock that goes on by a minute with each commit.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/core/history.h"
#include "scanner/core/source.h"
#include "tests/support/temporary_folder.h"

namespace keytrail::git::test {

class GitFolder {
 public:
  static constexpr std::int64_t kFirstTime = 1'700'000'000;

  // An empty repository at path("repo"), with the branch `main`.
  GitFolder();

  std::string path(std::string_view name) const { return folder_.path(name); }
  std::string repo() const { return path("repo"); }

  // Runs git in the repository (or in `below` the temporary folder); throws when it fails. The output without its last
  // line feed.
  std::string git(const std::string& arguments, const std::string& below = "repo") const;
  // Whether it succeeded.
  bool try_git(const std::string& arguments, const std::string& below = "repo") const;
  // Runs a command of the shell in the temporary folder.
  void shell(const std::string& command) const;

  void write(const std::string& name, std::string_view bytes, const std::string& below = "repo") const;
  // Commits all that has changed; returns the id.
  std::string commit(const std::string& message, const std::string& below = "repo");
  // Moves the clock that the next command sees, and returns it.
  std::int64_t tick();

  std::string id(const std::string& revision, const std::string& below = "repo") const;
  // The path of a loose object's file.
  std::string loose(const std::string& hex, const std::string& below = "repo/.git") const;
  // The only file in objects/pack that ends like this.
  std::string pack_file(const std::string& suffix, const std::string& below = "repo/.git") const;
  // "id type" of every object, as git lists them.
  std::set<std::string> objects(const std::string& below = "repo") const;

 private:
  keytrail::test::TemporaryFolder folder_;
  std::int64_t time_ = kFirstTime;
};

// Remembers all that it is given.
class RecordingSink : public core::Sink {
 public:
  void blob(unsigned worker, const core::Blob& blob) override;
  void stream(unsigned worker, const core::BlobOrigin& origin, core::ByteStream& bytes) override;
  void skip(unsigned worker, core::SkipReason reason, std::string path, std::string detail) override;
  void expect(std::uint64_t, std::uint64_t) override {}
  bool cancelled() const override { return cancel; }

  // "id kind" of what was delivered.
  std::set<std::string> delivered() const;
  std::vector<core::Skip> sorted_skips() const;
  // Whether there is a skip of `reason` at `path`.
  bool has(core::SkipReason reason, const std::string& path) const;

  std::map<std::string, std::string> bytes;  // by id
  std::map<std::string, core::BlobKind> kinds;
  std::size_t blobs = 0;
  unsigned highest_worker = 0;
  std::vector<core::Skip> skips;
  bool cancel = false;

 private:
  std::mutex mutex_;
};

// A history after its run().
struct Swept {
  explicit Swept(const std::string& path, unsigned threads = 2);
  // The homes of these objects.
  core::Homes locate(const std::vector<std::string>& hex);

  RecordingSink sink;
  std::unique_ptr<core::HistorySource> history;
};

// The homes of one object, as "path commit removed_by flags" with `-` for nothing, and flags T (at the tip), R
// (reachable); commits by the names that `names` gives them.
std::vector<std::string> told(const core::Homes& homes, const std::string& hex,
                              const std::map<std::string, std::string>& names);

std::string read(const std::string& path);
void overwrite(const std::string& path, std::string_view bytes);

}  // namespace keytrail::git::test
