#include "engine/pixels.h"

#include <memory>
#include <string>

#include "core/bytes.h"
#include "core/error.h"
#include "core/hash.h"
#include "image/decode.h"

namespace bteval::engine {
namespace {

/// The encoded image; `file` keeps it alive.
std::span<const std::byte> content(const records::ImageRef& image, std::shared_ptr<const Bytes>& file) {
  if (!image.bytes.empty()) return image.bytes;
  file = Bytes::map_file(image.path);
  return file->span();
}

std::uint64_t digest_of(std::span<const std::byte> content) {
  return std::stoull(sha256(content).substr(0, 16), nullptr, 16);
}

}  // namespace

std::uint64_t image_digest(const records::ImageRef& image) {
  std::shared_ptr<const Bytes> file;
  return digest_of(content(image, file));
}

std::uint64_t load_pixels(const records::ImageRef& image, const image::TransformOptions& transform,
                          std::span<float> out_chw) {
  std::shared_ptr<const Bytes> file;
  const auto bytes = content(image, file);
  try {
    image::normalise_into(image::apply_transform(image::decode_rgb(bytes), transform), out_chw);
  } catch (const Error& error) {
    throw error.with_context({image.path, "", std::nullopt});
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kData, "not enough memory to decode the image", {image.path, "", std::nullopt});
  }
  return digest_of(bytes);
}

}  // namespace bteval::engine
