#include "image/transform.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"

namespace bteval::image {
namespace {

constexpr int kMaxSize = 16384;
constexpr int kHfDivisor = 32;
// A very long image would become gigabytes before the crop.
constexpr double kMaxPixels = 178956970;

// https://github.com/openai/CLIP, clip/clip.py
constexpr std::array<float, 3> kMean = {0.48145466F, 0.4578275F, 0.40821073F};
constexpr std::array<float, 3> kStd = {0.26862954F, 0.26130258F, 0.27577711F};

struct Size {
  int width, height;
};

Size checked_size(double width, double height, const RgbImage& image, int size_px) {
  if (!(width >= 1 && height >= 1 && width * height <= kMaxPixels)) {
    throw Error(ErrorCode::kData,
                fmt::format("an image of {}x{} pixels cannot be resized to a shorter side of {}", image.width,
                            image.height, size_px));
  }
  return {static_cast<int>(width), static_cast<int>(height)};
}

/// torchvision.transforms.Resize(S): the longer side is int(S * long / short).
Size shorter_side_to(const RgbImage& image, int size_px) {
  const int shorter = std::min(image.width, image.height);
  const int longer = std::max(image.width, image.height);
  const double scaled = std::floor(static_cast<double>(std::int64_t{size_px} * longer) / shorter);
  return image.width <= image.height ? checked_size(size_px, scaled, image, size_px)
                                     : checked_size(scaled, size_px, image, size_px);
}

/// get_resize_output_image_size of transformers' image_processing_bridgetower.py, in its order of operations.
Size hf_size(const RgbImage& image, int size_px) {
  const int longest = static_cast<int>(1333.0 / 800.0 * size_px);
  const double scale = static_cast<double>(size_px) / std::min(image.width, image.height);
  double width = size_px, height = size_px;
  if (image.height < image.width) {
    width = scale * image.width;
  } else {
    height = scale * image.height;
  }
  if (const double larger = std::max(width, height); larger > longest) {
    const double shrink = longest / larger;
    height = shrink * height;
    width = shrink * width;
  }
  const auto floored = [](double side) {
    return std::floor(std::floor(side + 0.5) / kHfDivisor) * kHfDivisor;
  };
  return checked_size(floored(width), floored(height), image, size_px);
}

/// Copy of the window of size S x S whose corner is at (left, top) of `image`, black outside of it.
RgbImage window(const RgbImage& image, int left, int top, int size_px) {
  RgbImage out = make_image(size_px, size_px);
  out.opaque = image.opaque;
  const int x0 = std::max(0, left), x1 = std::min(image.width, left + size_px);
  for (int y = std::max(0, top); y < std::min(image.height, top + size_px); ++y) {
    std::copy_n(image.row(y) + static_cast<std::size_t>(x0) * 3, static_cast<std::size_t>(x1 - x0) * 3,
                out.row(y - top) + static_cast<std::size_t>(x0 - left) * 3);
  }
  return out;
}

/// Half of a non-negative margin the way torchvision's CenterCrop halves it: Python's round(), half to even.
int half_to_even(int margin) {
  const int half = margin / 2;
  return margin % 2 != 0 && half % 2 != 0 ? half + 1 : half;
}

RgbImage center_crop(const RgbImage& image, const TransformOptions& options) {
  if (!image.opaque) {
    throw Error(ErrorCode::kData,
                "the image has transparent pixels or 16-bit gray values, which the transform center_crop "
                "cannot reproduce");
  }
  const Size size = shorter_side_to(image, options.size_px);
  const RgbImage resized = resize_bicubic(image, size.width, size.height, options.pass_order);
  return window(resized, half_to_even(size.width - options.size_px),
                half_to_even(size.height - options.size_px), options.size_px);
}

/// floor(a / 2), also below zero, where C++ division would round up.
int floor_half(int a) { return (a - (a < 0 ? 1 : 0)) / 2; }

RgbImage hf(const RgbImage& image, const TransformOptions& options) {
  const Size size = hf_size(image, options.size_px);
  const RgbImage resized = resize_bicubic(image, size.width, size.height, options.pass_order);
  // transformers crops at floor((side - S) / 2); where that is negative it pads first, by ceil((S - side) /
  // 2) in front, which comes to the same corner.
  return window(resized, floor_half(size.width - options.size_px), floor_half(size.height - options.size_px),
                options.size_px);
}

using Table = std::array<std::array<float, 256>, 3>;

Table make_table() {
  Table table{};
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t value = 0; value < 256; ++value) {
      // Two steps with a rounding to float32 each, as the references do; volatile keeps them apart.
      const volatile float unit = static_cast<float>(value) / 255.0F;
      const volatile float shifted = unit - kMean[c];
      table[c][value] = shifted / kStd[c];
    }
  }
  return table;
}

}  // namespace

std::string_view transform_name(Transform transform) {
  switch (transform) {
    case Transform::kSquare:
      return "square";
    case Transform::kCenterCrop:
      return "center_crop";
    case Transform::kHf:
      return "hf";
  }
  throw Error(ErrorCode::kInternal, "unknown transform");
}

std::optional<Transform> parse_transform(std::string_view name) {
  for (const Transform transform : {Transform::kSquare, Transform::kCenterCrop, Transform::kHf}) {
    if (name == transform_name(transform)) return transform;
  }
  return std::nullopt;
}

void TransformOptions::validate() const {
  if (size_px < 1 || size_px > kMaxSize) {
    throw Error(ErrorCode::kUsage,
                fmt::format("the image size {} is not between 1 and {}", size_px, kMaxSize));
  }
}

RgbImage apply_transform(const RgbImage& image, const TransformOptions& options) {
  options.validate();
  switch (options.kind) {
    case Transform::kSquare:
      return resize_bicubic(image, options.size_px, options.size_px, options.pass_order);
    case Transform::kCenterCrop:
      return center_crop(image, options);
    case Transform::kHf:
      return hf(image, options);
  }
  throw Error(ErrorCode::kInternal, "unknown transform");
}

void normalise_into(const RgbImage& image, std::span<float> out_chw) {
  static const Table table = make_table();
  const std::size_t area = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  if (out_chw.size() != area * 3) {
    throw Error(ErrorCode::kInternal,
                fmt::format("{} floats for {} pixels of three channels", out_chw.size(), area));
  }
  const std::uint8_t* pixel = image.pixels.data();
  float* red = out_chw.data();
  float* green = red + area;
  float* blue = green + area;
  for (std::size_t i = 0; i < area; ++i, pixel += 3) {
    red[i] = table[0][pixel[0]];
    green[i] = table[1][pixel[1]];
    blue[i] = table[2][pixel[2]];
  }
}

}  // namespace bteval::image
