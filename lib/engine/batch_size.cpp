#include "engine/batch_size.h"

#include <algorithm>
#include <limits>

#include "engine/device.h"
#include "model/torch_compat.h"

namespace bteval::engine {
namespace {

/// More pairs than this do not make a pass faster: at 384 pixels these are 150,000 rows in each product.
constexpr std::uint32_t kMostPairs = 256;

}  // namespace

std::uint64_t bytes_per_pair(const model::ModelConfig& config, const EngineOptions& options) {
  const auto side = static_cast<std::uint64_t>(options.transform.size_px / config.patch_size);
  const std::uint64_t rows = side * side + 1 + options.max_length;
  const auto width = static_cast<std::uint64_t>(config.hidden_size);
  const auto levels = static_cast<std::uint64_t>(std::max<std::int64_t>(1, config.num_cross_layers));
  // Of each row: its levels; self-attention, query, keys and values of the first layer; and of the layer at
  // hand its input, its residual, query, key, value and result of attention, and the feed-forward's inside.
  const std::uint64_t values =
      levels * width + 4 * width + 6 * width + static_cast<std::uint64_t>(config.ffn_size);
  const std::uint64_t bytes = options.dtype == DataType::kFloat32 ? 4 : 2;
  return rows * values * bytes;
}

std::uint32_t pairs_for_memory(const model::ModelConfig& config, const EngineOptions& options,
                               std::uint64_t free_bytes, std::uint64_t weight_bytes) {
  const std::uint64_t left = free_bytes > weight_bytes ? free_bytes - weight_bytes : 0;
  const std::uint64_t budget = left / 4 * 3 / 2;
  std::uint32_t pairs = kMostPairs;
  while (pairs > 1 && pairs * bytes_per_pair(config, options) > budget) pairs /= 2;
  return pairs;
}

void choose_pairs_per_batch(const model::ModelConfig& config, std::uint64_t weight_bytes,
                            EngineOptions& options) {
  if (options.pairs_per_batch != 0) return;
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (const at::Device& device : parse_devices(options.device)) {
    const auto free = model::free_memory(device);
    if (!free) return;
    least = std::min(least, *free);
  }
  options.pairs_per_batch = pairs_for_memory(config, options, least, weight_bytes);
}

}  // namespace bteval::engine
