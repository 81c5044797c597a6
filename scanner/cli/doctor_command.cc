#include "scanner/cli/doctor_command.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <iostream>

#include "scanner/base/file.h"
#include "scanner/base/thread.h"
#include "scanner/cli/arguments.h"
#include "scanner/cli/config.h"
#include "scanner/cli/environment.h"
#include "scanner/cli/exit_code.h"
#include "scanner/cli/hook_install.h"
#include "scanner/cli/run_program.h"
#include "scanner/cli/scan_setup.h"
#include "scanner/cli/self_test.h"
#include "scanner/report/unicode.h"

namespace keytrail::cli {
namespace {

namespace fs = std::filesystem;

enum class State { good, note, wrong };

class Doctor {
 public:
  int run() {
    say(State::good, "version", "keytrail " + version() + ", " + program());
    check_processor();
    check_cache();
    check_git();
    const bool configured = check_config();
    if (configured) check_rules();
    check_repository();
    std::cout << (wrong_ == 0   ? "All is well.\n"
                  : wrong_ == 1 ? "One thing is wrong.\n"
                                : "Some things are wrong.\n")
              << std::flush;
    return wrong_ == 0 ? kClean : kFindings;
  }

 private:
  void say(State state, const std::string& what, const std::string& text) {
    wrong_ += state == State::wrong ? 1 : 0;
    const char* mark = state == State::good ? "ok     " : state == State::note ? "note   " : "WRONG  ";
    std::cout << mark << what << std::string(what.size() < 11 ? 11 - what.size() : 1, ' ') << report::visible(text)
              << '\n';
  }

  static std::string program() {
    const auto path = real_path("/proc/self/exe");
    return path ? *path : std::string("?");
  }

  void check_processor() {
#if defined(__x86_64__)
    std::string features;
    const auto add = [&features](bool has, const char* name) { features += has ? std::string(" ") + name : ""; };
    add(__builtin_cpu_supports("sse4.2") != 0, "sse4.2");
    add(__builtin_cpu_supports("avx2") != 0, "avx2");
    add(__builtin_cpu_supports("avx512bw") != 0, "avx512bw");
    add(__builtin_cpu_supports("avx512vbmi") != 0, "avx512vbmi");
    const std::string count = std::to_string(available_processors()) + " processors,";
    if (__builtin_cpu_supports("ssse3") == 0) {
      return say(State::wrong, "processor", count + features + ": Hyperscan needs SSSE3, which this one lacks");
    }
    say(__builtin_cpu_supports("avx2") != 0 ? State::good : State::note, "processor",
        count + features + (__builtin_cpu_supports("avx2") != 0 ? "" : ": scans are slower without AVX2"));
#else
    say(State::good, "processor", std::to_string(available_processors()) + " processors");
#endif
  }

  void check_cache() {
    const std::string folder = cache_folder();
    if (folder.empty()) {
      return say(State::wrong, "cache",
                 "no folder: neither HOME nor XDG_CACHE_HOME is set; every start compiles the rules anew");
    }
    if (Status made = make_directories(folder, 0700); !made) return say(State::wrong, "cache", made.error().describe());
    if (::access(folder.c_str(), W_OK) != 0)
      return say(State::wrong, "cache", folder + ": cannot be written; mend its owner or mode");
    std::uintmax_t bytes = 0;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      std::error_code no_size;
      const std::uintmax_t size = at->is_regular_file(no_size) ? at->file_size(no_size) : 0;
      bytes += no_size ? 0 : size;
    }
    say(State::good, "cache", folder + ", " + std::to_string((bytes + 1023) / 1024) + " KiB");
  }

  void check_git() {
    const auto result = run_program({"git", "--version"}, Errors::hide);
    if (!result || result->exit_code != 0) {
      return say(State::note, "git", "not installed: repositories are read without it, hooks and --ci need it");
    }
    const std::string text = result->output.substr(std::min<std::size_t>(result->output.size(), 12));
    unsigned major = 0;
    unsigned minor = 0;
    const auto [dot, error] = std::from_chars(text.data(), text.data() + text.size(), major);
    if (error == std::errc() && dot < text.data() + text.size()) {
      (void)std::from_chars(dot + 1, text.data() + text.size(), minor);
    }
    const bool old = major < 2 || (major == 2 && minor < 31);
    has_git_ = !old;
    say(old ? State::wrong : State::good, "git", text + (old ? ": hooks and --ci need 2.31 or newer" : ""));
  }

  bool check_config() {
    auto config = load_config("", current_folder());
    if (!config) {
      say(State::wrong, "config", config.error().describe());
      return false;
    }
    config_ = std::move(*config);
    if (config_.file.empty()) {
      say(State::good, "config", "no .keytrail.toml here or above: the defaults; `keytrail init` writes one");
      return true;
    }
    say(State::good, "config", config_.file);
    if (const auto suppressions = load_suppressions({}, config_); !suppressions) {
      say(State::wrong, "baseline", suppressions.error().describe());
    } else if (!config_.baseline.empty()) {
      say(State::good, "baseline", config_.baseline);
    }
    return true;
  }

  void check_rules() {
    std::vector<std::string> files;
    for (const std::string& file : config_.rules)
      files.push_back(file.front() == '/' ? file : config_.folder + "/" + file);
    const auto rules = load_rules(files, config_.only_rules, config_.skip_rules);
    if (!rules) return say(State::wrong, "rules", rules.error().describe());
    engine::EngineOptions options;
    options.cache_folder = cache_folder();
    const auto start = std::chrono::steady_clock::now();
    const auto engine = engine::Engine::build(*rules, options);
    if (!engine) return say(State::wrong, "rules", engine.error().describe());
    if (Status good = self_test(*engine); !good) return say(State::wrong, "rules", good.error().describe());
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    say(State::good, "rules",
        std::to_string(rules->rules().size()) + ", ready in " + std::to_string(took.count()) +
            " ms; a made secret was found");
  }

  void check_hook(const HookFolder& folder, HookType type) {
    const std::string file = folder.path + "/" + to_string(type);
    switch (hook_state(folder, type)) {
      case HookState::none:
        return say(State::note, to_string(type), "not installed; `keytrail hook install " + to_string(type) + "` does");
      case HookState::other:
        return say(State::note, to_string(type),
                   file + " is another program's; `keytrail hook install` keeps it and adds ours");
      case HookState::ours:
        break;
    }
    const std::string missing = hook_program_missing(folder, type);
    if (!missing.empty()) {
      return say(State::wrong, to_string(type),
                 file + " runs " + missing + ", which is gone; `keytrail hook install " + to_string(type) +
                     (folder.global ? " --global" : "") + "` mends it");
    }
    say(::access(file.c_str(), X_OK) == 0 ? State::good : State::wrong, to_string(type),
        file + (::access(file.c_str(), X_OK) == 0 ? "" : ": not executable, so that git leaves it out; chmod +x"));
  }

  void check_repository() {
    if (!has_git_) return;
    const auto inside = run_program({"git", "rev-parse", "--absolute-git-dir"}, Errors::hide);
    if (!inside || inside->exit_code != 0) {
      return say(State::good, "here", current_folder() + ": no repository; `keytrail scan` scans the files below it");
    }
    const auto folder = repository_hooks("");
    if (!folder) return say(State::wrong, "repository", folder.error().describe());
    say(State::good, "here",
        inside->output + (folder->bare ? ", bare; `keytrail scan --history` scans every object of it"
                                       : "; `keytrail scan` scans the files that git does not ignore"));
    const auto shallow = run_program({"git", "rev-parse", "--is-shallow-repository"}, Errors::hide);
    if (shallow && shallow->output == "true") {
      say(State::note, "shallow", "the history is not all here; `git fetch --unshallow` brings the rest");
    }
    for (const HookType type : folder->bare ? std::vector{HookType::pre_receive, HookType::update}
                                            : std::vector{HookType::pre_commit, HookType::pre_push}) {
      check_hook(*folder, type);
    }
  }

  int wrong_ = 0;
  bool has_git_ = false;
  Config config_;
};

}  // namespace

int run_doctor() { return Doctor().run(); }

}  // namespace keytrail::cli
