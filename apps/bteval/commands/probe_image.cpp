// bteval probe image: what the model would see of an image file.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "image/decode.h"
#include "image/transform.h"

namespace bteval::app {
namespace {

struct ProbeImageOptions {
  std::vector<std::string> files;
  std::string transform;  ///< empty: decode only
  int size_px = 288;
  std::string resize_order = "horizontal-first";
  std::string out;  ///< empty: print only
};

image::RgbImage load(const std::string& file, const ProbeImageOptions& options) {
  image::RgbImage decoded = image::read_rgb(file);
  if (options.transform.empty()) return decoded;
  image::TransformOptions transform;
  transform.kind = *image::parse_transform(options.transform);
  transform.size_px = options.size_px;
  if (options.resize_order == "pillow-13") transform.pass_order = image::PassOrder::kPillow13;
  try {
    return image::apply_transform(decoded, transform);
  } catch (const Error& error) {
    throw error.with_context({file, "", std::nullopt});
  }
}

/// Binary PPM (netpbm's P6): a text header, then the very bytes that the digest covers.
void write_ppm(const image::RgbImage& image, const std::filesystem::path& path) {
  std::string content = fmt::format("P6\n{} {}\n255\n", image.width, image.height);
  content.append(reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size());
  write_file_atomic(path, content);
}

void probe_one(const std::string& file, const ProbeImageOptions& options) {
  const image::RgbImage image = load(file, options);
  if (!options.out.empty()) write_ppm(image, options.out);
  fmt::print("{}x{}  {}  {}\n", image.width, image.height, sha256(std::as_bytes(std::span(image.pixels))),
             printable(file, 4096));
}

void run(const ProbeImageOptions& options) {
  if (options.files.size() == 1) return probe_one(options.files.front(), options);
  if (!options.out.empty()) throw Error(ErrorCode::kUsage, "--out takes a single image");
  std::size_t refused = 0;
  for (const std::string& file : options.files) {
    try {
      probe_one(file, options);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kUsage) throw;
      ++refused;
      fmt::print("refused  {}\n", error.what());
    }
  }
  if (refused > 0) {
    throw Error(ErrorCode::kRefused,
                fmt::format("{} of {} images were refused", refused, options.files.size()));
  }
}

}  // namespace

void setup_probe_image(CLI::App& probe) {
  const auto options = std::make_shared<ProbeImageOptions>();
  CLI::App& app =
      *probe.add_subcommand("image", "Decode and transform images; print size and sha256 of the RGB bytes");
  app.add_option("files", options->files,
                 "Image files; with several, refused ones are listed and the exit status is 6")
      ->required();
  app.add_option("--transform", options->transform,
                 "Transform to apply; without it the decoded image is shown")
      ->check(CLI::IsMember({"square", "center_crop", "hf"}));
  app.add_option("--size", options->size_px, "Side of the transformed image in pixels")
      ->check(CLI::Range(1, 16384))
      ->capture_default_str();
  app.add_option("--resize-order", options->resize_order,
                 "Order of the resize's passes: Pillow up to 12, or Pillow 13")
      ->check(CLI::IsMember({"horizontal-first", "pillow-13"}))
      ->capture_default_str();
  app.add_option("--out", options->out, "Write the result as binary PPM (P6)");
  app.callback([options] { run(*options); });
}

}  // namespace bteval::app
