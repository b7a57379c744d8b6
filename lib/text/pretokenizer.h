// GPT-2's split of a text into words, by hand instead of by a regular expression.
#pragma once

#include <cstddef>
#include <string_view>

namespace bteval::text {

/// Finds the end of the word that starts at `pos`, as the pattern
///   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
/// of GPT-2 (Radford et al. 2019, encoder.py) cuts it: a run of letters, of numbers or of other characters,
/// each with at most one space (U+0020) before it; an English contraction; or white space, less the last
/// character where a word follows. The words cover the text without gaps. Requires valid UTF-8 and pos <
/// text.size(), at a character's start.
std::size_t word_end(std::string_view text, std::size_t pos);

}  // namespace bteval::text
