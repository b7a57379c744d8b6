// Inputs of several documents in one: the documents are separated by lines "----".
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace bteval::fuzz {

/// The first `count` parts; those that are not there are empty, and the last one takes the rest.
inline std::vector<std::string_view> parts(std::string_view input, std::size_t count) {
  constexpr std::string_view kSeparator = "\n----\n";
  std::vector<std::string_view> out;
  while (out.size() + 1 < count) {
    const std::size_t cut = input.find(kSeparator);
    out.push_back(input.substr(0, cut));
    input.remove_prefix(cut == std::string_view::npos ? input.size() : cut + kSeparator.size());
  }
  out.push_back(input);
  return out;
}

/// Ends the process, which the fuzzer takes for a finding.
inline void require(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace bteval::fuzz
