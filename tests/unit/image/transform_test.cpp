#include "image/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "image/decode.h"
#include "support.h"
#include "support/test_paths.h"

namespace bteval::image {
namespace {

RgbImage transformed(const RgbImage& image, Transform kind, int size,
                     PassOrder order = PassOrder::kHorizontalFirst) {
  TransformOptions options;
  options.kind = kind;
  options.size_px = size;
  options.pass_order = order;
  return apply_transform(image, options);
}

TEST(Transform, NamesAreInvertible) {
  for (const Transform kind : {Transform::kSquare, Transform::kCenterCrop, Transform::kHf}) {
    EXPECT_EQ(parse_transform(transform_name(kind)), kind);
  }
  EXPECT_EQ(parse_transform("Square"), std::nullopt);
}

// Against torchvision's rules on Pillow (square, center_crop) and transformers' own processor (hf, down to
// its floats).
TEST(Transform, EqualsTheReferencesOnComputedImages) {
  const Json expected = read_json(testing::golden_data("image/expected.json"));
  int crops = 0;
  for (const Json& row : expected.at("transforms")) {
    const RgbImage image = pattern_image(row.at("width").get<int>(), row.at("height").get<int>());
    const int size = row.at("size").get<int>();
    SCOPED_TRACE(fmt::format("{}x{} to {}", image.width, image.height, size));
    EXPECT_EQ(digest(transformed(image, Transform::kSquare, size)), row.at("square").get<std::string>());
    EXPECT_EQ(digest(transformed(image, Transform::kCenterCrop, size)),
              row.at("center_crop").get<std::string>());
    const Json& hf = row.at("hf_float32_pillow_13");
    if (hf.is_null()) {
      EXPECT_THROW(transformed(image, Transform::kHf, size), Error);
      continue;
    }
    const RgbImage input = transformed(image, Transform::kHf, size, PassOrder::kPillow13);
    ASSERT_EQ(input.width, size);
    ASSERT_EQ(input.height, size);
    std::vector<float> pixels(input.pixels.size());
    normalise_into(input, pixels);
    EXPECT_EQ(sha256(std::as_bytes(std::span(pixels))), hf.get<std::string>());
    ++crops;
  }
  EXPECT_GE(crops, 30);
}

TEST(Transform, CenterCropRefusesTransparency) {
  const RgbImage image = read_rgb(testing::golden_data("image/png_c6_d8.png"));
  EXPECT_NO_THROW(transformed(image, Transform::kSquare, 8));
  EXPECT_NO_THROW(transformed(image, Transform::kHf, 32));
  try {
    transformed(image, Transform::kCenterCrop, 8);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("transparent pixels"));
  }
}

TEST(Transform, RefusesImagesThatWouldBecomeNothingOrGigabytes) {
  EXPECT_THROW(transformed(pattern_image(640, 7), Transform::kHf, 288), Error);
  EXPECT_THROW(transformed(pattern_image(20000, 1), Transform::kCenterCrop, 384), Error);
  EXPECT_EQ(transformed(pattern_image(640, 7), Transform::kSquare, 288).width, 288);
}

TEST(Transform, OptionsAreChecked) {
  TransformOptions options;
  options.size_px = 0;
  EXPECT_THROW(options.validate(), Error);
  options.size_px = 16385;
  EXPECT_THROW(options.validate(), Error);
}

TEST(Normalise, LayoutAndValues) {
  RgbImage image = make_image(2, 1);
  image.pixels = {0, 128, 255, 255, 0, 64};
  std::vector<float> out(6);
  normalise_into(image, out);
  const auto unit = [](double value, double mean, double deviation) {
    return (value / 255 - mean) / deviation;
  };
  EXPECT_NEAR(out[0], unit(0, 0.48145466, 0.26862954), 1e-6);
  EXPECT_NEAR(out[1], unit(255, 0.48145466, 0.26862954), 1e-6);
  EXPECT_NEAR(out[2], unit(128, 0.4578275, 0.26130258), 1e-6);
  EXPECT_NEAR(out[5], unit(64, 0.40821073, 0.27577711), 1e-6);
  std::vector<float> wrong(5);
  EXPECT_THROW(normalise_into(image, wrong), Error);
}

}  // namespace
}  // namespace bteval::image
