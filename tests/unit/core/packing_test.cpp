#include "core/packing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace bteval {
namespace {

std::string packed() {
  Packer packer;
  packer.put(std::uint32_t{7});
  packer.put(-std::numeric_limits<float>::infinity());
  packer.put(std::string_view("a\0b", 3));
  packer.put(std::span<const float>(std::vector<float>{0.1F, -0.0F}));
  packer.put(std::string_view());
  return packer.bytes();
}

void take_apart(std::string_view bytes) {
  Unpacker unpacker(bytes);
  EXPECT_EQ(unpacker.get<std::uint32_t>(), 7U);
  EXPECT_EQ(unpacker.get<float>(), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(unpacker.get_string(), std::string("a\0b", 3));
  const std::vector<float> values = unpacker.get_vector<float>();
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(values[0], 0.1F);
  EXPECT_TRUE(std::signbit(values[1]));
  EXPECT_EQ(unpacker.get_string(), "");
  unpacker.finish();
}

TEST(Packing, GivesBackWhatWasPut) { take_apart(packed()); }

TEST(Packing, RefusesEveryOtherLength) {
  const std::string bytes = packed();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THROW(take_apart(std::string_view(bytes).substr(0, size)), Error) << size;
  EXPECT_THROW(take_apart(bytes + "x"), Error);
}

TEST(Packing, ReservesNothingForACountThatCannotBe) {
  Packer packer;
  packer.put(std::numeric_limits<std::uint64_t>::max() / 4);
  EXPECT_THROW(Unpacker(packer.bytes()).get_vector<float>(), Error);
  EXPECT_THROW(Unpacker(packer.bytes()).get_string(), Error);
  EXPECT_THROW(Unpacker(packer.bytes()).get_count(1), Error);
}

}  // namespace
}  // namespace bteval
