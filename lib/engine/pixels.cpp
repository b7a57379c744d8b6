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

/// Hands the decoded image to `use` and returns its digest.
template <typename Use>
std::uint64_t decode(const records::ImageRef& image, const Use& use) {
  std::shared_ptr<const Bytes> file;
  const auto bytes = content(image, file);
  try {
    use(image::decode_rgb(bytes));
  } catch (const Error& error) {
    throw error.with_context({image.path, "", std::nullopt});
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kData, "not enough memory to decode the image", {image.path, "", std::nullopt});
  }
  return digest_of(bytes);
}

}  // namespace

std::uint64_t image_digest(const records::ImageRef& image) {
  std::shared_ptr<const Bytes> file;
  return digest_of(content(image, file));
}

void check_image(const records::ImageRef& image) {
  decode(image, [](const image::RgbImage&) {});
}

std::uint64_t load_pixels(const records::ImageRef& image, const image::TransformOptions& transform,
                          std::span<float> out_chw) {
  return decode(image, [&](const image::RgbImage& pixels) {
    image::normalise_into(image::apply_transform(pixels, transform), out_chw);
  });
}

}  // namespace bteval::engine
