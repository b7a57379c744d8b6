// Speed of the resize, of normalisation and of decoding. tools/parity/time_resize.py sets the resize beside
// Pillow's.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <vector>

#include "core/bytes.h"
#include "image/decode.h"
#include "image/resize_kernels.h"
#include "image/transform.h"
#include "support/test_paths.h"

namespace {

using namespace bteval::image;

/// 640x480 like most COCO images; the values do not matter for the speed.
RgbImage photograph() {
  RgbImage image = make_image(640, 480);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(i * 7 + i / 640);
  return image;
}

void resize_to(benchmark::State& state) {
  const RgbImage image = photograph();
  const int size = static_cast<int>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(resize_bicubic(image, size, size));
}
BENCHMARK(resize_to)->Arg(288)->Arg(384)->Arg(576)->Unit(benchmark::kMicrosecond);

void resize_portable_to(benchmark::State& state) {
  const RgbImage image = photograph();
  const int size = static_cast<int>(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(resize_with(image, size, size, PassOrder::kHorizontalFirst, portable_kernels()));
  }
}
BENCHMARK(resize_portable_to)->Arg(288)->Arg(384)->Arg(576)->Unit(benchmark::kMicrosecond);

void normalise(benchmark::State& state) {
  const RgbImage image = resize_bicubic(photograph(), 576, 576);
  std::vector<float> out(image.pixels.size());
  for (auto _ : state) {
    normalise_into(image, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(normalise)->Unit(benchmark::kMicrosecond);

void decode(benchmark::State& state, const std::string& relative) {
  const auto data = bteval::testing::test_data_dir();
  if (!data) {
    state.SkipWithError("real data not found: set BTEVAL_TEST_DATA to its folder");
    return;
  }
  const auto file = bteval::Bytes::map_file(*data / relative);
  for (auto _ : state) benchmark::DoNotOptimize(decode_rgb(file->span()));
}
BENCHMARK_CAPTURE(decode, jpeg, std::string("images/coco_cc/000000126107.jpg"))
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(decode, png, std::string("images/misc/000000039769.png"))->Unit(benchmark::kMicrosecond);

}  // namespace
