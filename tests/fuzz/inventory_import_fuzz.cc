// Listings: any bytes are a batch or an error; what a batch holds can be stored, and no value stands in what is kept or
// said.
#include "scanner/inventory/import.h"
#include "tests/fuzz/input.h"

using keytrail::fuzz::require;
namespace inventory = keytrail::inventory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto batch =
      inventory::read_import(keytrail::SecretString(keytrail::fuzz::text_of(data, size)), "fuzz.csv", {});
  if (!batch) {
    require(batch.error().describe().find("fuzz.csv") != std::string::npos);
    return 0;
  }
  for (const inventory::ImportedToken& token : batch->tokens) {
    require(inventory::check_id(token.token.id).has_value());
    for (std::size_t i = 0; i < inventory::kTokenFields; ++i) {
      const std::string text = inventory::field_text(token.token, static_cast<inventory::Field>(i));
      require(token.value.empty() || text.find(token.value.view()) == std::string::npos);
    }
  }
  return 0;
}
