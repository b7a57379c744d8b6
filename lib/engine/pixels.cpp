#include "engine/pixels.h"

#include "image/decode.h"

namespace bteval::engine {

void load_pixels(const records::ImageRef& image, const image::TransformOptions& transform,
                 std::span<float> out_chw) {
  const auto rgb = image.bytes.empty() ? image::read_rgb(image.path) : image::decode_rgb(image.bytes);
  image::normalise_into(image::apply_transform(rgb, transform), out_chw);
}

}  // namespace bteval::engine
