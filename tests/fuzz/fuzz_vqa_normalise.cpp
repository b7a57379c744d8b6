// Any bytes as an answer: normalisation ends, leaves no mark, no upper case of ASCII and no double space, and
// well-formed UTF-8 stays well-formed.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/utf8.h"
#include "metrics/vqa_normalise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval::metrics;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string clean = clean_vqa_answer(input);
  if (clean.find_first_of("\n\t") != std::string::npos || clean_vqa_answer(clean) != clean) __builtin_trap();
  const std::string punctuation = normalise_vqa_punctuation(clean);
  if (punctuation.find_first_of(";/[]\"{}()=+\\_-><@`,?!") != std::string::npos) __builtin_trap();
  const std::string normal = normalise_vqa_answer(clean);
  if (normal != normalise_vqa_words(punctuation)) __builtin_trap();
  if (normal.find("  ") != std::string::npos || normal.starts_with(' ') || normal.ends_with(' '))
    __builtin_trap();
  if (std::any_of(normal.begin(), normal.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    __builtin_trap();
  const bool valid = bteval::utf8_first_invalid(input) == std::string_view::npos;
  if (valid && bteval::utf8_first_invalid(normal) != std::string_view::npos) __builtin_trap();
  return 0;
}
