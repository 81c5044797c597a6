#include "tests/unit/fs/make_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <memory>
#include <random>
#include <stdexcept>

// Every writer of libarchive's archive needs an object that lists them all, and the one of xar needs libxml2. With this
// definition the linker leaves that out.
extern "C" int archive_write_set_format_xar(archive*) { return ARCHIVE_FATAL; }

namespace keytrail::test {
namespace {

struct ArchiveFree {
  void operator()(archive* a) const noexcept { archive_write_free(a); }
};
struct EntryFree {
  void operator()(archive_entry* e) const noexcept { archive_entry_free(e); }
};

void check(archive* a, int code) {
  if (code < ARCHIVE_WARN) throw std::runtime_error(archive_error_string(a));
}

la_ssize_t append(archive*, void* out, const void* bytes, size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

void set_container(archive* a, Container container) {
  switch (container) {
    case Container::zip:
      return check(a, archive_write_set_format_zip(a));
    case Container::zip_stored:
      check(a, archive_write_set_format_zip(a));
      return check(a, archive_write_zip_set_compression_store(a));
    case Container::zip_encrypted:
      check(a, archive_write_set_format_zip(a));
      check(a, archive_write_set_options(a, "zip:encryption=zipcrypt"));
      return check(a, archive_write_set_passphrase(a, "abc"));
    case Container::tar:
      return check(a, archive_write_set_format_pax_restricted(a));
    case Container::seven_zip:
      return check(a, archive_write_set_format_7zip(a));
    case Container::raw:
      return check(a, archive_write_set_format_raw(a));
  }
}

void set_compression(archive* a, Compression compression) {
  switch (compression) {
    case Compression::none:
      return;
    case Compression::gzip:
      return check(a, archive_write_add_filter_gzip(a));
    case Compression::bzip2:
      return check(a, archive_write_add_filter_bzip2(a));
    case Compression::xz:
      check(a, archive_write_add_filter_xz(a));
      return check(a, archive_write_set_filter_option(a, "xz", "compression-level", "1"));
    case Compression::zstd:
      return check(a, archive_write_add_filter_zstd(a));
    case Compression::lz4:
      return check(a, archive_write_add_filter_lz4(a));
  }
}

void add(archive* a, const Member& member) {
  const std::unique_ptr<archive_entry, EntryFree> entry(archive_entry_new());
  archive_entry* e = entry.get();
  archive_entry_set_pathname(e, member.name.c_str());
  archive_entry_set_perm(e, 0644);
  archive_entry_set_filetype(e, AE_IFREG);
  switch (member.kind) {
    case Member::Kind::file:
      archive_entry_set_size(e, static_cast<la_int64_t>(member.bytes.size()));
      break;
    case Member::Kind::folder:
      archive_entry_set_filetype(e, AE_IFDIR);
      break;
    case Member::Kind::symlink:
      archive_entry_set_filetype(e, AE_IFLNK);
      archive_entry_set_symlink(e, member.bytes.c_str());
      break;
    case Member::Kind::hard_link:
      archive_entry_set_hardlink(e, member.bytes.c_str());
      break;
    case Member::Kind::fifo:
      archive_entry_set_filetype(e, AE_IFIFO);
      break;
  }
  check(a, archive_write_header(a, e));
  if (member.kind != Member::Kind::file || member.bytes.empty()) return;
  if (archive_write_data(a, member.bytes.data(), member.bytes.size()) < 0) {
    throw std::runtime_error(archive_error_string(a));
  }
}

}  // namespace

std::string make_archive(Container container, Compression compression, const std::vector<Member>& members) {
  const std::unique_ptr<archive, ArchiveFree> handle(archive_write_new());
  archive* a = handle.get();
  set_container(a, container);
  set_compression(a, compression);
  // Without padding to a block: what is cut off is then always something.
  check(a, archive_write_set_bytes_in_last_block(a, 1));
  std::string out;
  check(a, archive_write_open(a, &out, nullptr, append, nullptr));
  for (const Member& member : members) add(a, member);
  check(a, archive_write_close(a));
  return out;
}

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(size, ' ');
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = i % 61 == 60 ? '\n' : static_cast<char>('a' + static_cast<char>(random() % 20));
  }
  return out;
}

}  // namespace keytrail::test
