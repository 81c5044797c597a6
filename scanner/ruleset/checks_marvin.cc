// Keys of Microsoft that hold a Marvin32 hash of themselves: "identifiable" keys with a signature of four letters, CASK
// keys ("JQQJ9"), client secrets of Entra. The algorithm and its seeds are those of
// https://github.com/microsoft/security-utilities. A match is certain; a mismatch says nothing (keys of older services
// have other forms).
#include <algorithm>
#include <bit>
#include <cstdint>

#include "scanner/ruleset/checks_families.h"
#include "scanner/ruleset/checks_text.h"

namespace keytrail::ruleset {
namespace {

struct Marvin {
  std::uint32_t low;
  std::uint32_t high;

  void block() {
    high ^= low;
    low = std::rotl(low, 20) + high;
    high = std::rotl(high, 9) ^ low;
    low = std::rotl(low, 27) + high;
    high = std::rotl(high, 19);
  }
};

std::uint32_t marvin32(std::string_view bytes, std::uint64_t seed) {
  Marvin state{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)};
  const auto word = [&](std::string_view four) {
    std::uint32_t value = 0;
    for (std::size_t i = four.size(); i-- > 0;) value = value << 8U | static_cast<std::uint8_t>(four[i]);
    return value;
  };
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    state.low += word(bytes.substr(at, 4));
    state.block();
  }
  std::string last(bytes.substr(at));
  last += '\x80';
  last.resize(4, '\0');
  state.low += word(last);
  state.block();
  state.block();
  return state.low ^ state.high;
}

// A seed is eight letters, read as a number.
constexpr std::uint64_t seed_of(std::string_view letters) {
  std::uint64_t seed = 0;
  for (const char c : letters) seed = seed << 8U | static_cast<std::uint8_t>(c);
  return seed;
}

struct Signature {
  std::string_view letters;
  std::string_view seed;
  std::string_view use;
};

constexpr Signature kSignatures[] = {
    {"+ASt", "Default0", "storage account"},
    {"ACDb", "MastRW00", "Cosmos DB, master"},
    {"ACDb", "MastRO00", "Cosmos DB, read-only"},
    {"ACDb", "SystRW00", "Cosmos DB, system"},
    {"ACDb", "SystRO00", "Cosmos DB, system, read-only"},
    {"ACDb", "SysAll00", "Cosmos DB, system"},
    {"ACDb", "Resour00", "Cosmos DB, resource"},
    {"ACDb", "Encryp00", "Cosmos DB, encryption"},
    {"+ABa", "AbAcct00", "Batch"},
    {"+AMC", "Classic0", "Machine Learning (classic)"},
    {"APIM", "Tenant00", "API Management, direct"},
    {"APIM", "Gatewy00", "API Management, gateway"},
    {"APIM", "GitKey00", "API Management, repository"},
    {"APIM", "IoTHub00", "API Management, subscription"},
    {"AzCa", "Access00", "Redis cache"},
    {"AzFu", "Master00", "Functions, master"},
    {"AzFu", "System00", "Functions, system"},
    {"AzFu", "Functi00", "Functions, function"},
    {"AzSe", "PAdmin00", "Search, admin"},
    {"AzSe", "Query000", "Search, query"},
    {"+ACR", "ACRDflt0", "Container Registry"},
    {"+ASb", "Send0000", "Service Bus, send"},
    {"+ASb", "Manage00", "Service Bus, manage"},
    {"+ASb", "Listen00", "Service Bus, listen"},
    {"+ASb", "Unknown0", "Service Bus"},
    {"+ASb", "System00", "Service Bus, system"},
    {"+AEh", "Send0000", "Event Hub, send"},
    {"+AEh", "Manage00", "Event Hub, manage"},
    {"+AEh", "Listen00", "Event Hub, listen"},
    {"+AEh", "Unknown0", "Event Hub"},
    {"+AEh", "System00", "Event Hub, system"},
    {"+ARm", "Send0000", "Relay, send"},
    {"+ARm", "Manage00", "Relay, manage"},
    {"+ARm", "Listen00", "Relay, listen"},
    {"+ARm", "Unknown0", "Relay"},
    {"+ARm", "System00", "Relay, system"},
    {"AIoT", "Device00", "IoT, device"},
    {"AIoT", "DpsKey00", "IoT, device provisioning"},
    {"AIoT", "IoTHub00", "IoT hub"},
};

std::uint32_t last_word(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<std::uint8_t>(bytes[bytes.size() - 1 - i]);
  return value;
}

CheckResult check_identifiable(std::string_view secret) {
  CheckResult result;
  result.outcome = CheckOutcome::unknown;
  const auto bytes = decode_base64(secret);
  const std::size_t plain = std::min(secret.find('='), secret.size());
  if (!bytes || bytes->size() < 16 || plain < 10) return result;
  const std::string_view letters = secret.substr(plain - 10, 4);
  const std::string_view body = std::string_view(*bytes).substr(0, bytes->size() - 4);
  for (const Signature& signature : kSignatures) {
    if (signature.letters != letters || marvin32(body, seed_of(signature.seed)) != last_word(*bytes)) continue;
    result.outcome = CheckOutcome::passed;
    add_fact(result, "use", signature.use);
    return result;
  }
  return result;
}

// 80 characters are the key; behind them the hash in base 62 (four digits, or six and "==") or, before that, in base64.
bool is_cask(std::string_view secret) {
  if (secret.size() < 84) return false;
  const auto bytes = decode_base64(secret.substr(0, 80));
  if (!bytes || bytes->size() != 60) return false;
  const std::uint32_t hash = __builtin_bswap32(marvin32(*bytes, seed_of("Default0")));
  std::string digits;
  for (std::uint32_t value = hash; value != 0; value /= 62) digits.insert(digits.begin(), kDigits62[value % 62]);
  digits.resize(std::max<std::size_t>(digits.size(), 6), '0');
  std::string raw;
  for (unsigned shift = 32; shift != 0; shift -= 8) raw += static_cast<char>(hash >> (shift - 8) & 0xFFU);
  const std::string_view tail = secret.substr(80);
  return tail == std::string_view(digits).substr(0, 4) || tail == digits.substr(0, 6) + "==" ||
         tail == encode_base64(std::string_view(raw).substr(0, 3), false) || tail == encode_base64(raw, false);
}

// The 59th character counts years from 2024, the 60th months, both as base 64 does.
void add_month(std::string_view secret, CheckResult& result) {
  const auto digit = [&](std::size_t at) { return static_cast<unsigned>(secret[at] - 'A'); };
  if (digit(58) > 25 || digit(59) > 11) return;
  const unsigned month = digit(59) + 1;
  add_fact(result, "created", std::to_string(2024 + digit(58)) + (month < 10 ? "-0" : "-") + std::to_string(month));
}

// The last three characters are the first digits of the hash of the others.
bool is_entra(std::string_view secret) {
  constexpr std::string_view kDigits66 = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
  if (secret.size() != 40 || secret.substr(3, 3) != "8Q~") return false;
  const std::uint32_t hash = marvin32(secret.substr(0, 37), seed_of("AadPwd00"));
  return digits_of(hash, kDigits66, 6).substr(0, 3) == secret.substr(37);
}

}  // namespace

CheckResult check_azure_marvin(std::string_view secret) {
  CheckResult result = check_identifiable(secret);
  if (result.outcome != CheckOutcome::unknown) return result;
  if (is_cask(secret)) {
    result.outcome = CheckOutcome::passed;
    add_month(secret, result);
  } else if (is_entra(secret)) {
    result.outcome = CheckOutcome::passed;
  }
  return result;
}

}  // namespace keytrail::ruleset
