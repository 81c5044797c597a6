// The values of the inventory as a scan may know them: no value, but enough to tell whether a text is one. Handed to
// the engine by cli. Immutable while a scan runs; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "scanner/base/siphash.h"

namespace keytrail::core {

struct KnownProbe {
  std::uint64_t probe = 0;   // probe_of() the value (value_shape.h)
  std::uint32_t length = 0;  // bytes
};

class KnownValues {
 public:
  KnownValues() = default;
  KnownValues(const KnownValues&) = delete;
  KnownValues& operator=(const KnownValues&) = delete;
  virtual ~KnownValues() = default;

  virtual std::vector<KnownProbe> probes() const = 0;
  virtual SipKey probe_key() const = 0;
  // By the full fingerprint. `length` and probe of `text` are those of a value.
  virtual bool is_value(std::string_view text) const = 0;
};

// The rule of what was found by its value alone.
inline constexpr std::string_view kKnownRule = "inventory-token";

}  // namespace keytrail::core
