#include "tests/unit/pack/packed_repository.h"

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace keytrail::pack::test {
namespace {

namespace fs = std::filesystem;

class Editor {
 public:
  explicit Editor(unsigned seed) : random_(seed), files_(5) {
    for (auto& lines : files_) {
      for (int i = 0; i < 60; ++i) lines.push_back(line());
    }
  }

  // Edits some of the files; returns the numbers of these.
  std::vector<std::size_t> edit() {
    std::vector<std::size_t> changed;
    for (std::size_t file = 0; file < files_.size(); ++file) {
      if (below(3) != 0) continue;
      changed.push_back(file);
      for (std::size_t count = 1 + below(4); count > 0; --count) edit_lines(files_[file]);
    }
    return changed;
  }

  std::string text(std::size_t file) const {
    std::string all;
    for (const std::string& text : files_[file]) all += text + "\n";
    return all;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string line() {
    std::string text;
    for (std::size_t words = 1 + below(9); words > 0; --words) {
      for (std::size_t letters = 1 + below(8); letters > 0; --letters)
        text.push_back(static_cast<char>('a' + below(26)));
      text.push_back(' ');
    }
    return text;
  }

  void edit_lines(std::vector<std::string>& lines) {
    const auto at = [&] { return lines.begin() + static_cast<std::ptrdiff_t>(below(lines.size())); };
    switch (below(4)) {
      case 0:
        *at() = line();
        break;
      case 1:
        lines.insert(at(), line());
        break;
      case 2:
        if (lines.size() > 10) lines.erase(at());
        break;
      default:
        std::iter_swap(at(), at());
    }
  }

  std::mt19937 random_;
  std::vector<std::vector<std::string>> files_;
};

std::string data_of(const std::string& bytes) { return "data " + std::to_string(bytes.size()) + "\n" + bytes + "\n"; }

std::string history(unsigned seed, unsigned revisions) {
  Editor editor(seed);
  std::string stream;
  for (unsigned revision = 1; revision <= revisions; ++revision) {
    const std::string who = " A <a@example.org> " + std::to_string(1'700'000'000 + 60 * revision) + " +0000\n";
    stream +=
        "commit refs/heads/main\nauthor" + who + "committer" + who + data_of("revision " + std::to_string(revision));
    for (const std::size_t file : editor.edit()) {
      stream += "M 100644 inline folder" + std::to_string(file % 2) + "/file" + std::to_string(file) + "\n" +
                data_of(editor.text(file));
    }
  }
  stream += "M 100644 inline empty\n" + data_of("");
  stream += "tag v1\nfrom refs/heads/main\ntagger A <a@example.org> 1700000000 +0000\n" + data_of("a tag");
  return stream;
}

ObjectType type_of(std::string_view name) {
  if (name == "commit") return ObjectType::commit;
  if (name == "tree") return ObjectType::tree;
  if (name == "blob") return ObjectType::blob;
  return name == "tag" ? ObjectType::tag : ObjectType::none;
}

std::string run(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run the shell");
  std::string output;
  char buffer[4096];
  std::size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0) output.append(buffer, got);
  const int status = ::pclose(pipe);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error(command + " failed");
  return output;
}

}  // namespace

std::string hex_of(std::string_view raw_id) { return core::ObjectId::from_bytes(raw_id).hex(); }

std::string raw_of(std::string_view hex) { return std::string(core::ObjectId::from_hex(hex).value().raw()); }

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

PackedRepository::PackedRepository(unsigned seed, unsigned revisions, const std::string& format) {
  fs::create_directory(folder_.path("repo"));
  git("init -q -b main --object-format=" + format + " .");
  const std::string stream = folder_.write("stream", history(seed, revisions));
  git("fast-import --quiet --date-format=raw < '" + stream + "'");
  repack("-f");
}

std::string PackedRepository::git(const std::string& arguments) const {
  return run("cd '" + folder_.path("repo") +
             "' && env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 "
             "git -c pack.threads=1 " +
             arguments + " 2>/dev/null");
}

std::string PackedRepository::index_path() const {
  std::string found;
  for (const auto& entry : fs::directory_iterator(folder_.path("repo/.git/objects/pack"))) {
    if (entry.path().extension() != ".idx") continue;
    if (!found.empty()) throw std::runtime_error("more than one pack");
    found = entry.path().string();
  }
  if (found.empty()) throw std::runtime_error("no pack");
  return found;
}

std::string PackedRepository::pack_path() const {
  const std::string index = index_path();
  return index.substr(0, index.size() - 4) + ".pack";
}

std::map<std::string, PackedRepository::Object> PackedRepository::objects() const {
  const std::string output = git("cat-file --batch-all-objects --batch");
  std::map<std::string, Object> all;
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t end = output.find('\n', at);
    std::istringstream head(output.substr(at, end - at));
    std::string hex;
    std::string type;
    std::size_t size = 0;
    head >> hex >> type >> size;
    all[raw_of(hex)] = {type_of(type), output.substr(end + 1, size)};
    at = end + 1 + size + 1;
  }
  return all;
}

std::map<std::string, PackedRepository::Stored> PackedRepository::stored() const {
  // id type size packed-size offset [depth base]
  std::istringstream lines(git("verify-pack -v '" + index_path() + "'"));
  std::map<std::string, Stored> all;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string hex;
    std::string type;
    std::string skipped;
    std::string base;
    Stored entry;
    fields >> hex >> type >> skipped >> skipped >> entry.offset;
    if (type_of(type) == ObjectType::none) continue;
    if (fields >> skipped >> base) entry.base = raw_of(base);
    all[raw_of(hex)] = entry;
  }
  return all;
}

}  // namespace keytrail::pack::test
