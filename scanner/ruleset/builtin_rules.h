// The image that keytrail_pack_rules wrote of rules/*.toml; its definition is generated in the build folder.
#pragma once

#include <string_view>

namespace keytrail::ruleset {

// Lives as long as the program.
std::string_view builtin_rules_image();

}  // namespace keytrail::ruleset
