// White space as Python understands it, because the data sets' own loaders are Python programs.
#pragma once

#include <string_view>

namespace bteval {

/// str.strip() of Python 3.11 on UTF-8: without the white space at both ends, beyond ASCII too. Bytes that
/// are no UTF-8 are no white space.
std::string_view strip_white_space(std::string_view text);

}  // namespace bteval
