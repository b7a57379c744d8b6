// How many pairs go through the cross-modal layers at a time where nobody says so.
#pragma once

#include <cstdint>

#include "engine/options.h"
#include "model/config.h"

namespace bteval::engine {

/// Bytes that a pair adds to a fusion pass: the rows of both towers' levels picked for it, and what a layer's
/// feed-forward and attention hold while they compute it. An estimate from above; see batch_size.cpp.
std::uint64_t bytes_per_pair(const model::ModelConfig& config, const EngineOptions& options);

/// The largest power of two of pairs, 256 at most and 1 at least, that fits into `free_bytes` beside weights
/// of `weight_bytes`, for two passes at a time and with a quarter left over. Free memory that differs a
/// little gives the same number, so that runs on the same kind of GPU are alike.
std::uint32_t pairs_for_memory(const model::ModelConfig& config, const EngineOptions& options,
                               std::uint64_t free_bytes, std::uint64_t weight_bytes);

/// Sets options.pairs_per_batch where it says "choose" and all devices are GPUs whose free memory is known,
/// the smallest deciding; leaves it alone otherwise. Error(kUsage), Error(kDevice) as parse_devices().
void choose_pairs_per_batch(const model::ModelConfig& config, std::uint64_t weight_bytes,
                            EngineOptions& options);

}  // namespace bteval::engine
