#include "tests/unit/git/git_folder.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "scanner/git/history.h"

namespace keytrail::git::test {
namespace {

namespace fs = std::filesystem;

// Output and exit status of a command of the shell.
std::pair<std::string, int> run(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run the shell");
  std::string output;
  char buffer[4096];
  std::size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0) output.append(buffer, got);
  const int status = ::pclose(pipe);
  return {output, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

std::string command_line(const std::string& folder, std::int64_t time, const std::string& arguments) {
  const std::string date = std::to_string(time) + " +0130";
  return "cd '" + folder + "' && env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE GIT_CONFIG_GLOBAL=/dev/null" +
         " GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME='Ann Author' GIT_AUTHOR_EMAIL=ann@example.org" +
         " GIT_COMMITTER_NAME='Cy Committer' GIT_COMMITTER_EMAIL=cy@example.org GIT_AUTHOR_DATE='" + date +
         "' GIT_COMMITTER_DATE='" + date +
         "' git -c protocol.file.allow=always -c gc.auto=0 -c advice.detachedHead=false " + arguments + " 2>/dev/null";
}

}  // namespace

GitFolder::GitFolder() {
  fs::create_directory(repo());
  git("init -q -b main .");
}

std::string GitFolder::git(const std::string& arguments, const std::string& below) const {
  auto [output, status] = run(command_line(path(below), time_, arguments));
  if (status != 0) throw std::runtime_error("git " + arguments + " failed");
  if (output.ends_with('\n')) output.pop_back();
  return output;
}

bool GitFolder::try_git(const std::string& arguments, const std::string& below) const {
  return run(command_line(path(below), time_, arguments)).second == 0;
}

void GitFolder::shell(const std::string& command) const {
  if (run("cd '" + folder_.path() + "' && " + command).second != 0) throw std::runtime_error(command + " failed");
}

void GitFolder::write(const std::string& name, std::string_view bytes, const std::string& below) const {
  folder_.write(below + "/" + name, bytes);
}

std::string GitFolder::commit(const std::string& message, const std::string& below) {
  tick();
  git("add -A", below);
  git("commit -q --allow-empty -m '" + message + "'", below);
  return id("HEAD", below);
}

std::int64_t GitFolder::tick() { return time_ += 60; }

std::string GitFolder::id(const std::string& revision, const std::string& below) const {
  return git("rev-parse '" + revision + "'", below);
}

std::string GitFolder::loose(const std::string& hex, const std::string& below) const {
  return path(below + "/objects/" + hex.substr(0, 2) + "/" + hex.substr(2));
}

std::string GitFolder::pack_file(const std::string& suffix, const std::string& below) const {
  std::string found;
  for (const auto& entry : fs::directory_iterator(path(below + "/objects/pack"))) {
    if (entry.path().extension() != suffix) continue;
    if (!found.empty()) throw std::runtime_error("more than one " + suffix);
    found = entry.path().string();
  }
  if (found.empty()) throw std::runtime_error("no " + suffix);
  return found;
}

std::set<std::string> GitFolder::objects(const std::string& below) const {
  std::istringstream lines(git("cat-file --batch-all-objects --batch-check='%(objectname) %(objecttype)'", below));
  std::set<std::string> all;
  for (std::string line; std::getline(lines, line);) all.insert(line);
  return all;
}

void RecordingSink::blob(unsigned worker, const core::Blob& blob) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++blobs;
  highest_worker = std::max(highest_worker, worker);
  const std::string hex = blob.origin->object.value().hex();
  bytes[hex] = blob.bytes;
  kinds[hex] = blob.origin->kind;
}

void RecordingSink::stream(unsigned worker, const core::BlobOrigin& origin, core::ByteStream& stream) {
  std::string all;
  std::string piece(1000, '\0');
  while (const std::size_t got = stream.read(piece.data(), piece.size()).value()) all.append(piece, 0, got);
  blob(worker, {all, &origin});
}

void RecordingSink::skip(unsigned worker, core::SkipReason reason, std::string path, std::string detail) {
  const std::lock_guard<std::mutex> lock(mutex_);
  highest_worker = std::max(highest_worker, worker);
  skips.push_back({reason, std::move(path), std::move(detail)});
}

std::set<std::string> RecordingSink::delivered() const {
  std::set<std::string> all;
  for (const auto& [hex, kind] : kinds) {
    const bool is_blob = kind == core::BlobKind::git_blob;
    all.insert(hex + (is_blob ? " blob" : kind == core::BlobKind::commit_message ? " commit" : " tag"));
  }
  return all;
}

std::vector<core::Skip> RecordingSink::sorted_skips() const {
  std::vector<core::Skip> sorted = skips;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

bool RecordingSink::has(core::SkipReason reason, const std::string& path) const {
  return std::any_of(skips.begin(), skips.end(),
                     [&](const core::Skip& skip) { return skip.reason == reason && skip.path == path; });
}

Swept::Swept(const std::string& path, unsigned threads) {
  Result<std::unique_ptr<core::HistorySource>> opened = open_history(path);
  if (!opened) throw std::runtime_error(opened.error().describe());
  history = std::move(*opened);
  if (!history->run(sink, threads)) throw std::runtime_error("run() failed");
}

core::Homes Swept::locate(const std::vector<std::string>& hex) {
  std::vector<core::ObjectId> wanted;
  for (const std::string& text : hex) wanted.push_back(core::ObjectId::from_hex(text).value());
  Result<core::Homes> homes = history->locate(wanted, sink);
  if (!homes) throw std::runtime_error(homes.error().describe());
  return std::move(*homes);
}

std::vector<std::string> told(const core::Homes& homes, const std::string& hex,
                              const std::map<std::string, std::string>& names) {
  std::vector<std::string> lines;
  const auto found = homes.find(core::ObjectId::from_hex(hex).value());
  if (found == homes.end()) return lines;
  const auto name = [&names](const core::ObjectId& id) {
    for (const auto& [label, text] : names) {
      if (text == id.hex()) return label;
    }
    return id.hex();
  };
  for (const core::Home& home : found->second) {
    lines.push_back(home.path + " " + name(home.commit) + " " + (home.removed_by ? name(*home.removed_by) : "-") + " " +
                    (home.at_tip ? "T" : "") + (home.reachable ? "R" : ""));
  }
  return lines;
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void overwrite(const std::string& path, std::string_view bytes) {
  fs::permissions(path, fs::perms::owner_write | fs::perms::owner_read);
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace keytrail::git::test
