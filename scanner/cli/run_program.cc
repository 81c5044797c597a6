#include "scanner/cli/run_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "scanner/base/file.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX has it in no header

namespace keytrail::cli {
namespace {

constexpr std::size_t kMaxOutput = std::size_t{1} << 20;

// posix_spawn's actions, taken apart whatever happens.
class Actions {
 public:
  Actions() { posix_spawn_file_actions_init(&actions_); }
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

Result<std::string> read_all(int fd, const std::string& subject) {
  std::string text(kMaxOutput + 1, '\0');
  const Result<std::size_t> size = read_fully(fd, text.data(), text.size(), subject);
  if (!size) return size.error();
  if (*size > kMaxOutput) return make_error(ErrorCode::limit_exceeded, "it prints too much", subject);
  text.resize(*size);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

Result<ProgramResult> run_program(const std::vector<std::string>& command, Errors errors) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error(errno, "open a pipe to", command.front());
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  Actions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), writing.get(), STDOUT_FILENO);
  if (errors == Errors::hide) {
    posix_spawn_file_actions_addopen(actions.get(), STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  pid_t child = 0;
  const int code = ::posix_spawnp(&child, command.front().c_str(), actions.get(), nullptr, arguments.data(), environ);
  if (code != 0) return errno_error(code, "run", command.front());
  writing.reset();
  Result<std::string> output = read_all(reading.get(), command.front());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return errno_error(errno, "wait for", command.front());
  }
  if (!output) return output.error();
  return ProgramResult{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), std::move(*output)};
}

}  // namespace keytrail::cli
