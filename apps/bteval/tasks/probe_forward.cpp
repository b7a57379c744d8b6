#include "tasks/probe_forward.h"

#include <fmt/format.h>

#include "checkpoint/checkpoint.h"
#include "checkpoint/safetensors.h"
#include "core/error.h"
#include "core/read_file.h"
#include "engine/device.h"
#include "model/torch_compat.h"
#include "tasks/score_matrix.h"

namespace bteval::app {
namespace {

struct DTypePair {
  checkpoint::DType file;
  at::ScalarType torch;
};
constexpr DTypePair kDTypes[] = {
    {checkpoint::DType::kFloat64, at::kDouble}, {checkpoint::DType::kFloat32, at::kFloat},
    {checkpoint::DType::kFloat16, at::kHalf},   {checkpoint::DType::kBFloat16, at::kBFloat16},
    {checkpoint::DType::kInt64, at::kLong},     {checkpoint::DType::kInt32, at::kInt},
    {checkpoint::DType::kInt16, at::kShort},    {checkpoint::DType::kInt8, at::kChar},
    {checkpoint::DType::kUInt8, at::kByte},     {checkpoint::DType::kBool, at::kBool}};

at::ScalarType torch_dtype(checkpoint::DType dtype) {
  for (const DTypePair& pair : kDTypes) {
    if (pair.file == dtype) return pair.torch;
  }
  throw Error(ErrorCode::kInternal, "a dtype without a counterpart in LibTorch");
}

checkpoint::DType file_dtype(at::ScalarType dtype) {
  for (const DTypePair& pair : kDTypes) {
    if (pair.torch == dtype) return pair.file;
  }
  throw Error(ErrorCode::kInternal, "a dtype without a counterpart in safetensors");
}

const at::Tensor& need(const NamedTensors& inputs, const std::string& name) {
  const auto found = inputs.find(name);
  if (found == inputs.end()) throw Error(ErrorCode::kData, "has no tensor " + name);
  return found->second;
}

at::Tensor integers(const NamedTensors& inputs, const std::string& name) {
  const at::Tensor& value = need(inputs, name);
  if (value.is_floating_point())
    throw Error(ErrorCode::kData, "must hold integers", {"", "tensor " + name, std::nullopt});
  return value.to(at::kLong);
}

at::Tensor pixels(const NamedTensors& inputs, const std::string& name) {
  const at::Tensor& value = need(inputs, name);
  if (!value.is_floating_point())
    throw Error(ErrorCode::kData, "must hold floats", {"", "tensor " + name, std::nullopt});
  return value.to(at::kFloat);
}

void add_pooled_heads(const model::BridgeTower& model, const at::Tensor& cls, NamedTensors& out) {
  using model::Head;
  if (model.has_head(Head::kVqa)) out["vqa_logits"] = model.vqa_logits(cls);
  if (model.has_head(Head::kSnli)) out["snli_logits"] = model.snli_logits(cls);
  if (model.has_head(Head::kItm)) out["itm_logits"] = model.itm_logits(cls);
  if (model.has_head(Head::kRank)) out["rank_score"] = model.rank_score(cls);
  if (model.has_head(Head::kItcCross)) out["itc.cross"] = model.itc_cross(cls);
}

void add_itc(const model::BridgeTower& model, const model::TextFeatures& text,
             const model::ImageFeatures& image, NamedTensors& out) {
  using model::Head;
  if (model.has_head(Head::kItcText)) out["itc.text"] = model.itc_text(text);
  if (model.has_head(Head::kItcImage)) out["itc.image"] = model.itc_image(image);
  const auto temperature = model.temperature();
  if (out.contains("itc.text") && out.contains("itc.image") && temperature) {
    out["itc.logits_i2t"] = at::matmul(out["itc.image"], out["itc.text"].t()).div_(*temperature);
  }
}

}  // namespace

NamedTensors forward_stages(const model::BridgeTower& model, const NamedTensors& inputs) {
  using model::Head;
  const at::Tensor ids = integers(inputs, "input_ids"), mask = integers(inputs, "attention_mask");
  const at::Tensor images = pixels(inputs, "pixel_values");
  if (ids.dim() == 0 || images.dim() == 0 || ids.size(0) != images.size(0)) {
    throw Error(ErrorCode::kData, "input_ids and pixel_values are not batches of one size");
  }
  NamedTensors out;
  model::Trace trace;
  const model::TextFeatures text = model.encode_text(ids, mask, &trace);
  const model::ImageFeatures image = model.encode_image(images, 1, &trace);
  const model::Fused full = model.fuse(text, image, /*all_rows=*/true, &trace);
  out["cls_feats"] = full.cls;
  out["text_feats"] = full.text;
  out["image_feats"] = full.image;
  out["cls_feats.row0"] = model.fuse(text, image).cls;
  add_pooled_heads(model, full.cls, out);
  add_itc(model, text, image, out);
  if (model.has_head(Head::kMlm)) out["mlm_logits"] = model.mlm_logits(full.text);
  if (inputs.contains("pixel_values_2") && model.config().token_type_rows > 2) {
    const auto second = model.encode_image(pixels(inputs, "pixel_values_2"), 2);
    out["cls_feats.type2"] = model.fuse(text, second, true).cls;
    if (model.has_head(Head::kNlvr2))
      out["nlvr2_logits"] = model.nlvr2_logits(full.cls, out["cls_feats.type2"]);
  }
  if (inputs.contains("pixel_values_interp")) {
    model::Trace resized;
    const auto larger = model.encode_image(pixels(inputs, "pixel_values_interp"), 1, &resized);
    out["interp.position_embedding"] = resized.at("vision.position_embedding");
    out["interp.cls_feats"] = model.fuse(text, larger, true).cls;
  }
  for (auto& [name, value] : out) value = value.to(at::kCPU, at::kFloat).contiguous();
  out.merge(trace);
  return out;
}

NamedTensors read_tensors(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  const auto file = read_data_safetensors(bytes);
  NamedTensors tensors;
  for (const auto& [name, view] : file.tensors) {
    const auto options = at::TensorOptions().dtype(torch_dtype(view.dtype));
    tensors[name] =
        at::from_blob(const_cast<std::byte*>(view.data), view.shape, view.strides, options).clone();
  }
  return tensors;
}

void write_tensors(const std::filesystem::path& path, const NamedTensors& tensors) {
  std::map<std::string, checkpoint::TensorView> views;
  NamedTensors kept;  // keeps contiguous copies alive while they are written
  for (const auto& [name, value] : tensors) {
    const at::Tensor dense = kept[name] = value.cpu().contiguous();
    checkpoint::TensorView view;
    view.dtype = file_dtype(dense.scalar_type());
    view.shape = dense.sizes().vec();
    view.strides = dense.strides().vec();
    view.data = static_cast<const std::byte*>(dense.data_ptr());
    views[name] = view;
  }
  checkpoint::write_safetensors(path, views, {{"format", "pt"}});
}

void probe_forward(const ProbeForwardOptions& options) {
  const at::Device device = engine::parse_device(options.device);
  const auto inputs = read_tensors(options.inputs);
  const auto checkpoint = checkpoint::open_checkpoint(options.model, options.config);
  const auto model = model::BridgeTower::load(checkpoint, model::resolve_config(checkpoint),
                                              {device, engine::scalar_type(options.dtype)});
  try {
    write_tensors(options.out, model::run_inference([&] { return forward_stages(model, inputs); }));
  } catch (const Error& error) {
    throw error.with_context({options.inputs.string(), "", std::nullopt});
  }
}

}  // namespace bteval::app
