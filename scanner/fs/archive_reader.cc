#include "scanner/fs/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace keytrail::fs {
namespace {

constexpr std::size_t kInputBytes = std::size_t{64} << 10;
// libarchive asks for another try after a signal or where it has skipped something; hostile bytes may make it ask for
// ever.
constexpr int kMaxRetries = 16;

struct ArchiveFree {
  void operator()(archive* a) const noexcept { archive_read_free(a); }
};
struct EntryFree {
  void operator()(archive_entry* e) const noexcept { archive_entry_free(e); }
};

// Registers what is asked for and nothing else: libarchive's own guess would unwrap several layers at once, past the
// limits, and takes whatever begins with zeros for an empty tar.
int set_format(archive* a, ArchiveFormat format, bool can_seek) {
  switch (format) {
    case ArchiveFormat::zip:
      // In memory the list at the end counts, and what is cut is read like a stream.
      return can_seek ? archive_read_support_format_zip(a) : archive_read_support_format_zip_streamable(a);
    case ArchiveFormat::tar:
      // What follows the end mark of a tar is read as well: two of them in one file are common.
      if (const int code = archive_read_support_format_tar(a); code != ARCHIVE_OK) return code;
      return archive_read_set_format_option(a, "tar", "read_concatenated_archives", "1");
    case ArchiveFormat::seven_zip:
      return archive_read_support_format_7zip(a);
    case ArchiveFormat::deb:
      return archive_read_support_format_ar(a);
    default:
      // The raw format refuses to hold nothing.
      if (const int code = archive_read_support_format_raw(a); code != ARCHIVE_OK) return code;
      return archive_read_support_format_empty(a);
  }
}

int set_filter(archive* a, ArchiveFormat format) {
  switch (format) {
    case ArchiveFormat::bzip2:
      return archive_read_append_filter(a, ARCHIVE_FILTER_BZIP2);
    case ArchiveFormat::xz:
      return archive_read_append_filter(a, ARCHIVE_FILTER_XZ);
    case ArchiveFormat::zstd:
      return archive_read_append_filter(a, ARCHIVE_FILTER_ZSTD);
    case ArchiveFormat::lz4:
      return archive_read_append_filter(a, ARCHIVE_FILTER_LZ4);
    default:
      return ARCHIVE_OK;
  }
}

ArchiveReader::Kind kind_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr && archive_entry_size(entry) <= 0) return ArchiveReader::Kind::hard_link;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
    // Formats that know no types.
    case 0:
      return ArchiveReader::Kind::file;
    case AE_IFDIR:
      return ArchiveReader::Kind::folder;
    case AE_IFLNK:
      return ArchiveReader::Kind::symlink;
    default:
      return ArchiveReader::Kind::special;
  }
}

std::string name_of(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  return name == nullptr || *name == '\0' ? "(no name)" : name;
}

}  // namespace

struct ArchiveReader::State {
  std::unique_ptr<archive, ArchiveFree> handle;
  std::unique_ptr<archive_entry, EntryFree> entry;
  core::ByteStream* input = nullptr;
  std::unique_ptr<char[]> input_buffer;
  std::optional<Error> input_error;
  bool is_dead = false;

  // What libarchive gave of the entry and was not taken yet; before it, `hole` zeros of a sparse file.
  std::string_view block;
  std::uint64_t hole = 0;
  std::uint64_t position = 0;
  bool entry_ended = true;
  std::optional<Error> entry_error;

  static la_ssize_t read_input(archive* a, void* self, const void** bytes) noexcept;
  Error failure(int code);
  void next_block();
};

la_ssize_t ArchiveReader::State::read_input(archive* a, void* self, const void** bytes) noexcept {
  auto* state = static_cast<State*>(self);
  *bytes = state->input_buffer.get();
  auto got = state->input->read(state->input_buffer.get(), kInputBytes);
  if (got) return static_cast<la_ssize_t>(*got);
  archive_set_error(a, EIO, "%s", got.error().message.c_str());
  state->input_error = std::move(got).error();
  return ARCHIVE_FATAL;
}

// libarchive's code and text as an Error. Its texts speak of structure, never of content; one line all the same.
Error ArchiveReader::State::failure(int code) {
  is_dead = is_dead || code == ARCHIVE_FATAL;
  if (input_error) return *input_error;
  const char* text = archive_error_string(handle.get());
  std::string message = text == nullptr ? "damaged" : text;
  std::replace_if(
      message.begin(), message.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  const bool unsupported = message.find("nsupported") != std::string::npos;
  return make_error(unsupported ? ErrorCode::unsupported : ErrorCode::corrupt, std::move(message));
}

void ArchiveReader::State::next_block() {
  const void* bytes = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  int code = ARCHIVE_RETRY;
  for (int i = 0; i < kMaxRetries && code == ARCHIVE_RETRY; ++i) {
    code = archive_read_data_block(handle.get(), &bytes, &size, &offset);
  }
  if (code == ARCHIVE_EOF) {
    entry_ended = true;
    // A sparse file may end with a hole, which holds nothing.
    return;
  }
  if (code < ARCHIVE_WARN || offset < 0) {
    entry_error = code < ARCHIVE_WARN ? failure(code) : make_error(ErrorCode::corrupt, "damaged sparse file");
    return;
  }
  const auto start = static_cast<std::uint64_t>(offset);
  if (start < position) {
    entry_error = make_error(ErrorCode::corrupt, "damaged sparse file");
    return;
  }
  hole = start - position;
  block = size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(bytes), size);
  position = start + size;
  // With a warning the bytes are good and what should follow is not.
  if (code == ARCHIVE_WARN) entry_error = failure(code);
}

ArchiveReader::ArchiveReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveReader::~ArchiveReader() = default;

Result<std::unique_ptr<ArchiveReader>> ArchiveReader::start(ArchiveFormat format, core::ByteStream* input,
                                                            std::string_view bytes) {
  auto state = std::make_unique<State>();
  state->handle.reset(archive_read_new());
  state->entry.reset(archive_entry_new());
  if (!state->handle || !state->entry) return make_error(ErrorCode::internal, "out of memory");
  archive* a = state->handle.get();
  // A warning here says that an external program would be run, which none of these formats needs.
  if (set_format(a, format, input == nullptr) != ARCHIVE_OK || set_filter(a, format) != ARCHIVE_OK) {
    return make_error(ErrorCode::unsupported, "libarchive was built without this format");
  }
  int code = ARCHIVE_OK;
  if (input == nullptr) {
    code = archive_read_open_memory(a, bytes.data(), bytes.size());
  } else {
    state->input = input;
    state->input_buffer = std::make_unique_for_overwrite<char[]>(kInputBytes);
    code = archive_read_open(a, state.get(), nullptr, State::read_input, nullptr);
  }
  // A first block that cannot be decompressed looks like an empty file to the choice of formats, which leaves the
  // error.
  if (code < ARCHIVE_WARN || (is_compression(format) && archive_errno(a) != 0)) return state->failure(code);
  return std::unique_ptr<ArchiveReader>(new ArchiveReader(std::move(state)));
}

Result<std::unique_ptr<ArchiveReader>> ArchiveReader::open(ArchiveFormat format, core::ByteStream& input) {
  return start(format, &input, {});
}

Result<std::unique_ptr<ArchiveReader>> ArchiveReader::open(ArchiveFormat format, std::string_view bytes) {
  return start(format, nullptr, bytes);
}

Result<bool> ArchiveReader::next(Entry& entry) {
  State& state = *state_;
  state.block = {};
  state.hole = 0;
  state.position = 0;
  state.entry_error.reset();
  int code = ARCHIVE_RETRY;
  for (int i = 0; i < kMaxRetries && code == ARCHIVE_RETRY; ++i) {
    code = archive_read_next_header2(state.handle.get(), state.entry.get());
  }
  if (code == ARCHIVE_EOF) return false;
  if (code < ARCHIVE_WARN) {
    state.is_dead = true;
    return state.failure(code);
  }
  state.entry_ended = false;
  entry.name = name_of(state.entry.get());
  entry.kind = kind_of(state.entry.get());
  entry.is_encrypted = archive_entry_is_encrypted(state.entry.get()) != 0;
  return true;
}

Result<std::size_t> ArchiveReader::read(char* buffer, std::size_t capacity) {
  State& state = *state_;
  std::size_t done = 0;
  while (done < capacity) {
    const std::size_t left = capacity - done;
    if (state.hole > 0) {
      const auto zeros = static_cast<std::size_t>(std::min<std::uint64_t>(left, state.hole));
      std::memset(buffer + done, 0, zeros);
      state.hole -= zeros;
      done += zeros;
    } else if (!state.block.empty()) {
      const std::size_t count = std::min(left, state.block.size());
      std::memcpy(buffer + done, state.block.data(), count);
      state.block.remove_prefix(count);
      done += count;
    } else if (state.entry_ended || state.entry_error) {
      break;
    } else {
      state.next_block();
    }
  }
  if (done == 0 && capacity > 0 && state.entry_error) return *state.entry_error;
  return done;
}

bool ArchiveReader::is_dead() const { return state_->is_dead; }

bool ArchiveReader::saw_encryption() const { return archive_read_has_encrypted_entries(state_->handle.get()) > 0; }

}  // namespace keytrail::fs
