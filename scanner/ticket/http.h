// Requests to the systems that tickets go to. libcurl is loaded when the first one is made, so that a program that
// sends nothing starts without it.
//
// TLS is verified; plain http goes to this machine alone. Redirects are not followed: a credential goes where it was
// meant to. An answer is read up to a limit. Credentials stand in headers and addresses and reach no error.
// One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scanner/base/result.h"

namespace keytrail::ticket {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  // Of mail: sender and receivers; then `url` is smtp(s)://… and `body` the message.
  std::string mail_from;
  std::vector<std::string> mail_to;
  std::string user;  // "name:password"
};

struct HttpResponse {
  int status = 0;  // of mail 0 when it was taken
  std::string body;
  std::optional<int> retry_after;  // seconds
};

// How a request failed that has no answer.
struct HttpFailure {
  std::string message;
  bool unsure = false;  // it may have arrived
};

class HttpClient {
 public:
  struct Limits {
    long connect_seconds = 10;
    long total_seconds = 30;
    std::size_t max_answer_bytes = std::size_t{4} << 20;
  };
  static Result<HttpClient> load(const Limits& limits);
  HttpClient(HttpClient&&) noexcept;
  ~HttpClient();

  // One try. Nothing in `failure` when there is an answer.
  HttpResponse send(const HttpRequest& request, std::optional<HttpFailure>& failure);

 private:
  struct Library;
  HttpClient(std::unique_ptr<Library> library, Limits limits);
  std::unique_ptr<Library> library_;
  Limits limits_;
};

// Whether a credential may be sent there: https, smtps, smtp (with STARTTLS required), or http to this machine.
bool is_safe_address(const std::string& url);
// Scheme, host and path: without query, user and what may be a credential in the path's end. For messages.
std::string shown_address(const std::string& url);

}  // namespace keytrail::ticket
