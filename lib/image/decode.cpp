#include "image/decode.h"

#include <algorithm>
#include <new>

#include "core/error.h"
#include "core/read_file.h"
#include "image/decoders.h"

namespace bteval::image {

using namespace std::string_view_literals;

bool starts_with(ByteSpan bytes, std::string_view prefix) {
  return bytes.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), bytes.begin(),
                    [](char expected, std::byte got) { return static_cast<std::byte>(expected) == got; });
}

void check_size(std::uint64_t width, std::uint64_t height, const DecodeLimits& limits) {
  if (width == 0 || height == 0)
    throw Error(ErrorCode::kData, fmt::format("the image has no area ({}x{})", width, height));
  // Both sides come from fields of 32 bits at most, so the product fits.
  if (width * height > static_cast<std::uint64_t>(std::max<std::int64_t>(limits.max_pixels, 0))) {
    throw Error(ErrorCode::kData, fmt::format("the image has {}x{} pixels, more than the limit of {}", width,
                                              height, limits.max_pixels));
  }
}

RgbImage decode_rgb(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  if (starts_with(bytes, "\xff\xd8\xff"sv)) return decode_jpeg(bytes, limits);
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n"sv)) return decode_png(bytes, limits);
  if (starts_with(bytes, "RIFF"sv) && bytes.size() >= 12 && starts_with(bytes.subspan(8), "WEBP"sv)) {
    return decode_webp(bytes, limits);
  }
  if (starts_with(bytes, "BM"sv) && bytes.size() >= 30) return decode_bmp(bytes, limits);
  throw Error(ErrorCode::kData, "no image that can be read: " + describe_content(bytes));
}

RgbImage read_rgb(const std::filesystem::path& path, const DecodeLimits& limits) {
  const auto file = read_file(path);
  try {
    return decode_rgb(file->span(), limits);
  } catch (const Error& error) {
    throw error.with_context({path.string(), "", std::nullopt});
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kDevice, "out of memory while the image was decoded",
                {path.string(), "", std::nullopt});
  }
}

}  // namespace bteval::image
