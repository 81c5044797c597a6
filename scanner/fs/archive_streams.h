// What bounds the expansion of one archive, and the streams that keep the account.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "scanner/base/result.h"
#include "scanner/core/blob.h"
#include "scanner/core/source.h"
#include "scanner/fs/archive.h"

namespace keytrail::fs {

// The account of one outermost archive, shared by all that is nested in it. One thread.
class ArchiveBudget {
 public:
  ArchiveBudget(const ArchiveLimits& limits, const core::Sink& sink) : limits_(limits), sink_(sink) {}

  const ArchiveLimits& limits() const { return limits_; }
  void take_input(std::size_t bytes) { input_bytes_ += bytes; }
  void take_output(std::size_t bytes);
  void take_entry();
  bool is_spent() const { return !reason_.empty(); }
  bool is_cancelled() const { return sink_.cancelled(); }
  // Which limit was met: one line; empty while none was.
  const std::string& reason() const { return reason_; }

 private:
  const ArchiveLimits& limits_;
  const core::Sink& sink_;
  std::uint64_t input_bytes_ = 0;
  std::uint64_t output_bytes_ = 0;
  std::uint64_t entries_ = 0;
  std::string reason_;
};

// The outermost archive's own bytes, counted. Remembers an error of reading.
class ArchiveInput : public core::ByteStream {
 public:
  ArchiveInput(core::ByteStream& inner, ArchiveBudget& budget) : inner_(inner), budget_(budget) {}
  Result<std::size_t> read(char* buffer, std::size_t capacity) override;
  const std::optional<Error>& failure() const { return failure_; }

 private:
  core::ByteStream& inner_;
  ArchiveBudget& budget_;
  std::optional<Error> failure_;
};

// The bytes of a member as its reader may have them: they end where the archive is damaged, the budget is spent or the
// user has interrupted, so that what came before is scanned. The expander asks for the failure and reports it.
class MemberStream : public core::ByteStream {
 public:
  // `counts`: whether its bytes are charged to the budget; the members of a tar in a compressed file were charged
  // there.
  MemberStream(core::ByteStream& inner, ArchiveBudget& budget, bool counts)
      : inner_(inner), budget_(budget), counts_(counts) {}
  Result<std::size_t> read(char* buffer, std::size_t capacity) override;
  // Reads on to the end or to where it cannot, so that the whole member is charged and checked.
  void drain();
  const std::optional<Error>& failure() const { return failure_; }

 private:
  core::ByteStream& inner_;
  ArchiveBudget& budget_;
  bool counts_;
  bool ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace keytrail::fs
