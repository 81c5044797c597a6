#include "scanner/engine/compiled.h"

#include <re2/re2.h>

namespace keytrail::engine {

std::unique_ptr<re2::RE2> compile_pattern(const std::string& pattern) {
  re2::RE2::Options options(re2::RE2::Latin1);
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{32} << 20);
  return std::make_unique<re2::RE2>(pattern, options);
}

}  // namespace keytrail::engine
