#include "engine/machine_rates.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>

#include "engine/device.h"
#include "model/bridgetower.h"
#include "model/torch_compat.h"

namespace bteval::engine {
namespace {

struct Shape {
  std::int64_t rows, inputs, outputs;
};
// Four images of 384 pixels in the feed-forward layers, and a square as benchmarks of matrices have it.
constexpr Shape kShapes[] = {{2308, 768, 3072}, {2308, 3072, 768}, {2048, 2048, 2048}};
constexpr Shape kCudaShapes[] = {{18464, 768, 3072}, {18464, 3072, 768}, {8192, 8192, 8192}};

/// One product that is timed again and again.
class Product {
 public:
  /// Values of a wave: operands that are all alike need less power, which a GPU turns into a higher clock.
  Product(const Shape& shape, const at::TensorOptions& options, bool packed)
      : flop_(2.0 * static_cast<double>(shape.rows * shape.inputs * shape.outputs)) {
    const auto wave = [&](std::int64_t rows, std::int64_t columns, double step) {
      return at::sin(at::arange(rows * columns, at::kFloat) * step).view({rows, columns}).to(options);
    };
    x_ = wave(shape.rows, shape.inputs, 0.7);
    weight_ = wave(shape.outputs, shape.inputs, 0.3);
    if (packed) packed_ = model::pack_matrix(weight_, {});
    rate_.product =
        fmt::format("{}x{}x{} {}", shape.rows, shape.inputs, shape.outputs, packed ? "packed" : "dense");
  }

  bool is_packed() const { return packed_ != nullptr; }

  void time(const at::Device& device, StageClock clock) {
    const double start = read_clock(clock);
    const at::Tensor y =
        packed_ ? packed_->product(x_, {}, model::Activation::kNone) : at::linear(x_, weight_);
    wait_for(device);
    const double took = read_clock(clock) - start;
    seconds_ += took;
    ++times_;
    rate_.highest = std::max(rate_.highest, flop_ / took);
    rate_.sustained = static_cast<double>(times_) * flop_ / seconds_;
  }

  const MatrixRate& rate() const { return rate_; }

 private:
  double flop_;
  at::Tensor x_, weight_;
  std::unique_ptr<const model::PackedMatrix> packed_;
  double seconds_ = 0;
  std::int64_t times_ = 0;
  MatrixRate rate_;
};

std::vector<Product> make_products(const at::Device& device, DataType dtype) {
  const auto options = at::TensorOptions().device(device).dtype(scalar_type(dtype));
  std::vector<Product> products;
  for (const Shape& shape : device.is_cuda() ? kCudaShapes : kShapes) {
    products.emplace_back(shape, options, false);
    Product packed(shape, options, true);
    if (packed.is_packed()) products.push_back(std::move(packed));
  }
  return products;
}

}  // namespace

double read_clock(StageClock clock) {
  timespec now{};
  clock_gettime(clock == StageClock::kWall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void wait_for(const at::Device& device) {
  if (device.is_cuda()) at::detail::getCUDAHooks().deviceSynchronize(device.index());
}

std::vector<MatrixRate> measure_matrix_rates(const at::Device& device, DataType dtype, double seconds,
                                             StageClock clock) {
  return model::run_inference([&] {
    std::vector<Product> products = make_products(device, dtype);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    do {
      for (Product& product : products) product.time(device, clock);
    } while (std::chrono::steady_clock::now() < deadline);
    std::vector<MatrixRate> rates;
    for (const Product& product : products) rates.push_back(product.rate());
    return rates;
  });
}

double measure_memory_peak(const at::Device& device, double seconds, StageClock clock) {
  constexpr std::int64_t kValues = 256 << 20;  // 1 GiB: third-level caches of 300 MiB exist
  return model::run_inference([&] {
    const at::Tensor values = at::ones({kValues}, at::TensorOptions().device(device).dtype(at::kFloat));
    double best = 0;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    do {
      const double start = read_clock(clock);
      const at::Tensor sum = values.sum();
      wait_for(device);
      best = std::max(best, 4.0 * static_cast<double>(kValues) / (read_clock(clock) - start));
    } while (std::chrono::steady_clock::now() < deadline);
    return best;
  });
}

}  // namespace bteval::engine
