// What Python's str does to answers. The official VQA scorer is a Python program, so its rules for lower
// case, white space and digits are Python's, beyond ASCII too (Python 3.11, Unicode 14).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bteval::metrics {

/// str.lower(), with the final sigma of Greek words. Bytes that are no UTF-8 stay as they are.
std::string python_lower(std::string_view text);

/// str.strip().
std::string_view python_strip(std::string_view text);

/// str.split(): the words between runs of white space, as views into `text`.
std::vector<std::string_view> python_split(std::string_view text);

/// Whether a regular expression's \d matches at `pos` of `text`; false behind its end.
bool python_digit_at(std::string_view text, std::size_t pos);

/// Whether \d matches the character that ends just before `pos`.
bool python_digit_before(std::string_view text, std::size_t pos);

}  // namespace bteval::metrics
