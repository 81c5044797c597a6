// Whether the engine still finds anything: asked in every run of a hook, where silence lets a commit through.
#pragma once

#include "scanner/base/result.h"
#include "scanner/engine/engine.h"

namespace keytrail::cli {

// Makes a secret of one of the engine's rules, in memory, and has it looked for. internal when it is not found, or when
// there is no rule to try.
Status self_test(const engine::Engine& engine);

}  // namespace keytrail::cli
