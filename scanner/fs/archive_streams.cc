#include "scanner/fs/archive_streams.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace keytrail::fs {
namespace {

// How much may be read before the budget is looked at.
constexpr std::size_t kStepBytes = std::size_t{256} << 10;

}  // namespace

void ArchiveBudget::take_output(std::size_t bytes) {
  output_bytes_ += bytes;
  if (is_spent()) return;
  if (output_bytes_ > limits_.max_total_bytes) {
    reason_ = "expands to more than " + std::to_string(limits_.max_total_bytes) + " bytes";
  } else if (output_bytes_ > limits_.ratio_free_bytes && output_bytes_ / limits_.max_ratio > input_bytes_) {
    reason_ = "expands to more than " + std::to_string(limits_.max_ratio) + " times its size";
  }
}

void ArchiveBudget::take_entry() {
  if (++entries_ > limits_.max_entries && !is_spent()) {
    reason_ = "has more than " + std::to_string(limits_.max_entries) + " entries";
  }
}

Result<std::size_t> ArchiveInput::read(char* buffer, std::size_t capacity) {
  auto got = inner_.read(buffer, capacity);
  if (got) {
    budget_.take_input(*got);
  } else if (!failure_) {
    failure_ = got.error();
  }
  return got;
}

Result<std::size_t> MemberStream::read(char* buffer, std::size_t capacity) {
  std::size_t done = 0;
  while (done < capacity && !ended_ && !failure_ && !budget_.is_spent() && !budget_.is_cancelled()) {
    const std::size_t wanted = std::min(capacity - done, kStepBytes);
    auto got = inner_.read(buffer + done, wanted);
    if (!got) {
      failure_ = std::move(got).error();
      break;
    }
    done += *got;
    if (counts_) budget_.take_output(*got);
    // Fewer than wanted may also come before an error.
    ended_ = *got == 0;
  }
  return done;
}

void MemberStream::drain() {
  if (ended_) return;
  const auto scratch = std::make_unique_for_overwrite<char[]>(kStepBytes);
  while (true) {
    const auto got = read(scratch.get(), kStepBytes);
    if (!got || *got == 0) return;
  }
}

}  // namespace keytrail::fs
