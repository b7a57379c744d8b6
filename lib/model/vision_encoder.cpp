#include "model/vision_encoder.h"

#include <fmt/format.h>

#include "model/fused_ops.h"
#include "model/position_embedding.h"

namespace bteval::model {
namespace {

constexpr double kQuickGelu = 1.702;

VisionBlock load_block(WeightLoader& loader, const std::string& name, const ModelConfig& config,
                       const Placement& placement) {
  const std::int64_t width = config.vision_width, ffn = config.vision_ffn_size;
  const double eps = config.vision_layer_norm_eps;
  VisionBlock block;
  block.kind = attention_kind(config.vision_heads(), placement.savings);
  block.ln_1 = load_layer_norm(loader, name + "ln_1", width, eps, placement);
  block.ln_2 = load_layer_norm(loader, name + "ln_2", width, eps, placement);
  const std::vector<at::Tensor> weights =
      loader.tensor(name + "attn.in_proj_weight", {3 * width, width}).chunk(3);
  const std::vector<at::Tensor> biases = loader.tensor(name + "attn.in_proj_bias", {3 * width}).chunk(3);
  block.query_key_value =
      LinearStack({{weights[0], biases[0]}, {weights[1], biases[1]}, {weights[2], biases[2]}}, placement);
  block.out_proj = load_linear(loader, name + "attn.out_proj", width, width).place(placement);
  LinearParameters c_fc = load_linear(loader, name + "mlp.c_fc", ffn, width);
  LinearParameters c_proj = load_linear(loader, name + "mlp.c_proj", width, ffn);
  // Only in float32: rounding the scaled weights to 16 bits would make them other weights than the
  // checkpoint's.
  if (placement.device.is_cpu() && placement.dtype == at::kFloat && placement.savings.fused_activation) {
    block.scaled_for_silu = true;
    c_fc.weight.mul_(kQuickGelu);
    c_fc.bias.mul_(kQuickGelu);
    c_proj.weight.div_(kQuickGelu);
  }
  block.c_fc = c_fc.place(placement);
  block.c_proj = c_proj.place(placement);
  return block;
}

/// [B, 3, height, width] to [B, patches, 3 * p * p], in the order of a convolution's weights.
at::Tensor flatten_patches(const at::Tensor& pixels, std::int64_t p) {
  const std::int64_t batch = pixels.size(0), rows = pixels.size(2) / p, columns = pixels.size(3) / p;
  return pixels.reshape({batch, 3, rows, p, columns, p})
      .permute({0, 2, 4, 1, 3, 5})
      .reshape({batch, rows * columns, 3 * p * p});
}

}  // namespace

at::Tensor VisionBlock::operator()(const at::Tensor& x) const {
  const std::vector<at::Tensor> parts = query_key_value(ln_1(x));
  at::Tensor residual = out_proj(attend(parts[0], parts[1], parts[2], kind, {}));
  const at::Tensor normed = add_and_normalise(residual, x, ln_2);
  if (scaled_for_silu) return c_proj(c_fc(normed, Activation::kSilu)).add_(residual);
  at::Tensor hidden = c_fc(normed);
  quick_gelu_(hidden);
  return c_proj(hidden).add_(residual);
}

at::Tensor VisionEncoder::embed(const at::Tensor& pixels, Trace* trace) const {
  const std::int64_t rows = pixels.size(2) / patch_size, columns = pixels.size(3) / patch_size;
  const at::Tensor positions = resize_position_embedding(position_embedding, rows, columns);
  note(trace, "vision.position_embedding", positions);
  const at::Tensor patches = patch_embedding(flatten_patches(placement(pixels), patch_size));
  const at::Tensor class_token = class_embedding.to(placement.dtype).expand({pixels.size(0), 1, -1});
  at::Tensor x = at::cat({class_token, patches}, 1);
  x.add_(positions.to(placement.dtype));
  note(trace, "vision.embeddings", x);
  return ln_pre(x);
}

VisionEncoder load_vision_encoder(WeightLoader& loader, const ModelConfig& config,
                                  const Placement& placement) {
  const std::string base = "vision_model.visual.";
  const std::int64_t width = config.vision_width, p = config.patch_size, side = config.image_size / p;
  const Placement in_float = placement.in_float();
  VisionEncoder tower;
  tower.placement = placement;
  tower.patch_size = p;
  tower.class_embedding = in_float(loader.tensor(base + "embeddings.class_embedding", {width}));
  tower.position_embedding =
      in_float(loader.tensor(base + "embeddings.position_embedding.weight", {side * side + 1, width}));
  const at::Tensor kernel = loader.tensor(base + "embeddings.patch_embedding.weight", {width, 3, p, p});
  tower.patch_embedding = Linear(kernel.view({width, 3 * p * p}), {}, placement);
  tower.ln_pre = load_layer_norm(loader, base + "ln_pre", width, config.vision_layer_norm_eps, placement);
  tower.ln_post = load_layer_norm(loader, base + "ln_post", width, config.vision_layer_norm_eps, placement);
  for (std::int64_t i = 0; i < config.vision_layers; ++i) {
    tower.blocks.push_back(
        load_block(loader, fmt::format("{}transformer.resblocks.{}.", base, i), config, placement));
  }
  return tower;
}

}  // namespace bteval::model
