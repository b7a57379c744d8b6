#include "engine/pixels.h"

#include <memory>
#include <string>

#include "core/bytes.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/io_retry.h"
#include "core/read_file.h"
#include "image/decode.h"

namespace bteval::engine {
namespace {

/// The encoded image; `file` keeps it alive.
std::span<const std::byte> content(const records::ImageRef& image, std::shared_ptr<const Bytes>& file) {
  if (!image.bytes.empty()) return image.bytes;
  file = read_file(image.path);
  return file->span();
}

std::uint64_t digest_of(std::span<const std::byte> content) {
  return std::stoull(sha256(content).substr(0, 16), nullptr, 16);
}

/// Calls `use` with the encoded image and gives its errors the image's name and their kind.
template <typename Use>
auto with_content(const records::ImageRef& image, const Use& use) {
  std::shared_ptr<const Bytes> file;
  try {
    return use(content(image, file));
  } catch (const IoError&) {
    throw;
  } catch (const Error& error) {
    const Error named = error.with_context({image.path, "", std::nullopt});
    if (error.code() != ErrorCode::kData) throw named;
    throw BadImage(named);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kDevice, "out of memory while the image was decoded",
                {image.path, "", std::nullopt});
  }
}

}  // namespace

std::uint64_t image_digest(const records::ImageRef& image) { return with_content(image, digest_of); }

void check_image(const records::ImageRef& image) {
  with_content(image, [](std::span<const std::byte> bytes) { image::decode_rgb(bytes); });
}

std::uint64_t load_pixels(const records::ImageRef& image, const image::TransformOptions& transform,
                          std::span<float> out_chw) {
  return with_content(image, [&](std::span<const std::byte> bytes) {
    image::normalise_into(image::apply_transform(image::decode_rgb(bytes), transform), out_chw);
    return digest_of(bytes);
  });
}

}  // namespace bteval::engine
