// BridgeTower (arXiv 2206.08657) for inference: both towers, the bridges and the fusion, callable apart.
// METER (arXiv 2111.02387), its baseline, is the same model in another configuration: no bridges, one level.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "model/config.h"
#include "model/heads.h"
#include "model/savings.h"
#include "model/trace.h"

namespace bteval::model {

/// Everything about a batch of texts that does not depend on the image.
/// B texts, S tokens (padded to the longest of the batch), H hidden size, N cross-modal layers. What stands
/// in the rows of padding is finite and says nothing.
struct TextFeatures {
  std::vector<at::Tensor> levels;  ///< N x [B, S, H]: what enters cross-modal layer j, before the link tower
                                   ///< adds the previous output; levels[0] is what the layer reads. METER has
                                   ///< one, and so has a model of no cross-modal layers: the tower's output
  at::Tensor first_self_attention;  ///< [B, S, H]: self-attention block of cross-modal layer 0, which no
                                    ///< image changes; undefined, as the two below, where there is no layer
                                    ///< or without Savings::shared_first_layer
  at::Tensor first_query;           ///< [B, S, H]: cross-attention query of that layer
  at::Tensor first_key_value;  ///< [B, S, 2H]: keys and values for the image's cross-attention of that layer
  at::Tensor key_mask;  ///< [B, 1, 1, S]: 0 for tokens, the dtype's lowest value for padding; undefined
                        ///< where no text of the batch is padded
  at::Tensor last_row;  ///< [B, Wt]: row 0 of the last text layer, for ITC
};

/// Everything about a batch of images that does not depend on the text. P patches + 1.
struct ImageFeatures {
  std::vector<at::Tensor> levels;   ///< N x [B, P, H], or one as above
  at::Tensor first_self_attention;  ///< [B, P, H]
  at::Tensor first_query;           ///< [B, P, H]; undefined with Savings::absorbed_projections
  at::Tensor first_key_value;       ///< [B, P, 2H]
  at::Tensor last_row;              ///< [B, Wv]: row 0 of ln_post(last block), for ITC
};

/// Rows of `features` picked by `chosen` ([n] int64, in host memory or on the features' device): pairs up
/// texts and images. Features of a single text or image are repeated without a copy. Error(kInternal) for
/// rows that are not there, which only those in host memory are checked for.
TextFeatures select(const TextFeatures& features, const at::Tensor& chosen);
ImageFeatures select(const ImageFeatures& features, const at::Tensor& chosen);
/// The `count` texts from `first` on, cut to `tokens`; `padded`: whether one of them is shorter. No copy.
TextFeatures narrow(const TextFeatures& features, std::int64_t first, std::int64_t count, std::int64_t tokens,
                    bool padded);

/// Texts that the model has checked, on its device.
struct TextInput {
  at::Tensor ids;   ///< [B, S] int64
  at::Tensor mask;  ///< [B, S] int64: 1 for tokens, 0 for padding; undefined where none is padded
};

struct Fused {
  at::Tensor cls;    ///< [B, 2H] float32: concatenated text and image poolers
  at::Tensor text;   ///< [B, S, H] (all rows asked for) or undefined
  at::Tensor image;  ///< [B, P, H] (all rows asked for) or undefined
};

struct LoadOptions {
  at::Device device = at::kCPU;
  at::ScalarType dtype =
      at::kFloat;  ///< kFloat, kBFloat16 or kHalf; LayerNorms and softmax accumulate in fp32
  Savings savings = {};
};

/// Both architectures; config().architecture says which. Immutable after loading; const members may be called
/// from several threads. The same inputs in the same batch shape give the same bits. Members throw
/// Error(kDevice) where memory or the device fails.
class BridgeTower {
 public:
  /// Builds the model; Error(kCheckpoint) listing all missing, unexpected and misshapen tensors at once;
  /// Error(kDevice) where device or dtype cannot be used.
  static BridgeTower load(const checkpoint::Checkpoint& checkpoint, const ModelConfig& config,
                          const LoadOptions& options);
  ~BridgeTower();
  BridgeTower(BridgeTower&&) noexcept;

  const ModelConfig& config() const;
  const LoadOptions& options() const;

  /// Whether the checkpoint carries a head, and how many columns its output has (0 without it).
  bool has_head(Head head) const;
  std::int64_t label_count(Head head) const;
  /// What ITC similarities are divided by; nullopt where the checkpoint has none.
  std::optional<double> temperature() const;

  /// Whether the text tower leaves padding out, so that texts of any lengths may go through it together.
  bool packs_texts() const;
  /// input_ids, attention_mask: [B, S] int64, S <= config().max_text_tokens(), masks 0 or 1. Error(kData) for
  /// a text that is all padding or too long, Error(kCheckpoint) for an id outside the vocabulary (the
  /// tokenizer does not fit the model).
  TextFeatures encode_text(const at::Tensor& input_ids, const at::Tensor& attention_mask,
                           Trace* trace = nullptr) const;
  /// The two halves of encode_text(): the checks, which want the values in host memory, and the copy to the
  /// device; and the tower, which waits for nothing.
  TextInput check_text(const at::Tensor& input_ids, const at::Tensor& attention_mask) const;
  TextFeatures encode_text(const TextInput& input, Trace* trace = nullptr) const;
  /// pixels: [B, 3, height, width] float32, normalised; Error(kUsage) unless both are multiples of the patch
  /// size. Position embeddings are resized where the grid differs from the checkpoint's. image_type: row of
  /// token_type_embeddings (1, or 2 for NLVR2's second image), Error(kCheckpoint) where there is no such row.
  ImageFeatures encode_image(const at::Tensor& pixels, int image_type = 1, Trace* trace = nullptr) const;
  /// Row i of `text` with row i of `image`. With all_rows, or without Savings::pooled_row, the last
  /// cross-modal layer is computed for every token.
  Fused fuse(const TextFeatures& text, const ImageFeatures& image, bool all_rows = false,
             Trace* trace = nullptr) const;

  /// Heads, all float32 out. Error(kCheckpoint) where the checkpoint has no such head.
  at::Tensor vqa_logits(const at::Tensor& cls) const;                                      ///< [B, labels]
  at::Tensor nlvr2_logits(const at::Tensor& cls_left, const at::Tensor& cls_right) const;  ///< [B, 2]
  at::Tensor snli_logits(const at::Tensor& cls) const;                                     ///< [B, 3]
  at::Tensor itm_logits(const at::Tensor& cls) const;                                      ///< [B, 2]
  at::Tensor rank_score(const at::Tensor& cls) const;                                      ///< [B, 1]
  at::Tensor mlm_logits(const at::Tensor& text_rows) const;                                ///< [B, S, vocab]
  at::Tensor itc_text(const TextFeatures& text) const;     ///< [B, D], L2-normalised
  at::Tensor itc_image(const ImageFeatures& image) const;  ///< [B, D], L2-normalised
  at::Tensor itc_cross(const at::Tensor& cls) const;       ///< [B, D], L2-normalised; Hugging Face only

 private:
  struct Weights;
  explicit BridgeTower(std::shared_ptr<const Weights> weights);
  std::shared_ptr<const Weights> weights_;
};

}  // namespace bteval::model
