// `keytrail doctor`: what keytrail runs with here, and what is wrong with it.
#pragma once

namespace keytrail::cli {

// 0 when all is well, 1 when something is wrong; each line says what to do about it.
int run_doctor();

}  // namespace keytrail::cli
