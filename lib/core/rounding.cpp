#include "core/rounding.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

namespace bteval {

double round_decimals(double value, int digits) {
  if (!std::isfinite(value)) return value;
  // fmt prints the correctly rounded decimal expansion (ties of the exact value to even), which strtod reads
  // back: the same two steps as in CPython's float.__round__.
  return std::strtod(fmt::format("{:.{}f}", value, digits).c_str(), nullptr);
}

std::string format_decimals(double value, int digits) {
  return std::isnan(value) ? "-" : fmt::format("{:.{}f}", value, digits);
}

}  // namespace bteval
