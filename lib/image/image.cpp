#include "image/image.h"

#include "core/checked.h"
#include "core/error.h"

namespace bteval::image {

RgbImage make_image(int width, int height) {
  if (width <= 0 || height <= 0) {
    throw Error(ErrorCode::kData, fmt::format("an image of {}x{} pixels has no area", width, height));
  }
  const auto pixels =
      checked_mul<std::size_t>(static_cast<std::size_t>(width), static_cast<std::size_t>(height), "image");
  RgbImage image;
  image.width = width;
  image.height = height;
  image.pixels.resize(checked_mul<std::size_t>(pixels, 3, "image"));
  return image;
}

}  // namespace bteval::image
