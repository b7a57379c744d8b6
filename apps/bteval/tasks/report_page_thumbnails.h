// The pictures of the interactive report.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reports/report_page.h"

namespace bteval::app {

/// One thumbnail a path, with the longer side of `pixels` (0: names only), from `threads` threads (0: one a
/// core). A file that is not there is searched below `data` (may be empty): by the longest end of its path
/// that is there. What cannot be read has no picture, and is told in one warning.
std::vector<reports::PageThumbnail> make_thumbnails(const std::vector<std::string>& paths, int pixels,
                                                    const std::filesystem::path& data, int threads,
                                                    std::vector<std::string>& warnings);

}  // namespace bteval::app
