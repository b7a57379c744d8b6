#include "reports/report_html.h"

#include <string_view>

#include "core/error.h"
#include "core/hash.h"
#include "core/version.h"
#include "reports/html_parts.h"
#include "reports/leaderboard_writers.h"
#include "reports/page_assets.h"

namespace bteval::reports {
namespace {

// The licence asks that it goes with every copy.
constexpr const char* kChartLicence =
    R"(Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.)";

std::string base64_of_hex(std::string_view hex) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto nibble = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : hex) {
    bits = (bits << 4U) | nibble(c);
    held += 4;
    if (held >= 6) {
      held -= 6;
      out += kDigits[(bits >> static_cast<unsigned>(held)) & 63U];
      bits &= (1U << static_cast<unsigned>(held)) - 1U;
    }
  }
  if (held > 0) out += kDigits[(bits << static_cast<unsigned>(6 - held)) & 63U];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

/// What a Content-Security-Policy says of one inline script or style.
std::string admitted(std::string_view text) { return " 'sha256-" + base64_of_hex(sha256(text)) + "'"; }

/// From the start of Chart.js' banner: " * (c) 2022 Chart.js Contributors" gives "(c) 2022 …".
std::string chart_copyright() {
  const std::string_view banner = chart_script().substr(0, 400);
  const std::size_t start = banner.find("(c) ");
  if (start == std::string_view::npos) return "(c) Chart.js Contributors";
  return std::string(banner.substr(start, banner.find('\n', start) - start));
}

std::string footer() {
  std::string out = "<footer>\n<p>Made by bteval " + html_text(version()) + ".";
  if (const std::string library = chart_library(); !library.empty()) {
    out += " Charts: " + html_text(library) + ", MIT licence.</p>\n<details><summary>Licence of " +
           html_text(library) + "</summary>\n<p>" + html_text(chart_copyright()) +
           "; includes @kurkle/color, (c) Jukka Kurkela, under the same licence.</p>\n<pre>" +
           html_text(kChartLicence) + "</pre></details>\n";
  } else {
    out += " Built without Chart.js: tables stand for charts.</p>\n";
  }
  return out + "</footer>\n";
}

}  // namespace

std::string chart_library() {
  const std::string_view banner = chart_script().substr(0, 400);
  const std::size_t start = banner.find("Chart.js v");
  if (start == std::string_view::npos) return "";
  const std::size_t number = start + std::string_view("Chart.js v").size();
  return "Chart.js " +
         std::string(banner.substr(number, banner.find_first_not_of("0123456789.", number) - number));
}

std::string report_html(const Leaderboard& board, const std::string& page_json) {
  if (page_json.empty()) return leaderboard_html(board);
  if (page_json.find('<') != std::string::npos)
    throw Error(ErrorCode::kInternal, "the page's data would end the element that they stand in");
  std::string scripts,
      policy = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src" +
               admitted(page_style()) + "; script-src";
  for (const std::string_view script : {chart_script(), page_script()}) {
    if (script.empty()) continue;
    policy += admitted(script);
    scripts.append("<script>").append(script).append("</script>\n");
  }
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
      policy +
      "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>bteval report</title>\n<style>";
  out.append(page_style()).append("</style>\n</head>\n<body>\n");
  out +=
      "<header id=\"bar\"><h1>bteval report</h1></header>\n<main>\n"
      "<section id=\"leaderboard\" aria-labelledby=\"leaderboard-title\">\n"
      "<h2 id=\"leaderboard-title\">Leaderboard</h2>\n" +
      leaderboard_tables_html(board) +
      "</section>\n<noscript><p>The charts and the samples need JavaScript.</p></noscript>\n</main>\n" +
      footer() + "<script type=\"application/json\" id=\"bteval-data\">";
  out += page_json;
  return out + "</script>\n" + scripts + "</body>\n</html>\n";
}

}  // namespace bteval::reports
