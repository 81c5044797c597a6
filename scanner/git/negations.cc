#include "scanner/git/negations.h"

#include <algorithm>

#include "scanner/base/file.h"
#include "scanner/base/glob.h"

namespace keytrail::git {
namespace {

constexpr std::size_t kMaxFile = std::size_t{16} << 20;

std::vector<std::string> literal_negations(std::string_view text) {
  std::vector<std::string> rules;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    if (line.size() > 1 && line[0] == '!' && line.find_first_of("*?[") == std::string_view::npos) {
      rules.emplace_back(line.substr(1));
    }
  }
  return rules;
}

}  // namespace

const std::vector<std::string>& Negations::rules_of(const std::string& file) const {
  const MutexLock lock(mutex_);
  const auto known = rules_.find(file);
  if (known != rules_.end()) return known->second;
  const Result<std::string> text = read_file(file, kMaxFile);
  return rules_.emplace(file, text ? literal_negations(*text) : std::vector<std::string>()).first->second;
}

bool Negations::speak_for(std::string_view path) const {
  const auto matches = [](const std::vector<std::string>& rules, std::string_view below) {
    return std::any_of(rules.begin(), rules.end(),
                       [below](const std::string& rule) { return glob_matches(rule, below); });
  };
  if (matches(rules_of(exclude_file_), path)) return true;
  for (std::size_t begin = 0; begin != std::string_view::npos;) {
    const std::string folder(path.substr(0, begin));
    if (matches(rules_of(root_ + "/" + folder + ".gitignore"), path.substr(begin))) return true;
    const std::size_t slash = path.find('/', begin);
    begin = slash == std::string_view::npos ? slash : slash + 1;
  }
  return false;
}

}  // namespace keytrail::git
