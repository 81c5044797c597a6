#include "scanner/cli/command_tree.h"

#include "tests/support/catch.h"

namespace keytrail {
namespace {

cli::CommandTree sample() {
  cli::CommandTree tree;
  tree.name = "keytrail";
  tree.description = "It's 100 % \\ it";
  cli::CommandTree scan;
  scan.name = "scan";
  scan.description = "Scan";
  scan.footer = "\nExamples:\n  keytrail scan -x 'a'\n  .hidden\n\nExit codes: 0 clean, 1 not.";
  scan.options.push_back({{"-x", "--exclude"}, "", "GLOB", {}, "Leave out what's there: a, b", true});
  scan.options.push_back({{"--how"}, "", "WHICH", {"one", "two"}, "How", false});
  scan.options.push_back({{}, "PATH", "PATH", {}, "What", true});
  tree.commands.push_back(scan);
  return tree;
}

TEST_CASE("a manual page has no line that roff would take for a request") {
  const std::string page = cli::manual(sample(), {"scan"}, "1.2.3");
  CHECK(page.find(".TH KEYTRAIL\\-SCAN 1 \"\" \"keytrail 1.2.3\"") == 0);
  CHECK(page.find("\\&.hidden\n") != std::string::npos);
  CHECK(page.find("keytrail scan \\-x \\(aqa\\(aq\n") != std::string::npos);
  CHECK(page.find(".SH EXIT STATUS\n0 clean") != std::string::npos);
  CHECK(page.find("[\\fIPATH\\fR]...") != std::string::npos);
  CHECK(page.find("\\fB\\-\\-how\\fR one|two") != std::string::npos);
  CHECK(cli::manual(sample(), {}, "1").find("It\\(aqs 100 % \\e it") != std::string::npos);
  CHECK(cli::manual(sample(), {"no"}, "1").empty());
  CHECK(cli::manual(sample(), {"scan", "no"}, "1").empty());
}

TEST_CASE("a description with a quote or a colon breaks no script") {
  CHECK(cli::completions(sample(), "zsh").find("'--exclude:Leave out what'\\''s there: a, b'") != std::string::npos);
  CHECK(cli::completions(sample(), "fish").find("-s 'x' -l 'exclude' -x -d 'Leave out what'\\''s there: a, b'") !=
        std::string::npos);
  CHECK(cli::completions(sample(), "bash").find("'keytrail scan:--how'") != std::string::npos);
  CHECK(cli::completions(sample(), "ksh").empty());
}

}  // namespace
}  // namespace keytrail
