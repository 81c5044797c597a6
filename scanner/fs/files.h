// The source of `keytrail scan PATH…`: files and folders, walked by all threads at once.
//
// Every entry of the file system that is seen ends in exactly one call of the sink: blob or stream for what is scanned,
// skip for what is not. A folder that is not entered counts once, with '/' at the end of its path. Delivery is in no
// order. Symlinks are not followed, but for one that the user gave.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "scanner/core/ignore.h"
#include "scanner/core/source.h"

namespace keytrail::fs {

struct FileOptions {
  // As the user gave them: files and folders. They are scanned whatever ignore rules and `exclude` say of themselves;
  // what is below a folder of them is not exempt, unless the folder is as a whole.
  std::vector<std::string> paths;
  // Absolute. What is below it is reported relative to it, the rest as it was given.
  std::string root;
  core::IgnoreProvider* ignore = nullptr;                   // null: nothing is ignored. Must outlive the source
  std::vector<std::string> exclude;                         // patterns of base/glob.h on the reported path
  std::uint64_t whole_file_bytes = std::uint64_t{8} << 20;  // larger files are handed over as a stream
};

// run() fails, before anything is scanned, when one of the paths does not exist or cannot be opened.
std::unique_ptr<core::Source> make_file_source(FileOptions options);

}  // namespace keytrail::fs
