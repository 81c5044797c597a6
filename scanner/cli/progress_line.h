// The progress display: one line on standard error that is written over and removed at the end.
#pragma once

#include <chrono>
#include <string>

#include "scanner/scan/scan.h"

namespace keytrail::cli {

// "scanning  12,345 files  1.2 GB  450 MB/s  about 12 s left". A pure function, for tests.
std::string format_progress(const scan::Progress& progress, double seconds, const std::string& unit);

class ProgressLine {
 public:
  // `unit`: what blobs are called, "files" or "objects".
  explicit ProgressLine(std::string unit);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const scan::Progress& progress);

 private:
  std::string unit_;
  std::chrono::steady_clock::time_point start_;
  bool shown_ = false;
};

}  // namespace keytrail::cli
