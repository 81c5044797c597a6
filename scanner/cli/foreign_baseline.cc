#include "scanner/cli/foreign_baseline.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "scanner/base/hash.h"
#include "scanner/base/text.h"
#include "scanner/ruleset/gitleaks_ids.h"

namespace keytrail::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

std::string plain(std::string path) {
  if (path.starts_with("./")) path.erase(0, 2);
  return path;
}

Error wrong(const std::string& place, std::string what) {
  return make_error(ErrorCode::invalid_argument, std::move(what), place);
}

std::optional<std::string> text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::uint64_t number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

// --redact writes REDACTED, or with a percentage the first characters and dots.
bool is_redacted(std::string_view secret) { return secret.empty() || secret == "REDACTED" || secret.ends_with("..."); }

Result<std::vector<scan::ImportedEntry>> read_gitleaks(const Json& list, const std::string& file,
                                                       const ruleset::RuleSet& rules) {
  std::vector<scan::ImportedEntry> entries;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string place = file + ": entry " + std::to_string(i + 1);
    const Json& finding = list[i];
    if (!finding.is_object()) return wrong(place, "a finding of gitleaks is an object; write the baseline again");
    const auto path = text_of(finding, "File");
    const auto rule = text_of(finding, "RuleID");
    const std::string secret = text_of(finding, "Secret").value_or("");
    const std::uint64_t line = number_of(finding, "StartLine");
    if (!path || path->empty() || !rule) {
      return wrong(place, "a finding of gitleaks has the texts File and RuleID; write the baseline again");
    }
    scan::ImportedEntry entry;
    entry.path = plain(*path);
    if (!is_redacted(secret)) {
      const Sha1Digest digest = sha1(secret);
      entry.value = to_hex(digest.data(), digest.size());
    } else if (line > 0) {
      entry.line = line;
      entry.commit = lower(text_of(finding, "Commit").value_or(""));
      if (*rule != ruleset::kGitleaksGeneric) entry.rules = ruleset::ids_for_gitleaks(*rule, rules);
    } else {
      return wrong(place, "it has neither Secret nor StartLine: nothing can be compared");
    }
    entry.source = base_name(file);
    entry.reason = "in the gitleaks baseline " + entry.source;
    entries.push_back(std::move(entry));
  }
  return entries;
}

bool is_sha1(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<std::vector<scan::ImportedEntry>> read_detect_secrets(const Json& document, const std::string& file) {
  const auto results = document.find("results");
  if (results == document.end() || !results->is_object()) {
    return wrong(file,
                 "neither a baseline of keytrail, nor of gitleaks (a list of findings), nor of detect-secrets (an "
                 "object with results); keytrail baseline create writes one");
  }
  std::vector<scan::ImportedEntry> entries;
  for (const auto& [path, list] : results->items()) {
    if (!list.is_array()) return wrong(file, "results must hold a list for each file; write the baseline again");
    for (const Json& item : list) {
      const std::string place = file + ": entry " + std::to_string(entries.size() + 1);
      const auto hash = item.is_object() ? text_of(item, "hashed_secret") : std::nullopt;
      if (!hash || !is_sha1(*hash)) {
        return wrong(place, "an entry of detect-secrets has a hashed_secret of 40 hexadecimal digits");
      }
      scan::ImportedEntry entry;
      entry.path = plain(path);
      entry.value = *hash;
      entry.source = base_name(file);
      entry.reason = "in the detect-secrets baseline " + entry.source;
      const auto audited = item.find("is_secret");
      if (audited != item.end() && audited->is_boolean()) {
        entry.reason += audited->get<bool>() ? ", audited as a secret" : ", audited as no secret";
      }
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

// Deeper than any baseline is: what is made to exhaust memory is not parsed.
bool is_too_deep(std::string_view text) {
  constexpr int kMaxDepth = 32;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted) {
      i += c == '\\' ? 1 : 0;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

bool is_foreign_baseline(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

Result<std::vector<scan::ImportedEntry>> parse_foreign_baseline(std::string_view text, const std::string& file,
                                                                const ruleset::RuleSet& rules) {
  if (text.size() > kMaxBytes || is_too_deep(text)) {
    return make_error(ErrorCode::limit_exceeded, "more than 64 MiB, or nested deeper than a baseline is", file);
  }
  try {
    const Json document = Json::parse(text);
    return document.is_array() ? read_gitleaks(document, file, rules) : read_detect_secrets(document, file);
  } catch (const Json::parse_error& error) {
    // The library's own message quotes the text, which may be a secret.
    const std::size_t at = std::min<std::size_t>(error.byte, text.size());
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
    return wrong(file + ":" + std::to_string(line), "not JSON; write the baseline again");
  } catch (const Json::exception&) {
    return wrong(file, "JSON of an unexpected form; write the baseline again");
  }
}

}  // namespace keytrail::cli
