// Texts that are embedded while building (cmake/EmbedFiles.cmake): what the HTML report is made of.
#pragma once

#include <string_view>

namespace bteval::reports {

/// Style sheet of the page, reports/html/*.css.
std::string_view page_style();
/// Script of the page, reports/html/*.js in the order of reports/CMakeLists.txt.
std::string_view page_script();
/// Chart.js as it was installed, with its banner; "" where bteval was built without it.
std::string_view chart_script();

}  // namespace bteval::reports
