#include "scanner/cli/hook_script.h"

#include "scanner/cli/hook_message.h"
#include "tests/support/catch.h"

namespace keytrail {
namespace {

using cli::HookType;

TEST_CASE("every type has a name that is read back") {
  for (const HookType type : {HookType::pre_commit, HookType::pre_push, HookType::pre_receive, HookType::update}) {
    CHECK(cli::parse_hook_type(cli::to_string(type)) == type);
  }
  CHECK_FALSE(cli::parse_hook_type("post-commit").has_value());
}

TEST_CASE("a script knows itself and its program, whatever the program is called") {
  for (const char* program : {"/usr/bin/keytrail", "/it's here/key trail", "/$HOME/`x`", "/'quoted'/'"}) {
    const std::string script = cli::hook_script({HookType::pre_push, program, false});
    CHECK(cli::is_hook_script(script));
    CHECK(cli::program_of(script) == program);
  }
  CHECK(cli::is_hook_script(cli::forward_script("commit-msg")));
  CHECK(cli::program_of(cli::forward_script("commit-msg")).empty());
  CHECK_FALSE(cli::is_hook_script("#!/bin/sh\nkeytrail hook run pre-commit\n"));
  CHECK_FALSE(cli::is_hook_script(""));
  CHECK_FALSE(cli::is_hook_script("# keytrail hook: pre-commit"));
}

TEST_CASE("a comment is shown in the language of its file, and none where there are none") {
  const std::string allow = std::string("keytrail:") + "allow a-rule -- why it is none";
  CHECK(cli::allow_comment("a/b.py", "a-rule") == "# " + allow);
  CHECK(cli::allow_comment("a/B.GO", "a-rule") == "// " + allow);
  CHECK(cli::allow_comment("x.html", "a-rule") == "<!-- " + allow + " -->");
  CHECK(cli::allow_comment("x.css", "a-rule") == "/* " + allow + " */");
  CHECK(cli::allow_comment(".env", "a-rule") == "# " + allow);
  CHECK(cli::allow_comment("Dockerfile", "a-rule") == "# " + allow);
  CHECK(cli::allow_comment("x.json", "a-rule").empty());
  CHECK(cli::allow_comment("", "a-rule").empty());
}

}  // namespace
}  // namespace keytrail
