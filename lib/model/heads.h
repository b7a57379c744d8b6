// Task heads. Their parameters and arithmetic are float32 whatever the model's dtype: they are small, and
// their outputs are what is compared.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <string>

#include "model/config.h"
#include "model/layer_norm.h"
#include "model/linear.h"

namespace bteval::model {

/// What a checkpoint may carry beside the model itself.
enum class Head { kVqa, kNlvr2, kSnli, kItm, kRank, kMlm, kItcText, kItcImage, kItcCross };

/// "vqa", "nlvr2", …: for messages.
const char* head_name(Head head);

/// Linear, LayerNorm, GELU, Linear; or one Linear alone where the checkpoint was trained with one layer.
struct Classifier {
  std::optional<Linear> first;
  LayerNorm norm;
  Linear last;
  std::int64_t labels = 0;

  at::Tensor operator()(const at::Tensor& pooled) const;
};

/// Linear, GELU, LayerNorm, then the scores over the vocabulary.
struct MlmHead {
  Linear transform, decoder;
  LayerNorm norm;

  at::Tensor operator()(const at::Tensor& rows) const;
};

struct Heads {
  std::optional<Classifier> vqa, nlvr2, snli;
  std::optional<Linear> itm, rank, itc_text, itc_image, itc_cross;
  std::optional<MlmHead> mlm;
  std::int64_t itc_size = 0;          ///< columns of the ITC embeddings, 0 without them
  std::optional<double> logit_scale;  ///< ln of what ITC similarities are multiplied with: -ln τ
};

/// `placement` is float32: heads are never computed in 16 bits.
Heads load_heads(WeightLoader& loader, const ModelConfig& config, const Placement& placement);

/// x / max(‖x‖₂, 1e-12) per row.
at::Tensor normalize_rows(const at::Tensor& x);

}  // namespace bteval::model
