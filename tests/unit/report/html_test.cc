#include <string>

#include "tests/support/catch.h"
#include "tests/unit/report/sample.h"

namespace keytrail {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

TEST_CASE("the page holds the JSON report, in which no tag can stand") {
  for (const test::Sample& sample : test::samples()) {
    DYNAMIC_SECTION(sample.name) {
      const std::string page = test::rendered(report::Format::html, sample.report);
      const std::string open = "<script type=\"application/json\" id=\"report\">\n";
      const std::size_t begin = page.find(open) + open.size();
      const std::string data = page.substr(begin, page.find("</script>", begin) - begin);
      CHECK(data.find('<') == std::string::npos);
      CHECK(replaced(data, "\\u003c", "<") == test::rendered(report::Format::json, sample.report));
    }
  }
}

}  // namespace
}  // namespace keytrail
