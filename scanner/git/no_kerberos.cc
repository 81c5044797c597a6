// What libgit2's archive wants of Kerberos, for which Debian ships no archive.
//
// libgit2 asks for it when it logs in at an HTTP server. This program opens repositories on disk and no connection, so
// every function says that there is no such mechanism. With the shared library six more were mapped at each start, a
// quarter of a millisecond, and the program ran only where Kerberos is installed. Signatures: RFC 2744, C bindings of
// GSS-API version 2.
#include <cstdint>

namespace {
constexpr std::uint32_t kUnavailable = 16U << 16U;  // GSS_S_UNAVAILABLE
constexpr std::uint32_t kComplete = 0;
}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are the library's
extern "C" {

void* GSS_C_NT_HOSTBASED_SERVICE = nullptr;

std::uint32_t gss_indicate_mechs(std::uint32_t* minor, void** mechanisms) {
  *minor = 0;
  *mechanisms = nullptr;
  return kUnavailable;
}
std::uint32_t gss_import_name(std::uint32_t* minor, void*, void*, void** name) {
  *minor = 0;
  *name = nullptr;
  return kUnavailable;
}
std::uint32_t gss_init_sec_context(std::uint32_t* minor, void*, void**, void*, void*, std::uint32_t, std::uint32_t,
                                   void*, void*, void**, void*, std::uint32_t*, std::uint32_t*) {
  *minor = 0;
  return kUnavailable;
}
std::uint32_t gss_display_status(std::uint32_t* minor, std::uint32_t, int, void*, std::uint32_t*, void*) {
  *minor = 0;
  return kUnavailable;
}
std::uint32_t gss_delete_sec_context(std::uint32_t* minor, void**, void*) {
  *minor = 0;
  return kComplete;
}
std::uint32_t gss_release_buffer(std::uint32_t* minor, void*) {
  *minor = 0;
  return kComplete;
}
std::uint32_t gss_release_name(std::uint32_t* minor, void**) {
  *minor = 0;
  return kComplete;
}
std::uint32_t gss_release_oid_set(std::uint32_t* minor, void**) {
  *minor = 0;
  return kComplete;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
