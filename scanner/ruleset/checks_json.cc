// Secrets that are JSON in base64: JSON Web Tokens (RFC 7519) and encrypted ones (RFC 7516), and tokens that carry a
// JSON object behind a prefix.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

using Json = nlohmann::json;

// `is_discarded` when the text is no JSON object.
Json parse_object(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_object() ? std::move(json) : Json(Json::value_t::discarded);
}

Json decode_object(std::string_view base64) {
  const std::optional<std::string> text = decode_base64(base64);
  return text ? parse_object(*text) : Json(Json::value_t::discarded);
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  if (!value.is_array()) return {};
  std::string joined;
  for (const Json& element : value) {
    if (!element.is_string()) continue;
    joined += (joined.empty() ? "" : ", ") + element.get<std::string>();
  }
  return joined;
}

void add_claim(CheckResult& result, const Json& object, const char* name) {
  const auto claim = object.find(name);
  if (claim != object.end()) add_fact(result, name, text_of(*claim));
}

void add_claims(CheckResult& result, const Json& payload) {
  for (const char* name : {"iss", "sub", "aud", "jti"}) add_claim(result, payload, name);
  const auto exp = payload.find("exp");
  if (exp != payload.end() && exp->is_number()) add_fact(result, "exp", iso_date(exp->get<double>()));
}

std::vector<std::string_view> split_dots(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size() && parts.size() <= 5;) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

// JSON text `begin` + filling + `end` of exactly `size` bytes, or the shortest when that does not go.
std::string filled(const std::string& begin, std::string_view end, std::size_t size, std::mt19937_64& random) {
  const std::size_t fixed = begin.size() + end.size();
  return begin + random_text(kDigits62, size > fixed ? size - fixed : 1, random) + std::string(end);
}

std::string filled_header(std::string_view claims, std::size_t size, std::mt19937_64& random) {
  const std::string begin = "{" + std::string(claims);
  const std::string with_kid = begin + R"(,"kid":")";
  if (size > with_kid.size() + 2) return filled(with_kid, "\"}", size, random);
  return begin + std::string(size > begin.size() + 1 ? size - begin.size() - 1 : 0, ' ') + "}";
}

// What `characters` of unpadded base64 decode to; a length that no encoder writes counts as the next.
std::size_t decoded_size(std::size_t characters) { return (characters + (characters % 4 == 1 ? 1 : 0)) * 3 / 4; }

// The length of the JSON object at the start of `text`, by its braces; 0 when it has no end.
std::size_t object_size(std::string_view text) {
  if (!text.starts_with('{')) return 0;
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

// Where the base64 of a JSON object begins: at "ey" or "ew" (an opening brace and a quote or white space), first or
// behind a prefix's end. npos when there is none.
std::size_t find_object(std::string_view secret) {
  for (std::size_t at = secret.find('e'); at != std::string_view::npos; at = secret.find('e', at + 1)) {
    const char next = at + 1 < secret.size() ? secret[at + 1] : '\0';
    if ((next == 'y' || next == 'w') && (at == 0 || !is_alnum(secret[at - 1]))) return at;
  }
  return std::string_view::npos;
}

// Behind the object may stand "_" and a signature: in the standard alphabet that ends it, in the URL alphabet it
// decodes to bytes that nobody reads.
std::size_t run_size(std::string_view text, std::string_view others) {
  std::size_t size = 0;
  while (size < text.size() && (is_alnum(text[size]) || others.find(text[size]) != std::string_view::npos)) ++size;
  return size;
}

bool begins_with_object(std::string_view run) {
  if (run.size() % 4 == 1) run.remove_suffix(1);
  const std::optional<std::string> text = decode_base64(run);
  if (!text) return false;
  const std::size_t size = object_size(*text);
  return size != 0 && !parse_object(std::string_view(*text).substr(0, size)).is_discarded();
}

}  // namespace

CheckResult check_jwt(std::string_view secret) {
  const std::vector<std::string_view> parts = split_dots(secret);
  if (parts.size() != 3 && parts.size() != 5) return outcome_of(false);
  const Json header = decode_object(parts[0]);
  if (header.is_discarded()) return outcome_of(false);
  const auto alg = header.find("alg");
  if (alg == header.end() || !alg->is_string()) return outcome_of(false);

  CheckResult result;
  if (parts.size() == 3 && !header.contains("enc")) {
    const Json payload = decode_object(parts[1]);
    if (payload.is_discarded()) return outcome_of(false);
    add_claims(result, payload);
  } else if (parts.size() == 3 || !header.contains("enc")) {
    return outcome_of(false);
  }
  add_claim(result, header, "kid");
  add_claim(result, header, "alg");
  return result;
}

bool make_jwt(std::string& secret, std::mt19937_64& random) {
  const std::vector<std::string_view> parts = split_dots(secret);
  if (parts.size() != 3 && parts.size() != 5) return false;
  const bool encrypted = parts.size() == 5;
  const std::string_view claims = encrypted ? R"("alg":"dir","enc":"A256GCM")" : R"("alg":"HS256")";
  std::string made = encode_base64(filled_header(claims, decoded_size(parts[0].size()), random), true);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    made += '.';
    made += i == 1 && !encrypted
                ? encode_base64(filled(R"({"sub":")", "\"}", decoded_size(parts[1].size()), random), true)
                : std::string(parts[i]);
  }
  secret = std::move(made);
  return check_jwt(secret).outcome == CheckOutcome::passed;
}

void read_json_parts(std::string_view secret, CheckResult& result) {
  // Names that issuers use for what is no secret.
  constexpr std::pair<const char*, const char*> kNames[] = {
      {"o", "org"},     {"org", "org"},    {"n", "name"},      {"url", "url"},           {"region_url", "region"},
      {"u", "account"}, {"a", "token_id"}, {"email", "email"}, {"signInAddress", "url"}, {"deviceUuid", "device"},
  };
  const std::size_t begin = find_object(secret);
  if (begin == std::string_view::npos) return;
  std::string_view run = secret.substr(begin);
  std::size_t size = run_size(run, "+/");
  if (size == run.size()) size = run_size(run, "-_");
  run = run.substr(0, size);
  if (run.size() % 4 == 1) run.remove_suffix(1);
  const std::optional<std::string> text = decode_base64(run);
  if (!text) return;
  const Json object = parse_object(std::string_view(*text).substr(0, object_size(*text)));
  if (object.is_discarded()) return;
  for (const auto& [key, name] : kNames) {
    const auto value = object.find(key);
    if (value != object.end()) add_fact(result, name, text_of(*value));
  }
  const auto issued = object.find("iat");
  if (issued != object.end() && issued->is_number()) add_fact(result, "created", iso_date(issued->get<double>()));
  const auto more = object.find("m");
  if (more != object.end() && more->is_object() && more->contains("r"))
    add_fact(result, "region", text_of((*more)["r"]));
}

CheckResult check_base64_json(std::string_view secret) {
  const std::size_t begin = find_object(secret);
  if (begin == std::string_view::npos) return outcome_of(false);
  const std::string_view text = secret.substr(begin);
  CheckResult result = outcome_of(begins_with_object(text.substr(0, run_size(text, "+/"))) ||
                                  begins_with_object(text.substr(0, run_size(text, "-_"))));
  if (result.outcome == CheckOutcome::passed) read_json_parts(secret, result);
  return result;
}

bool make_base64_json(std::string& secret, std::mt19937_64& random) {
  constexpr std::size_t kLeast = 16;
  const std::size_t begin = find_object(secret);
  if (begin == std::string::npos) return false;
  const std::string_view text = std::string_view(secret).substr(begin);
  std::size_t size = run_size(text, "+/");
  if (size < kLeast) size = run_size(text, "-_");
  if (size < kLeast) return false;
  // Whole groups only: what stands behind the object's last one stays, and the secret keeps its length.
  const std::size_t groups = size / 4;
  secret.replace(begin, groups * 4, encode_base64(filled(R"({"k":")", "\"}", groups * 3, random), false));
  return check_base64_json(secret).outcome == CheckOutcome::passed;
}

}  // namespace keytrail::ruleset
