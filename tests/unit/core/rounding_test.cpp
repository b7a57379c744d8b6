#include "core/rounding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace bteval {
namespace {

// Expected values are those of Python 3.11: [round(x, 2) for x in …].
TEST(Rounding, IsThatOfPython) {
  const struct {
    double value;
    double expected;
  } cases[] = {{2.675, 2.67},   {0.125, 0.12},  {0.375, 0.38},
               {1.005, 1.0},    {73.205, 73.2}, {90.0, 90.0},
               {-0.125, -0.12}, {1e300, 1e300}, {59.99999999999999, 60.0}};
  for (const auto& c : cases) EXPECT_EQ(round_decimals(c.value, 2), c.expected) << c.value;
  EXPECT_EQ(round_decimals(2.5, 0), 2.0);
  EXPECT_TRUE(std::isnan(round_decimals(std::numeric_limits<double>::quiet_NaN(), 2)));
  EXPECT_TRUE(std::isinf(round_decimals(std::numeric_limits<double>::infinity(), 2)));
}

TEST(Rounding, FormatsWithFixedDecimals) {
  EXPECT_EQ(format_decimals(73.2, 2), "73.20");
  EXPECT_EQ(format_decimals(0.125, 2), "0.12");
  EXPECT_EQ(format_decimals(std::numeric_limits<double>::quiet_NaN(), 2), "-");
}

}  // namespace
}  // namespace bteval
