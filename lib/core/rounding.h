// Decimal rounding as Python's round() does it, which the official scorers use.
#pragma once

#include <string>

namespace bteval {

/// The double nearest to `value` rounded to `digits` decimals (0 to 17): the exact binary value is rounded,
/// ties to even, as Python 3's round(value, digits). NaN and infinities come back as they are.
double round_decimals(double value, int digits);

/// `value` with exactly `digits` decimals, rounded in the same way: format_decimals(73.2, 2) is "73.20". "-"
/// for NaN.
std::string format_decimals(double value, int digits);

}  // namespace bteval
