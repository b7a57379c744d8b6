// Real photographs and other people's odd files against digests of Pillow 9.4.0 (real data, not committed).
#include <gtest/gtest.h>

#include <fstream>

#include "core/error.h"
#include "core/json.h"
#include "image/decode.h"
#include "image/resize.h"
#include "support.h"
#include "support/test_paths.h"

namespace bteval::image {
namespace {

TEST(RealImages, DecodedAndResizedAsByPillow) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  std::ifstream rows(data / "images/pillow_square_resize.jsonl");
  ASSERT_TRUE(rows.is_open());
  int equal = 0;
  int refused = 0;
  for (std::string line; std::getline(rows, line);) {
    const Json row = Json::parse(line);
    if (!row.contains("path")) continue;  // the first line describes the file
    const auto path = data / "images" / row.at("path").get<std::string>();
    SCOPED_TRACE(path.string());
    if (row.contains("error")) {
      EXPECT_THROW(read_rgb(path), Error) << row.at("error");
      ++refused;
      continue;
    }
    RgbImage image;
    ASSERT_NO_THROW(image = read_rgb(path));
    EXPECT_EQ(digest(image), row.at("decoded_rgb_sha256").get<std::string>());
    for (const int size : {64, 288, 384, 576}) {
      EXPECT_EQ(digest(resize_bicubic(image, size, size)),
                row.at(fmt::format("square{}_sha256", size)).get<std::string>())
          << size;
    }
    ++equal;
  }
  EXPECT_EQ(equal, 181);
  EXPECT_EQ(refused, 19);
}

}  // namespace
}  // namespace bteval::image
