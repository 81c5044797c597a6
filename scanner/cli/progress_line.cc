#include "scanner/cli/progress_line.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace keytrail::cli {
namespace {

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string human_bytes(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < kUnits.size()) {
    bytes /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 || bytes >= 100 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
  return text.data();
}

// Seconds until the end, by whichever of blobs and bytes is farther behind; negative when nothing is known.
double seconds_left(const scan::Progress& progress, double seconds) {
  double done = 1;
  if (progress.expected_blobs > 0) {
    done = std::min(done, static_cast<double>(progress.blobs) / static_cast<double>(progress.expected_blobs));
  }
  if (progress.expected_bytes > 0) {
    done = std::min(done, static_cast<double>(progress.bytes) / static_cast<double>(progress.expected_bytes));
  }
  const bool known = progress.expected_blobs > 0 || progress.expected_bytes > 0;
  return known && done > 0.01 ? seconds / done - seconds : -1;
}

}  // namespace

std::string format_progress(const scan::Progress& progress, double seconds, const std::string& unit) {
  std::string line = std::string(progress.step) + "  " + with_commas(progress.blobs);
  if (progress.expected_blobs > progress.blobs) line += " of " + with_commas(progress.expected_blobs);
  line += " " + unit + "  " + human_bytes(static_cast<double>(progress.bytes));
  if (seconds > 0.5) line += "  " + human_bytes(static_cast<double>(progress.bytes) / seconds) + "/s";
  if (const double left = seconds_left(progress, seconds); left >= 1 && seconds > 1) {
    line += "  about " + std::to_string(std::lround(left)) + " s left";
  }
  return line;
}

ProgressLine::ProgressLine(std::string unit) : unit_(std::move(unit)), start_(std::chrono::steady_clock::now()) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void ProgressLine::show(const scan::Progress& progress) {
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
  // What ends at once needs no display.
  if (passed.count() < 0.3) return;
  shown_ = true;
  std::fprintf(stderr, "\r%s\x1b[K", format_progress(progress, passed.count(), unit_).c_str());
  std::fflush(stderr);
}

}  // namespace keytrail::cli
