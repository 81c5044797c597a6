// What the HTML report is made of besides its data: the files of scanner/report/html, in the program.
#pragma once

#include <string_view>

namespace keytrail::report {

extern const std::string_view kHtmlPage;
extern const std::string_view kHtmlStyle;
extern const std::string_view kHtmlScript;

}  // namespace keytrail::report
