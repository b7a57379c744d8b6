// `bteval probe retrieval`: both retrieval protocols on given pixels and token ids, for comparison with other
// implementations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "checkpoint/checkpoint.h"
#include "engine/options.h"
#include "engine/retrieval_runner.h"
#include "tasks/probe_forward.h"

namespace bteval::app {

struct ProbeRetrievalOptions {
  std::filesystem::path model;                  ///< checkpoint file or folder
  std::optional<std::filesystem::path> config;  ///< config.json in the Hugging Face layout
  std::filesystem::path inputs, out;            ///< safetensors files
  std::uint32_t top_k = 0;  ///< candidates of each direction; more than there are takes all
  engine::EngineOptions engine;
  engine::RetrievalOptions retrieval;
};

/// Runs the stages of an evaluation on tensors in place of files.
///
/// Inputs: pixel_values [I, 3, h, w] floats, normalised; input_ids and attention_mask [T, L] integers, the
/// mask ones followed by zeros; text_image_index [T] integers, each caption's image. Outputs, float32 unless
/// noted; those of a head that the checkpoint lacks are left out:
///
///   sims [I, T]                      cosine of the ITC embeddings
///   i2t_topk [I, k], t2i_topk [k, T] int64, the candidates of both directions, most similar first
///   i2t_scores, t2i_scores [I, T]    ITM logit of the direction's candidates, -100 elsewhere
///   scores [I, T]                    of the union of both
///   itm_full, rank_scores [I, T]     ITM logit and rank_output of every pair
///   recall_itm_itc, recall_irtr [9]  of `scores` and of `rank_scores`, in [0, 1]: IR@1, 5, 10, TR@1, 5, 10,
///                                    mean of the IR ones, of the TR ones, and of these two
///
/// `engine` and `retrieval` need not be resolved. Error(kData) naming the tensor where an input is missing or
/// of the wrong type, shape or range.
NamedTensors retrieval_stages(const checkpoint::Checkpoint& checkpoint, const NamedTensors& inputs,
                              std::uint32_t top_k, const engine::EngineOptions& engine,
                              const engine::RetrievalOptions& retrieval = {});

void probe_retrieval(const ProbeRetrievalOptions& options);

}  // namespace bteval::app
