// What one run leaves for the next, in files that are right or not there: a writer and a reader of their content, and
// files that are sealed by a checksum, written beside their place and renamed into it.
//
// A file: magic (8 bytes), the key (32), the size of the content (8), the content, SHA-256 of all before it. Numbers
// are little-endian. Who loads a file gives the key that it must have; a file with another key, of another size or with
// one bit changed is no file at all. Losing one costs time and nothing else, so damage is not told apart from absence.
//
// The checksum is against accidents, not against somebody who may write to the folder: it is mode 0700, its files 0600.
// What is read from a sealed file is still checked for its bounds.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "scanner/base/hash.h"
#include "scanner/base/result.h"

namespace keytrail {

static_assert(std::endian::native == std::endian::little, "state files hold the numbers of the machine as they are");

class StateWriter {
 public:
  void u8(std::uint8_t value) { raw(&value, sizeof value); }
  void u32(std::uint32_t value) { raw(&value, sizeof value); }
  void u64(std::uint64_t value) { raw(&value, sizeof value); }
  void i64(std::int64_t value) { raw(&value, sizeof value); }
  void text(std::string_view value) {
    u64(value.size());
    raw(value.data(), value.size());
  }
  // A number of items without padding, as they stand in memory.
  template <typename T>
  void items(const std::vector<T>& values) {
    static_assert(std::has_unique_object_representations_v<T> && std::is_trivially_copyable_v<T>);
    u64(values.size());
    raw(values.data(), values.size() * sizeof(T));
  }
  std::string take() { return std::exchange(bytes_, {}); }

 private:
  void raw(const void* data, std::size_t count) {
    if (count > 0) bytes_.append(static_cast<const char*>(data), count);
  }
  std::string bytes_;
};

// Reads what a StateWriter wrote. After a read that found too few bytes all reads give nothing and ok() is false, so
// that it is enough to ask once at the end, and wherever a number decides how often something is done.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && bytes_.empty(); }
  void fail() { ok_ = false; }

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::int64_t i64() { return number<std::int64_t>(); }
  std::string_view text() { return take(u64()); }
  // A count of things of which each takes `bytes_each` or more: never more than there can be.
  std::uint64_t count(std::size_t bytes_each);
  template <typename T>
  std::vector<T> items() {
    static_assert(std::has_unique_object_representations_v<T> && std::is_trivially_copyable_v<T>);
    std::vector<T> values(count(sizeof(T)));
    const std::string_view raw = take(values.size() * sizeof(T));
    if (!raw.empty()) std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

 private:
  std::string_view take(std::uint64_t count);
  template <typename T>
  T number() {
    T value{};
    const std::string_view raw = take(sizeof value);
    if (raw.size() == sizeof value) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

// A loaded file. Its content is good for as long as it lives.
class StateFile {
 public:
  // Nothing when there is none at `path` that is whole and has this key.
  static std::optional<StateFile> load(const std::string& path, const Sha256Digest& key);
  std::string_view content() const { return content_; }

 private:
  StateFile() = default;
  std::unique_ptr<char[]> bytes_;
  std::string_view content_;
};

// Puts the content at `path`, or leaves what was there. Creates the folder. Several processes may do this at once.
Status save_state(const std::string& path, const Sha256Digest& key, std::string_view content);

// Says that a file is still of use, though nobody had to load it.
void touch_state(const std::string& path);

struct StateLimits {
  std::time_t unused_seconds = std::time_t{30} * 24 * 3600;
  std::uint64_t total_bytes = std::uint64_t{2} << 30;
};

// Removes from `folder` what was neither written nor used (loaded or touched) for long, temporary files that nobody
// finished, and, the longest unused first, what is over the limit of all.
void prune_states(const std::string& folder, std::time_t now, const StateLimits& limits = {});

}  // namespace keytrail
