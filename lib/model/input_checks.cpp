#include "model/input_checks.h"

#include <fmt/ranges.h>

#include "core/error.h"

namespace bteval::model {

bool check_text(const ModelConfig& config, const at::Tensor& input_ids, const at::Tensor& attention_mask) {
  if (input_ids.dim() != 2 || input_ids.numel() == 0 || input_ids.scalar_type() != at::kLong ||
      attention_mask.scalar_type() != at::kLong || input_ids.sizes() != attention_mask.sizes()) {
    throw Error(ErrorCode::kUsage, "texts are two int64 tensors of one shape [batch, tokens]: ids and mask");
  }
  if (input_ids.size(1) > config.max_text_tokens()) {
    throw Error(ErrorCode::kData,
                fmt::format("a text of {} tokens is longer than the model's position embeddings allow ({})",
                            input_ids.size(1), config.max_text_tokens()));
  }
  for (const at::Tensor& bad :
       {input_ids.masked_select(input_ids.lt(0)), input_ids.masked_select(input_ids.ge(config.vocab_size))}) {
    if (bad.numel() == 0) continue;
    throw Error(
        ErrorCode::kCheckpoint,
        fmt::format(
            "token id {} is outside the model's vocabulary of {}: the tokenizer does not fit the model",
            bad[0].item<std::int64_t>(), config.vocab_size));
  }
  const at::Tensor is_token = attention_mask.eq(1);
  if (is_token.logical_or(attention_mask.eq(0)).all().item<bool>() == false) {
    throw Error(ErrorCode::kUsage, "an attention mask holds 0 and 1 only");
  }
  const at::Tensor empty = is_token.any(1).logical_not();
  if (empty.any().item<bool>()) {
    throw Error(ErrorCode::kData,
                fmt::format("text {} of the batch is all padding", empty.nonzero()[0].item<std::int64_t>()));
  }
  return !is_token.all().item<bool>();
}

void check_image(const ModelConfig& config, const at::Tensor& pixels, int image_type) {
  if (pixels.dim() != 4 || pixels.size(1) != 3 || pixels.numel() == 0 || !pixels.is_floating_point()) {
    throw Error(ErrorCode::kUsage,
                fmt::format("images are one float tensor [batch, 3, height, width], not [{}]",
                            fmt::join(pixels.sizes(), ", ")));
  }
  if (pixels.size(2) % config.patch_size != 0 || pixels.size(3) % config.patch_size != 0) {
    const std::int64_t size = pixels.size(2);
    throw Error(ErrorCode::kUsage,
                fmt::format("an image of {} x {} cannot be cut into patches of {} x {}: {} and {} can",
                            pixels.size(3), size, config.patch_size, config.patch_size,
                            size / config.patch_size * config.patch_size,
                            (size / config.patch_size + 1) * config.patch_size));
  }
  if (image_type < 1 || image_type >= config.token_type_rows) {
    throw Error(
        ErrorCode::kCheckpoint,
        fmt::format(
            "the checkpoint has {} token type embeddings, none of them for image type {} (NLVR2 needs 3)",
            config.token_type_rows, image_type));
  }
}

}  // namespace bteval::model
