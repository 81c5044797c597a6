#include "scanner/fs/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <thread>

#include "scanner/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/fs/collecting_sink.h"

namespace keytrail::fs {
namespace {

using test::CollectingSink;
using test::Lines;
using test::TemporaryFolder;

FileOptions all_of(const TemporaryFolder& folder) {
  FileOptions options;
  options.paths = {folder.path()};
  options.root = folder.path();
  return options;
}

// Ignores by name. One repository at each folder of `roots`.
class NameRules : public core::IgnoreRules {
 public:
  explicit NameRules(std::set<std::string> paths) : paths_(std::move(paths)) {}
  bool ignored(std::string_view path, bool is_folder) const override {
    return paths_.count(std::string(path) + (is_folder ? "/" : "")) != 0;
  }

 private:
  std::set<std::string> paths_;
};

class NameProvider : public core::IgnoreProvider {
 public:
  std::map<std::string, std::set<std::string>> roots;
  std::vector<std::string> asked;

  Found containing(const std::string& folder) override {
    asked.push_back(folder);
    Found found;
    for (const auto& [root, paths] : roots) {
      if ((folder + "/").rfind(root + "/", 0) == 0) found = {std::make_shared<NameRules>(paths), root};
    }
    return found;
  }
};

TEST_CASE("every entry of a tree is delivered or skipped once, with any number of threads") {
  const TemporaryFolder folder;
  std::set<std::string> want;
  for (int i = 0; i < 30; ++i) {
    for (int j = 0; j < 70; ++j) {
      const std::string name = "d" + std::to_string(i % 5) + "/e" + std::to_string(i) + "/f" + std::to_string(j);
      folder.write(name, "bytes of " + name);
      want.insert(name);
    }
  }
  folder.write("empty", "");
  want.insert("empty");
  std::filesystem::create_directories(folder.path("empty folder"));
  std::filesystem::create_symlink("/etc", folder.path("d1/out"));
  std::filesystem::create_symlink("d2", folder.path("in"));
  std::filesystem::create_symlink("nowhere", folder.path("dangling"));
  std::filesystem::create_symlink("loop", folder.path("loop"));
  REQUIRE(::mkfifo(folder.path("d2/fifo").c_str(), 0600) == 0);
  folder.write(".git/config", "inner");
  folder.write("d3/.git", "gitdir: elsewhere");
  const Lines skips = {"git-folder .git/", "git-folder d3/.git", "special-file d2/fifo", "symlink d1/out",
                       "symlink dangling", "symlink in",         "symlink loop"};
  for (const unsigned threads : {1U, 2U, 8U}) {
    DYNAMIC_SECTION(threads << " threads") {
      CollectingSink sink;
      REQUIRE(make_file_source(all_of(folder))->run(sink, threads));
      CHECK(sink.paths() == Lines(want.begin(), want.end()));
      CHECK(sink.skip_lines() == skips);
      CHECK(sink.expected == want.size());
      CHECK(sink.max_worker < threads);
      for (const auto& [path, bytes] : sink.delivered) {
        if (path != "empty") REQUIRE(bytes == "bytes of " + path);
      }
      CHECK(sink.detail_of("in") == "-> d2");
      CHECK(sink.detail_of("d1/out") == "-> /etc (outside of what is scanned)");
      CHECK(sink.detail_of("dangling") == "-> nowhere (does not exist)");
      CHECK(sink.detail_of("loop") == "-> loop (a loop)");
    }
  }
}

TEST_CASE("one folder with many files is spread over batches without loss") {
  const TemporaryFolder folder;
  for (int i = 0; i < 3000; ++i) folder.write("many/" + std::to_string(i), std::to_string(i));
  CollectingSink sink;
  REQUIRE(make_file_source(all_of(folder))->run(sink, 4));
  CHECK(sink.delivered.size() == 3000);
  for (const auto& [path, bytes] : sink.delivered) REQUIRE(path == "many/" + bytes);
}

TEST_CASE("files of every size around the limits arrive unaltered") {
  const TemporaryFolder folder;
  const std::size_t first = std::size_t{128} << 10;
  FileOptions options = all_of(folder);
  options.whole_file_bytes = 4 * first;
  std::map<std::string, std::string> want;
  for (const std::size_t size :
       {std::size_t{1}, first - 1, first, first + 1, 2 * first, 4 * first - 1, 4 * first, 4 * first + 1, 9 * first}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 13);
    folder.write(std::to_string(size), bytes);
    want[std::to_string(size)] = std::move(bytes);
  }
  CollectingSink sink;
  REQUIRE(make_file_source(options)->run(sink, 1));
  REQUIRE(sink.delivered.size() == want.size());
  for (const auto& [path, bytes] : sink.delivered) {
    INFO(path);
    REQUIRE((bytes == want[path]));
    CHECK(sink.streamed.count(path) == (bytes.size() > 4 * first ? 1 : 0));
  }
}

TEST_CASE("a file of the kernel's own making is read to its end") {
  CollectingSink sink;
  FileOptions options;
  options.paths = {"/proc/self/status", "/proc/self"};
  options.exclude = {"task", "map_files", "fd", "fdinfo", "net", "ns", "attr", "pagemap", "mem", "clear_refs"};
  REQUIRE(make_file_source(options)->run(sink, 1));
  const auto status = sink.delivered.find("/proc/self/status");
  REQUIRE(status != sink.delivered.end());
  CHECK(status->second.find("ctxt_switches") != std::string::npos);
}

// Makes `levels` folders in each other, with a file in the last, and in each a second folder with a file if `beside`.
void make_deep(const TemporaryFolder& folder, int levels, const std::string& name, bool beside) {
  FileDescriptor at(::open(folder.path().c_str(), O_DIRECTORY | O_RDONLY));
  for (int i = 0; i < levels; ++i) {
    REQUIRE(::mkdirat(at.get(), name.c_str(), 0700) == 0);
    if (beside) {
      REQUIRE(::mkdirat(at.get(), "e", 0700) == 0);
      REQUIRE(FileDescriptor(::openat(at.get(), "e/f", O_CREAT | O_WRONLY, 0600)).is_open());
    }
    at = FileDescriptor(::openat(at.get(), name.c_str(), O_DIRECTORY | O_RDONLY));
    REQUIRE(at.is_open());
  }
  const FileDescriptor deepest(::openat(at.get(), "file", O_CREAT | O_WRONLY, 0600));
  REQUIRE(::write(deepest.get(), "deep", 4) == 4);
}

TEST_CASE("a tree deeper than any path may be is walked to its end") {
  struct Row {
    const char* name;
    int levels;
    std::string folder;
    bool beside;
  };
  const std::vector<Row> rows = {
      {"one folder in the other", 2500, "d", false},
      // Those beside stay pending: more than descriptors may be open.
      {"with others beside", 400, "a name of twenty byte", true},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const TemporaryFolder folder;
      make_deep(folder, row.levels, row.folder, row.beside);
      std::string path;
      for (int i = 0; i < row.levels; ++i) path += row.folder + "/";
      for (const unsigned threads : {1U, 4U}) {
        CollectingSink sink;
        REQUIRE(make_file_source(all_of(folder))->run(sink, threads));
        CHECK(sink.skips.empty());
        CHECK(sink.delivered.size() == static_cast<std::size_t>(row.beside ? row.levels + 1 : 1));
        CHECK(sink.delivered.count(path + "file") == 1);
      }
    }
  }
}

TEST_CASE("names of any bytes survive") {
  const TemporaryFolder folder;
  const std::vector<std::string> names = {"\xff\xfe",   "line\nend",   "sp ace", "tab\t",
                                          "\"quoted\"", "back\\slash", "*",      std::string(255, 'n')};
  for (const std::string& name : names) folder.write(name + "/" + name, name);
  CollectingSink sink;
  REQUIRE(make_file_source(all_of(folder))->run(sink, 2));
  REQUIRE(sink.delivered.size() == names.size());
  for (const auto& [path, bytes] : sink.delivered) CHECK(path == bytes + "/" + bytes);
}

TEST_CASE("a given path that does not exist stops the run before anything is scanned") {
  const TemporaryFolder folder;
  folder.write("a", "1");
  FileOptions options = all_of(folder);
  options.paths.push_back(folder.path("missing"));
  CollectingSink sink;
  const Status status = make_file_source(options)->run(sink, 2);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == ErrorCode::not_found);
  CHECK(status.error().subject == folder.path("missing"));
  CHECK(sink.deliveries() == 0);
}

TEST_CASE("given paths are scanned once each") {
  const TemporaryFolder folder;
  folder.write("a/b/one", "1");
  folder.write("a/two", "2");
  folder.write("three", "3");
  folder.write("not given", "4");
  std::filesystem::create_symlink("three", folder.path("link to file"));
  std::filesystem::create_symlink("a/b", folder.path("link to folder"));
  struct Row {
    const char* name;
    Lines given;
    Lines want;
  };
  const std::vector<Row> rows = {
      {"a file", {"three"}, {"three"}},
      {"a folder and a file of it", {"a", "a/two"}, {"a/b/one", "a/two"}},
      {"a folder of a folder", {"a/b", "a"}, {"a/b/one", "a/two"}},
      {"a symlink is followed when given", {"link to file"}, {"link to file"}},
      {"a symlink to a folder", {"link to folder"}, {"link to folder/one"}},
      {"nothing", {}, {}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      FileOptions options = all_of(folder);
      options.paths.clear();
      for (const std::string& name : row.given) options.paths.push_back(folder.path(name));
      CollectingSink sink;
      REQUIRE(make_file_source(options)->run(sink, 2));
      CHECK(sink.paths() == row.want);
      CHECK(sink.skips.empty());
    }
  }
}

TEST_CASE("a given pipe is read, a given device is not") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  FileOptions options;
  options.paths = {folder.path("pipe"), "/dev/null"};
  options.root = folder.path();
  ssize_t put = 0;
  std::thread writer([&] {
    const FileDescriptor pipe(::open(folder.path("pipe").c_str(), O_WRONLY));
    put = ::write(pipe.get(), "through", 7);
  });
  CollectingSink sink;
  const Status status = make_file_source(options)->run(sink, 1);
  writer.join();
  REQUIRE(status);
  CHECK(put == 7);
  CHECK(sink.delivered.find("pipe")->second == "through");
  CHECK(sink.skip_lines() == Lines{"special-file /dev/null"});
}

TEST_CASE("excluded entries are skipped once, folders with all below them") {
  const TemporaryFolder folder;
  for (const char* name : {"keep/a.txt", "keep/b.log", "vendor/x/y", "vendor/z", "deep/vendor/q", "docs/gen/1"}) {
    folder.write(name, "");
  }
  FileOptions options = all_of(folder);
  options.exclude = {"*.log", "vendor/", "/docs/gen"};
  CollectingSink sink;
  REQUIRE(make_file_source(options)->run(sink, 2));
  CHECK(sink.paths() == Lines{"keep/a.txt"});
  CHECK(sink.skip_lines() ==
        Lines{"excluded deep/vendor/", "excluded docs/gen/", "excluded keep/b.log", "excluded vendor/"});

  SECTION("a folder that the user gave is not excluded as a whole") {
    options.paths = {folder.path("vendor")};
    CollectingSink given;
    REQUIRE(make_file_source(options)->run(given, 2));
    CHECK(given.paths() == Lines{"vendor/x/y", "vendor/z"});
  }
}

TEST_CASE("ignored entries are skipped once, by the rules of the repository they are in") {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b", "build/x", "sub/a", "sub/b", "sub/deep/a", "lib/a", "lib/in/b"}) {
    folder.write(name, "");
  }
  folder.write("lib/.git", "gitdir: x");
  std::filesystem::create_directories(folder.path(".git"));
  const std::string real = std::filesystem::canonical(folder.path()).string();
  NameProvider provider;
  provider.roots[real] = {"a", "build/", "sub/deep/", "lib/a"};
  provider.roots[real + "/lib"] = {"in/b"};
  FileOptions options = all_of(folder);
  options.ignore = &provider;

  SECTION("the whole tree") {
    CollectingSink sink;
    REQUIRE(make_file_source(options)->run(sink, 2));
    CHECK(sink.paths() == Lines{"b", "lib/a", "sub/a", "sub/b"});
    CHECK(sink.skip_lines() == Lines{"git-folder .git/", "git-folder lib/.git", "ignored a", "ignored build/",
                                     "ignored lib/in/b", "ignored sub/deep/"});
    CHECK(std::count(provider.asked.begin(), provider.asked.end(), real + "/lib") == 1);
  }
  SECTION("from a folder inside") {
    options.paths = {folder.path("sub")};
    CollectingSink sink;
    REQUIRE(make_file_source(options)->run(sink, 2));
    CHECK(sink.skip_lines() == Lines{"ignored sub/deep/"});
  }
  SECTION("what is given is never ignored") {
    options.paths = {folder.path("a"), folder.path("build"), folder.path("sub/deep")};
    CollectingSink sink;
    REQUIRE(make_file_source(options)->run(sink, 2));
    CHECK(sink.paths() == Lines{"a", "build/x", "sub/deep/a"});
    CHECK(sink.skips.empty());
  }
  SECTION("without a provider nothing is ignored") {
    options.ignore = nullptr;
    CollectingSink sink;
    REQUIRE(make_file_source(options)->run(sink, 2));
    CHECK(sink.delivered.size() == 8);
  }
}

TEST_CASE("what may not be read is unreadable and the rest is scanned") {
  if (::geteuid() == 0) {
    WARN("not checked: root may read everything");
    return;
  }
  const TemporaryFolder folder;
  folder.write("a", "1");
  folder.write("closed", "2");
  folder.write("folder/x", "3");
  ::chmod(folder.path("closed").c_str(), 0);
  ::chmod(folder.path("folder").c_str(), 0);
  CollectingSink sink;
  const Status status = make_file_source(all_of(folder))->run(sink, 2);
  ::chmod(folder.path("folder").c_str(), 0700);
  REQUIRE(status);
  CHECK(sink.paths() == Lines{"a"});
  CHECK(sink.skip_lines() == Lines{"unreadable closed", "unreadable folder/"});
  CHECK(sink.detail_of("closed") == "Permission denied");
}

// Removes files and a folder while the walk is at the first file.
class RemovingSink : public CollectingSink {
 public:
  explicit RemovingSink(const TemporaryFolder& folder) : folder_(folder) {}
  void blob(unsigned worker, const core::Blob& blob) override {
    CollectingSink::blob(worker, blob);
    if (deliveries() != 1) return;
    for (const char* name : {"a", "b"}) {
      if (blob.origin->path != name) std::filesystem::remove(folder_.path(name));
    }
    std::filesystem::remove_all(folder_.path("folder"));
  }

 private:
  const TemporaryFolder& folder_;
};

TEST_CASE("what goes between listing and opening has vanished") {
  const TemporaryFolder folder;
  folder.write("a", "1");
  folder.write("b", "2");
  folder.write("folder/x", "3");
  RemovingSink sink(folder);
  REQUIRE(make_file_source(all_of(folder))->run(sink, 1));
  REQUIRE(sink.deliveries() == 1);
  const std::string gone = sink.paths()[0] == "a" ? "b" : "a";
  CHECK(sink.skip_lines() == Lines{"vanished " + gone, "vanished folder/"});
}

TEST_CASE("a cancelled walk ends soon and keeps what it has") {
  const TemporaryFolder folder;
  for (int i = 0; i < 500; ++i) folder.write(std::to_string(i % 7) + "/" + std::to_string(i), "x");
  CollectingSink sink;
  sink.cancel_after = 10;
  REQUIRE(make_file_source(all_of(folder))->run(sink, 4));
  CHECK(sink.deliveries() >= 10);
  CHECK(sink.deliveries() < 20);
}

TEST_CASE("a pointer of Git LFS is a text like any other") {
  const TemporaryFolder folder;
  const std::string text = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
  folder.write("big.bin", text);
  CollectingSink sink;
  REQUIRE(make_file_source(all_of(folder))->run(sink, 1));
  CHECK(sink.delivered.find("big.bin")->second == text);
}

}  // namespace
}  // namespace keytrail::fs
