#include "engine/pixels.h"

#include <memory>
#include <string>

#include "core/bytes.h"
#include "core/error.h"
#include "core/hash.h"
#include "image/decode.h"

namespace bteval::engine {

std::uint64_t load_pixels(const records::ImageRef& image, const image::TransformOptions& transform,
                          std::span<float> out_chw) {
  std::shared_ptr<const Bytes> file;
  if (image.bytes.empty()) file = Bytes::map_file(image.path);
  const auto bytes = file ? file->span() : image.bytes;
  try {
    image::normalise_into(image::apply_transform(image::decode_rgb(bytes), transform), out_chw);
  } catch (const Error& error) {
    throw error.with_context({image.path, "", std::nullopt});
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kData, "not enough memory to decode the image", {image.path, "", std::nullopt});
  }
  return std::stoull(sha256(bytes).substr(0, 16), nullptr, 16);
}

}  // namespace bteval::engine
