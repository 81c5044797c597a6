#include "scanner/cli/environment.h"

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "scanner/base/dates.h"
#include "scanner/cli/exit_code.h"

namespace keytrail::cli {
namespace {

// The one mutable global: a signal handler can reach nothing else.
std::atomic<bool> interrupted{false};

void on_signal(int) {
  if (interrupted.exchange(true)) _exit(kInterrupted);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread starts
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::string cache_folder() {
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty() && cache.front() == '/') {
    return cache + "/keytrail";
  }
  const std::string home = environment("HOME");
  return home.empty() ? std::string() : home + "/.cache/keytrail";
}

std::string config_folder() {
  if (const std::string config = environment("XDG_CONFIG_HOME"); !config.empty() && config.front() == '/') {
    return config + "/keytrail";
  }
  const std::string home = environment("HOME");
  return home.empty() ? std::string() : home + "/.config/keytrail";
}

std::string variable(const std::string& name) { return environment(name.c_str()); }

std::string program_stamp() {
  struct stat info {};
  if (::stat("/proc/self/exe", &info) != 0) return {};
  return std::to_string(info.st_dev) + " " + std::to_string(info.st_ino) + " " + std::to_string(info.st_size) + " " +
         std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
}

std::string today() { return utc_day(now()); }

std::int64_t now() { return std::time(nullptr); }

std::int64_t report_time() {
  const std::string epoch = environment("SOURCE_DATE_EPOCH");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(epoch.data(), epoch.data() + epoch.size(), seconds);
  return error == std::errc() && end == epoch.data() + epoch.size() ? seconds : now();
}

std::string current_folder() {
  const std::unique_ptr<char, decltype(&std::free)> path(::getcwd(nullptr, 0), &std::free);
  return path ? std::string(path.get()) : std::string("/");
}

git::Variables git_variables() {
  git::Variables variables;
  variables.git_dir = environment("GIT_DIR");
  variables.work_tree = environment("GIT_WORK_TREE");
  variables.index_file = environment("GIT_INDEX_FILE");
  variables.object_directory = environment("GIT_OBJECT_DIRECTORY");
  variables.alternate_objects = environment("GIT_ALTERNATE_OBJECT_DIRECTORIES");
  return variables;
}

Result<std::string> real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
  if (!resolved) return errno_error(errno, "open", path);
  return std::string(resolved.get());
}

const std::atomic<bool>& watch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigemptyset(&ignore.sa_mask);
  sigaction(SIGPIPE, &ignore, nullptr);
  return interrupted;
}

void forbid_core_files() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

bool wants_colour(const std::string& choice, int fd) {
  if (choice != "auto") return choice == "always";
  return is_terminal(fd) && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
}

unsigned terminal_width(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return std::clamp<unsigned>(size.ws_col, 40, 120);
}

}  // namespace keytrail::cli
