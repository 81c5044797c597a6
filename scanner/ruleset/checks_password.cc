// Passwords in URLs, connection strings and Basic headers: whether they hold something secret at all.
#include <algorithm>
#include <array>
#include <utility>

#include "scanner/base/text.h"
#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// What git hosts take as the password of a URL whose user is the token.
constexpr std::string_view kFillerWord = "x-oauth-basic";

// User and password of documentation and of what servers come with.
constexpr std::array<Pair, 32> kSamplePairs = {{
    {"user", "pass"},
    {"user", "password"},
    {"username", "password"},
    {"usr", "pwd"},
    {"admin", "admin"},
    {"admin", "password"},
    {"root", "root"},
    {"root", "password"},
    {"root", "example"},
    {"foo", "bar"},
    {"test", "test"},
    {"guest", "guest"},
    {"postgres", "postgres"},
    {"postgres", "password"},
    {"mysql", "mysql"},
    {"elastic", "changeme"},
    {"minioadmin", "minioadmin"},
    {"mongo", "mongo"},
    {"redis", "redis"},
    {"rabbitmq", "rabbitmq"},
    {"neo4j", "neo4j"},
    {"cassandra", "cassandra"},
    {"airflow", "airflow"},
    {"jenkins", "jenkins"},
    {"tomcat", "tomcat"},
    {"scott", "tiger"},
    {"vagrant", "vagrant"},
    {"pi", "raspberry"},
    {"ubnt", "ubnt"},
    {"kibana", "changeme"},
    {"aladdin", "open sesame"},
    {"aladdin", "opensesame"},
}};

constexpr std::array<std::string_view, 15> kReservedEndings = {
    ".example",     ".test",        ".invalid",   ".localhost",         ".local",
    ".localdomain", ".internal",    ".home.arpa", ".example.com",       ".example.org",
    ".example.net", ".example.edu", ".svc",       ".svc.cluster.local", ".lan"};
constexpr std::array<std::string_view, 4> kReservedHosts = {"example.com", "example.org", "example.net", "example.edu"};

bool is_sample_pair(std::string_view user, std::string_view password) {
  const std::string name = lower(user);
  const std::string word = lower(password);
  if (name == "anonymous") return true;
  return std::any_of(kSamplePairs.begin(), kSamplePairs.end(),
                     [&](const Pair& pair) { return pair.first == name && pair.second == word; });
}

bool encloses(std::string_view text, std::string_view begin, std::string_view end) {
  return text.size() >= begin.size() + end.size() && text.starts_with(begin) && text.ends_with(end);
}

bool is_identifier(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '_'; });
}

// Names a secret, or stands for one: templates, variables, format directives, masks.
bool is_reference(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() == '$' && (is_identifier(text.substr(1)) || encloses(text, "${", "}") || encloses(text, "$(", ")") ||
                              encloses(text, "$[", "]"))) {
    return true;
  }
  if (text.find("${{") != std::string_view::npos || text.find("{{") != std::string_view::npos ||
      text.find("<%") != std::string_view::npos) {
    return true;
  }
  constexpr std::array<Pair, 8> kEnclosings = {
      {{"<", ">"}, {"{", "}"}, {"[", "]"}, {"#{", "}"}, {"((", "))"}, {"%(", ")s"}, {"__", "__"}, {"&lt;", "&gt;"}}};
  if (std::any_of(kEnclosings.begin(), kEnclosings.end(),
                  [&](const Pair& pair) { return encloses(text, pair.first, pair.second); })) {
    return true;
  }
  if (text.front() == '%' &&
      (text == "%s" || text == "%v" || text == "%d" || text == "%q" || text == "%@" || encloses(text, "%{", "}") ||
       (text.size() > 2 && text.back() == '%' && is_identifier(text.substr(1, text.size() - 2))))) {
    return true;
  }
  // "***", "...", "xxxx"
  return text.size() >= 2 && text.find_first_not_of(text.front()) == std::string_view::npos &&
         std::string_view("*.xX#?_-").find(text.front()) != std::string_view::npos;
}

bool is_private_address(std::string_view host) {
  if (host.starts_with("127.") || host.starts_with("10.") || host.starts_with("192.168.") ||
      host.starts_with("169.254.") || host.starts_with("192.0.2.") || host.starts_with("198.51.100.") ||
      host.starts_with("203.0.113.") || host.starts_with("198.18.") || host.starts_with("198.19.") ||
      host == "0.0.0.0" || host == "1.2.3.4") {
    return host.find_first_not_of("0123456789.") == std::string_view::npos;
  }
  if (!host.starts_with("172.") || host.size() < 7 || host[6] != '.') return false;
  const std::string_view second = host.substr(4, 2);
  return second >= "16" && second <= "31" && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_private_address6(std::string_view host) {
  return host == "::1" || host.starts_with("fe80:") || host.starts_with("fc") || host.starts_with("fd") ||
         host.starts_with("2001:db8:");
}

// A host that is not on the public network, or that exists in documentation alone.
bool is_local_host(std::string_view written) {
  const std::string name = lower(written);
  std::string_view host = name;
  if (host.empty()) return false;
  if (host.find(':') != std::string_view::npos) return is_private_address6(host);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.find('.') == std::string_view::npos) return true;  // localhost, db, redis, a reference
  if (is_private_address(host) || is_reference(host)) return true;
  return std::find(kReservedHosts.begin(), kReservedHosts.end(), host) != kReservedHosts.end() ||
         std::any_of(kReservedEndings.begin(), kReservedEndings.end(),
                     [&](std::string_view ending) { return host.ends_with(ending); });
}

struct Login {
  std::string_view user;
  std::string_view host;
};

std::string_view until_any(std::string_view text, std::string_view ends) {
  return text.substr(0, text.find_first_of(ends));
}

// scheme://user:password@host
std::optional<Login> login_of_url(std::string_view matched, std::string_view secret) {
  const std::string around = ":" + std::string(secret) + "@";
  const std::size_t colon = matched.find(around);
  const std::size_t scheme = matched.find("://");
  if (colon == std::string_view::npos || scheme == std::string_view::npos || scheme + 3 > colon) return std::nullopt;
  Login login;
  login.user = matched.substr(scheme + 3, colon - scheme - 3);
  const std::string_view behind = matched.substr(colon + around.size());
  login.host =
      behind.starts_with('[') ? until_any(behind.substr(1), "]") : until_any(behind, ":/?#\"'`\\ \t\r\n,;)<>&");
  return login;
}

// The value of one of `keys` in "key=value;key=value", whatever its case.
std::string_view value_of(std::string_view text, std::string_view lowered,
                          std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    for (std::size_t at = lowered.find(key); at != std::string_view::npos; at = lowered.find(key, at + 1)) {
      if (at != 0 && is_alnum(lowered[at - 1])) continue;
      std::size_t begin = lowered.find_first_not_of(' ', at + key.size());
      if (begin == std::string_view::npos || lowered[begin] != '=') continue;
      begin = std::min(lowered.find_first_not_of(' ', begin + 1), lowered.size());
      return until_any(text.substr(begin), ";\"'` \t\r\n&");
    }
  }
  return {};
}

Login login_of_pairs(std::string_view matched) {
  const std::string lowered = lower(matched);
  Login login;
  login.user = value_of(matched, lowered, {"user id", "userid", "uid", "username", "user"});
  login.host = value_of(matched, lowered, {"data source", "server", "host", "hostname", "addr", "address"});
  if (login.host.starts_with("tcp:")) login.host.remove_prefix(4);
  login.host = until_any(login.host, ",:\\/");
  return login;
}

// Not even in part: a password often stands in the user's or the host's name as well.
bool holds(std::string_view text, std::string_view password) {
  return !password.empty() && text.find(password) != std::string_view::npos;
}

// The user is the secret where the password is kFillerWord, and so is perhaps any long one with a digit: it is not
// told.
bool may_tell_user(std::string_view user, std::string_view password) {
  if (is_reference(password) || password == kFillerWord || password == "x" || holds(user, password)) return false;
  if (user.find('@') != std::string_view::npos || user.find("%40") != std::string_view::npos) return user.size() <= 64;
  return user.size() <= 16 || (user.size() <= 40 && std::none_of(user.begin(), user.end(), is_digit));
}

void add_login(CheckResult& result, const Login& login, std::string_view password) {
  if (!is_reference(login.user) && may_tell_user(login.user, password)) add_fact(result, "user", login.user);
  if (!is_reference(login.host) && !holds(login.host, password)) add_fact(result, "host", login.host);
}

}  // namespace

CheckResult check_url_password(std::string_view matched, std::string_view secret) {
  CheckResult result;
  const std::optional<Login> url = login_of_url(matched, secret);
  const Login login = url ? *url : login_of_pairs(matched);
  add_login(result, login, secret);
  const bool sample = is_local_host(login.host) && (login.user == secret || is_sample_pair(login.user, secret));
  if (is_reference(secret) || secret == kFillerWord || sample) result.outcome = CheckOutcome::not_secret;
  return result;
}

bool make_url_password(std::string& secret, std::mt19937_64& random) {
  if (is_reference(secret)) {
    for (char& c : secret) {
      c = kDigits62[random() % kDigits62.size()];
    }
  }
  return !is_reference(secret);
}

CheckResult check_basic_auth(std::string_view secret) {
  const std::optional<std::string> text = decode_base64(secret);
  if (!text || !std::all_of(text->begin(), text->end(), is_printable)) return outcome_of(false);
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos || text->size() < 3) return outcome_of(false);
  const std::string_view user = std::string_view(*text).substr(0, colon);
  const std::string_view password = std::string_view(*text).substr(colon + 1);
  CheckResult result;
  if (!is_reference(user) && may_tell_user(user, password)) add_fact(result, "user", user);
  const bool user_only = password.empty() && !user.empty();  // a token in the user's place
  if (!user_only && (is_reference(password) || is_sample_pair(user, password)))
    result.outcome = CheckOutcome::not_secret;
  return result;
}

bool make_basic_auth(std::string& secret, std::mt19937_64& random) {
  const std::size_t bytes = (secret.size() + 3) / 4 * 3;
  if (bytes < 9) return false;
  secret = encode_base64("svc:" + random_text(kDigits62, bytes - 4, random), false);
  return check_basic_auth(secret).outcome == CheckOutcome::passed;
}

}  // namespace keytrail::ruleset
