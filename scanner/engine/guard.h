// A pattern that is tried where a literal of it was found. Immutable; compiled when first needed, once for all threads.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/ruleset/rule.h"

namespace re2 {
class RE2;
}

namespace keytrail::engine {

class Guard {
 public:
  // `anchor` is a pattern with literals.
  explicit Guard(const ruleset::Anchor& anchor);
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  Status compile() const;

  // Where a literal stands in the pattern's matches: how many bytes before it, and its own.
  struct Place {
    std::uint32_t least = 0;
    std::uint32_t most = 0;
    std::uint32_t size = 0;
  };
  // Whether the pattern matches in `text` around a literal of it that begins at `at`. Looks at no byte farther from
  // `at` than place.most + 1 to the left and width() + 1 to the right.
  bool matches(std::string_view text, std::uint64_t at, Place place) const;
  std::uint32_t width() const { return width_; }

 private:
  const std::vector<ruleset::ByteSet>& head() const;
  bool may_begin(std::string_view text, std::uint64_t begin, std::size_t skip) const;

  const std::string& pattern_;
  std::uint32_t width_;
  mutable std::once_flag parsed_;
  mutable std::vector<ruleset::ByteSet> head_;
  mutable std::once_flag compiled_;
  mutable std::unique_ptr<re2::RE2> compiled_pattern_;
};

}  // namespace keytrail::engine
