#include "scanner/fs/archive.h"

#include <locale.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "scanner/fs/archive_format.h"
#include "scanner/fs/archive_reader.h"
#include "scanner/fs/archive_streams.h"
#include "scanner/fs/gzip_stream.h"
#include "scanner/fs/streams.h"

namespace keytrail::fs {
namespace {

using core::BlobOrigin;
using core::SkipReason;

// libarchive turns names into the character set of the thread's locale and loses what it has not. Names are bytes here,
// and UTF-8 where the archive says what they are.
class NamesAreUtf8 {
 public:
  explicit NamesAreUtf8(locale_t names) : before_(names == nullptr ? nullptr : ::uselocale(names)) {}
  ~NamesAreUtf8() {
    if (before_ != nullptr) ::uselocale(before_);
  }
  NamesAreUtf8(const NamesAreUtf8&) = delete;
  NamesAreUtf8& operator=(const NamesAreUtf8&) = delete;

 private:
  locale_t before_;
};

// One outermost archive being taken apart.
class Expansion {
 public:
  Expansion(const ArchiveLimits& limits, unsigned worker, core::Sink& sink)
      : budget_(limits, sink), worker_(worker), sink_(sink) {}

  void run(const BlobOrigin& origin, core::ByteStream& bytes);

 private:
  // An archive. `source` is the member that it was found in, null for the outermost: when that fails, the level's own
  // failure is a consequence and not reported.
  struct Level {
    const BlobOrigin& origin;
    ArchiveFormat format;
    core::ByteStream& bytes;
    const MemberStream* source;
    unsigned depth;
    bool counts;  // see MemberStream
  };

  void expand(const Level& level);
  void expand_from_memory(const Level& level);
  void expand_compressed(const Level& level, core::ByteStream& content);
  void expand_members(const Level& level, ArchiveReader& reader);
  void visit_member(const Level& level, ArchiveReader& reader, const ArchiveReader::Entry& entry);
  void deliver(const BlobOrigin& origin, MemberStream& member, PeekStream& peeked, unsigned depth);
  void deliver_bytes(const BlobOrigin& origin, core::ByteStream& bytes);
  void report_end(const Level& level, const BlobOrigin& origin, const std::optional<Error>& failure);

  bool is_stopped() const { return budget_.is_spent() || budget_.is_cancelled(); }
  void skip(SkipReason reason, const BlobOrigin& origin, std::string detail) {
    sink_.skip(worker_, reason, origin.path, std::move(detail));
  }

  ArchiveBudget budget_;
  unsigned worker_;
  core::Sink& sink_;
  const ArchiveInput* input_ = nullptr;
  std::unique_ptr<char[]> buffer_;  // of deliver_bytes alone, which nothing is nested in
  bool limit_reported_ = false;
};

BlobOrigin member_origin(const BlobOrigin& archive, const std::string& name) {
  BlobOrigin origin = archive;
  origin.path.append("!/").append(name);
  return origin;
}

void Expansion::run(const BlobOrigin& origin, core::ByteStream& bytes) {
  ArchiveInput input(bytes, budget_);
  input_ = &input;
  PeekStream peeked(input);
  const ArchiveFormat format = detect_archive(peeked.head());
  if (format != ArchiveFormat::none) expand({origin, format, peeked, nullptr, 1, true});
  if (input.failure()) {
    skip(SkipReason::unreadable, origin, input.failure()->message);
  } else if (format == ArchiveFormat::none) {
    skip(SkipReason::not_supported, origin, "not an archive");
  }
  input_ = nullptr;
}

void Expansion::expand(const Level& level) {
  if (wants_seeking(level.format)) return expand_from_memory(level);
  if (level.format == ArchiveFormat::gzip) {
    GzipStream content(level.bytes);
    return expand_compressed(level, content);
  }
  auto reader = ArchiveReader::open(level.format, level.bytes);
  if (!reader) return report_end(level, level.origin, reader.error());
  if (is_compression(level.format)) {
    ArchiveReader::Entry entry;
    // An empty file has no entry, and its reader gives nothing.
    if (const auto more = (*reader)->next(entry); !more) return report_end(level, level.origin, more.error());
    return expand_compressed(level, **reader);
  }
  expand_members(level, **reader);
}

void Expansion::expand_from_memory(const Level& level) {
  const auto limit = static_cast<std::size_t>(budget_.limits().max_bytes_in_memory);
  std::string bytes;
  bool at_end = false;
  while (!at_end && bytes.size() <= limit) {
    const std::size_t before = bytes.size();
    const std::size_t step = std::min(std::max(before, std::size_t{64} << 10), limit + 1 - before);
    bytes.resize(before + step);
    // An error ends the bytes as well: the stream remembers it.
    const auto got = level.bytes.read(bytes.data() + before, step);
    const std::size_t size = got ? *got : 0;
    bytes.resize(before + size);
    at_end = size == 0;
  }
  // What a stopped or broken stream gave is read all the same.
  const bool is_whole = bytes.size() <= limit;
  if (!is_whole && level.format != ArchiveFormat::zip) {
    return skip(SkipReason::archive_limit, level.origin, "larger than " + std::to_string(limit) + " bytes");
  }
  core::PrefixedStream stream(bytes, level.bytes);
  auto reader = is_whole ? ArchiveReader::open(level.format, std::string_view(bytes))
                         : ArchiveReader::open(level.format, static_cast<core::ByteStream&>(stream));
  if (!reader) return report_end(level, level.origin, reader.error());
  expand_members(level, **reader);
}

void Expansion::expand_compressed(const Level& level, core::ByteStream& content) {
  budget_.take_entry();
  MemberStream member(content, budget_, level.counts);
  PeekStream peeked(member);
  if (detect_archive(peeked.head()) == ArchiveFormat::tar) {
    expand({level.origin, ArchiveFormat::tar, peeked, &member, level.depth, false});
  } else {
    deliver(member_origin(level.origin, name_inside(level.origin.path)), member, peeked, level.depth);
  }
  member.drain();
  report_end(level, level.origin, member.failure());
}

void Expansion::expand_members(const Level& level, ArchiveReader& reader) {
  ArchiveReader::Entry entry;
  std::optional<Error> failure;
  std::uint64_t encrypted = 0;
  while (!is_stopped() && !reader.is_dead()) {
    auto more = reader.next(entry);
    if (!more) {
      failure = std::move(more).error();
      break;
    }
    if (!*more) break;
    budget_.take_entry();
    if (is_stopped()) break;
    if (entry.is_encrypted) {
      ++encrypted;
    } else {
      visit_member(level, reader, entry);
    }
  }
  if (encrypted > 0) {
    skip(SkipReason::archive_encrypted, level.origin, "members that need a password: " + std::to_string(encrypted));
  } else if (failure && reader.saw_encryption()) {
    skip(SkipReason::archive_encrypted, level.origin, "its list of members needs a password");
    failure.reset();
  }
  report_end(level, level.origin, failure);
}

void Expansion::visit_member(const Level& level, ArchiveReader& reader, const ArchiveReader::Entry& entry) {
  const BlobOrigin origin = member_origin(level.origin, entry.name);
  MemberStream member(reader, budget_, level.counts);
  switch (entry.kind) {
    case ArchiveReader::Kind::file: {
      PeekStream peeked(member);
      deliver(origin, member, peeked, level.depth);
      break;
    }
    case ArchiveReader::Kind::symlink:
      skip(SkipReason::symlink, origin, {});
      break;
    case ArchiveReader::Kind::special:
      skip(SkipReason::special, origin, {});
      break;
    case ArchiveReader::Kind::folder:
    case ArchiveReader::Kind::hard_link:
      break;
  }
  // Not left to libarchive, whose skipping knows no budget.
  member.drain();
  report_end(level, origin, member.failure());
}

void Expansion::deliver(const BlobOrigin& origin, MemberStream& member, PeekStream& peeked, unsigned depth) {
  const ArchiveFormat format = detect_archive(peeked.head());
  if (format == ArchiveFormat::none) {
    // Nothing at all is an empty member only when nothing went wrong.
    if (peeked.head().empty() && (member.failure() || is_stopped())) return;
    return deliver_bytes(origin, peeked);
  }
  if (depth < budget_.limits().max_depth) return expand({origin, format, peeked, &member, depth + 1, true});
  skip(SkipReason::archive_limit, origin,
       "nested deeper than " + std::to_string(budget_.limits().max_depth) + " archives");
}

void Expansion::deliver_bytes(const BlobOrigin& origin, core::ByteStream& bytes) {
  const auto limit = static_cast<std::size_t>(budget_.limits().whole_member_bytes);
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(limit + 1);
  const auto got = bytes.read(buffer_.get(), limit + 1);
  const std::size_t size = got ? *got : 0;
  if (size <= limit) return sink_.blob(worker_, core::Blob{{buffer_.get(), size}, &origin});
  core::PrefixedStream stream({buffer_.get(), size}, bytes);
  sink_.stream(worker_, origin, stream);
}

void Expansion::report_end(const Level& level, const BlobOrigin& origin, const std::optional<Error>& failure) {
  if (budget_.is_cancelled()) return;
  if (budget_.is_spent()) {
    if (!limit_reported_) skip(SkipReason::archive_limit, origin, budget_.reason());
    limit_reported_ = true;
    return;
  }
  const bool is_consequence = input_->failure() || (level.source != nullptr && level.source->failure());
  if (!failure || is_consequence) return;
  const bool unsupported = failure->code == ErrorCode::unsupported;
  skip(unsupported ? SkipReason::not_supported : SkipReason::archive_corrupt, origin, failure->message);
}

struct LocaleFree {
  void operator()(locale_t names) const noexcept { ::freelocale(names); }
};

class ArchiveExpander final : public core::Expander {
 public:
  explicit ArchiveExpander(const ArchiveLimits& limits)
      : limits_(limits), names_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {}

  bool recognises(std::string_view head) const override { return detect_archive(head) != ArchiveFormat::none; }

  void expand(unsigned worker, const BlobOrigin& origin, core::ByteStream& bytes, core::Sink& sink) const override {
    const NamesAreUtf8 names(names_.get());
    Expansion(limits_, worker, sink).run(origin, bytes);
  }

 private:
  ArchiveLimits limits_;
  std::unique_ptr<std::remove_pointer_t<locale_t>, LocaleFree> names_;
};

}  // namespace

std::unique_ptr<core::Expander> make_archive_expander(const ArchiveLimits& limits) {
  return std::make_unique<ArchiveExpander>(limits);
}

}  // namespace keytrail::fs
