#include "scanner/ticket/http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "scanner/ticket/text.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace keytrail::ticket {

struct HttpClient::Library {
  struct Close {
    void operator()(void* library) const noexcept { dlclose(library); }
  };
  std::unique_ptr<void, Close> handle;
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;

  template <typename Function>
  bool find(Function& into, const char* name) {
    void* symbol = dlsym(handle.get(), name);
    static_assert(sizeof symbol == sizeof into);
    std::memcpy(&into, &symbol, sizeof into);
    return symbol != nullptr;
  }
};

namespace {

struct Answer {
  std::string body;
  std::size_t limit = 0;
};

std::size_t take_answer(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto* answer = static_cast<Answer*>(user);
  const std::size_t bytes = size * count;
  if (bytes > answer->limit - answer->body.size()) return 0;
  answer->body.append(data, bytes);
  return bytes;
}

struct Upload {
  std::string_view rest;
};

std::size_t give_mail(char* buffer, std::size_t size, std::size_t count, void* user) noexcept {
  auto* upload = static_cast<Upload*>(user);
  const std::size_t bytes = std::min(upload->rest.size(), size * count);
  std::memcpy(buffer, upload->rest.data(), bytes);
  upload->rest.remove_prefix(bytes);
  return bytes;
}

std::string host_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return {};
  const std::size_t begin = scheme + 3;
  std::string host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  if (const std::size_t at = host.rfind('@'); at != std::string::npos) host.erase(0, at + 1);
  if (host.starts_with("[")) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_local(const std::string& host) { return host == "127.0.0.1" || host == "localhost" || host == "[::1]"; }

// What was refused before anything was sent cannot have arrived.
bool may_have_arrived(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_LOGIN_DENIED:
    case CURLE_USE_SSL_FAILED:
      return false;
    default:
      return true;
  }
}

}  // namespace

HttpClient::HttpClient(std::unique_ptr<Library> library, Limits limits)
    : library_(std::move(library)), limits_(limits) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<HttpClient> HttpClient::load(const Limits& limits) {
#ifdef KEYTRAIL_PORTABLE
  // A static C library can load only the shared libraries of its own version.
  (void)limits;
  return make_error(ErrorCode::unsupported,
                    "is not in this portable build: use the Debian package, or send tickets from their folder",
                    "libcurl.so.4");
#else
  auto library = std::make_unique<Library>();
  library->handle.reset(dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL));
  if (library->handle == nullptr) {
    return make_error(ErrorCode::unsupported,
                      "is not installed: apt-get install libcurl4, or send tickets from their folder", "libcurl.so.4");
  }
  Library& found = *library;
  const bool all =
      found.find(found.global_init, "curl_global_init") && found.find(found.easy_init, "curl_easy_init") &&
      found.find(found.easy_cleanup, "curl_easy_cleanup") && found.find(found.easy_setopt, "curl_easy_setopt") &&
      found.find(found.easy_perform, "curl_easy_perform") && found.find(found.easy_getinfo, "curl_easy_getinfo") &&
      found.find(found.easy_strerror, "curl_easy_strerror") && found.find(found.slist_append, "curl_slist_append") &&
      found.find(found.slist_free_all, "curl_slist_free_all");
  if (!all || found.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return make_error(ErrorCode::unsupported, "cannot be used: another version is needed", "libcurl.so.4");
  }
  return HttpClient(std::move(library), limits);
#endif
}

HttpResponse HttpClient::send(const HttpRequest& request, std::optional<HttpFailure>& failure) {
  const Library& curl = *library_;
  failure.reset();
  if (!is_safe_address(request.url)) {
    failure = HttpFailure{"is no https address: credentials go over TLS alone", false};
    return {};
  }
  const std::unique_ptr<CURL, decltype(curl.easy_cleanup)> handle(curl.easy_init(), curl.easy_cleanup);
  std::unique_ptr<curl_slist, decltype(curl.slist_free_all)> headers(nullptr, curl.slist_free_all);
  std::unique_ptr<curl_slist, decltype(curl.slist_free_all)> receivers(nullptr, curl.slist_free_all);
  const auto append = [&](auto& list, const std::string& text) {
    curl_slist* longer = curl.slist_append(list.get(), text.c_str());
    if (longer == nullptr) return;
    (void)list.release();
    list.reset(longer);
  };
  for (const std::string& header : request.headers) append(headers, header);
  for (const std::string& receiver : request.mail_to) append(receivers, receiver);
  Answer answer{{}, limits_.max_answer_bytes};
  Upload upload{request.body};
  const auto set = [&](CURLoption option, auto value) { curl.easy_setopt(handle.get(), option, value); };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https,http,smtp,smtps");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT, limits_.connect_seconds);
  set(CURLOPT_TIMEOUT, limits_.total_seconds);
  set(CURLOPT_USERAGENT, "keytrail");
  set(CURLOPT_WRITEFUNCTION, &take_answer);
  set(CURLOPT_WRITEDATA, &answer);
  if (!request.user.empty()) set(CURLOPT_USERPWD, request.user.c_str());
  if (!request.mail_to.empty()) {
    if (!is_local(host_of(request.url))) set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    set(CURLOPT_MAIL_FROM, request.mail_from.c_str());
    set(CURLOPT_MAIL_RCPT, receivers.get());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &give_mail);
    set(CURLOPT_READDATA, &upload);
  } else {
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method != "GET") {
      set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
      set(CURLOPT_POSTFIELDS, request.body.c_str());
    }
  }
  const CURLcode code = curl.easy_perform(handle.get());
  HttpResponse response;
  long status = 0;
  curl_off_t retry_after = 0;
  curl.easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  curl.easy_getinfo(handle.get(), CURLINFO_RETRY_AFTER, &retry_after);
  if (code != CURLE_OK) {
    failure = HttpFailure{curl.easy_strerror(code), may_have_arrived(code)};
    return response;
  }
  response.status = request.mail_to.empty() ? static_cast<int>(status) : 0;
  if (retry_after > 0) response.retry_after = static_cast<int>(std::min<curl_off_t>(retry_after, 86400));
  response.body = std::move(answer.body);
  return response;
}

bool is_safe_address(const std::string& url) {
  const auto odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (std::any_of(url.begin(), url.end(), odd)) return false;
  const std::string host = host_of(url);
  if (host.empty()) return false;
  if (url.starts_with("https://") || url.starts_with("smtps://") || url.starts_with("smtp://")) return true;
  return url.starts_with("http://") && is_local(host);
}

std::string shown_address(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string::npos ? "?" : one_line(url.substr(0, scheme + 3) + host_of(url));
}

}  // namespace keytrail::ticket
