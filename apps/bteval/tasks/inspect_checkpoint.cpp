#include "tasks/inspect_checkpoint.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "model/bridgetower.h"
#include "model/key_map.h"

namespace bteval::app {
namespace {

using checkpoint::Checkpoint;
using checkpoint::TensorView;

OrderedJson file_list(const Checkpoint& checkpoint) {
  OrderedJson files = OrderedJson::array();
  for (const auto& path : checkpoint.files) {
    files.push_back({{"name", path.filename().string()}, {"bytes", std::filesystem::file_size(path)}});
  }
  return files;
}

OrderedJson dtype_counts(const Checkpoint& checkpoint) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> counts;  // tensors, elements
  for (const auto& [name, view] : checkpoint.tensors) {
    auto& [tensors, elements] = counts[checkpoint::dtype_name(view.dtype)];
    ++tensors;
    elements += view.numel();
  }
  OrderedJson json = OrderedJson::object();
  for (const auto& [dtype, count] : counts) {
    json[dtype] = {{"tensors", count.first}, {"elements", count.second}};
  }
  return json;
}

const char* link_tower_name(const model::ModelConfig& c) {
  if (c.architecture == model::Architecture::kMeter || c.num_cross_layers < 2) return "none";
  if (c.link_tower == model::LinkTower::kAdd) return "add";
  return c.link_tower == model::LinkTower::kScaledAdd ? "scaled_add" : "interpolate";
}

OrderedJson sizes(const model::ModelConfig& c) {
  return {{"hidden_size", c.hidden_size},
          {"num_heads", c.num_heads},
          {"num_cross_layers", c.num_cross_layers},
          {"ffn_size", c.ffn_size},
          {"text_layers", c.text_layers},
          {"text_width", c.text_width},
          {"text_heads", c.text_heads},
          {"text_ffn_size", c.text_ffn_size},
          {"vocab_size", c.vocab_size},
          {"max_text_tokens", c.max_text_tokens()},
          {"vision_layers", c.vision_layers},
          {"vision_width", c.vision_width},
          {"vision_heads", c.vision_heads()},
          {"vision_ffn_size", c.vision_ffn_size},
          {"image_size", c.image_size},
          {"patch_size", c.patch_size},
          {"token_type_rows", c.token_type_rows},
          {"link_tower", link_tower_name(c)},
          {"cross_layer_norm_eps", c.cross_layer_norm_eps}};
}

/// The heads and how many outputs each has: rows of the last of these weights that is there.
OrderedJson heads_present(const std::map<std::string, TensorView>& canonical) {
  struct Head {
    const char* name;
    std::array<const char*, 2> weights;
  };
  static constexpr std::array kHeads = {
      Head{"vqa", {"vqa_classifier.0.weight", "vqa_classifier.3.weight"}},
      Head{"nlvr2", {"nlvr2_classifier.0.weight", "nlvr2_classifier.3.weight"}},
      Head{"snli", {"snli_classifier.0.weight", "snli_classifier.3.weight"}},
      Head{"itm", {"itm_score.fc.weight", ""}},
      Head{"rank_output", {"rank_output.weight", ""}},
      Head{"mlm", {"mlm_score.bias", "mlm_score.decoder.weight"}},
      Head{"itc_text", {"itc_text_head.fc.weight", ""}},
      Head{"itc_image", {"itc_image_head.fc.weight", ""}},
      Head{"itc_cross_modal", {"itc_cross_modal_head.fc.weight", ""}},
  };
  OrderedJson json = OrderedJson::object();
  for (const Head& head : kHeads) {
    for (const char* weight : head.weights) {
      const auto found = canonical.find(weight);
      if (found != canonical.end() && !found->second.shape.empty()) json[head.name] = found->second.shape[0];
    }
  }
  return json;
}

/// What evaluation depends on, of the options that a Lightning file was trained with.
OrderedJson interesting_hyper_parameters(const Json& all) {
  static constexpr std::array kNames = {
      "model_type",       "meter_fusion",    "group_name",      "vit",
      "tokenizer",        "image_size",      "patch_size",      "val_transform_keys",
      "max_text_len",     "num_heads",       "num_layers",      "num_top_layer",
      "mlp_ratio",        "vit_remove_last", "link_tower_type", "image_chunks",
      "vqav2_label_size", "k_test",          "loss_names"};
  OrderedJson chosen = OrderedJson::object();
  if (!all.is_object()) return chosen;
  const Json& config = all.contains("config") && all["config"].is_object() ? all["config"] : all;
  for (const char* name : kNames) {
    if (!config.contains(name)) continue;
    if (std::string_view(name) != "loss_names" || !config[name].is_object()) {
      chosen[name] = config[name];
      continue;
    }
    OrderedJson losses = OrderedJson::array();  // the tasks it was trained on
    for (const auto& [loss, weight] : config[name].items()) {
      if (weight.is_number() && weight.get<double>() > 0) losses.push_back(loss);
    }
    chosen[name] = losses;
  }
  return chosen;
}

/// Building on the meta device reads and checks every parameter, and keeps none.
void check_parameters(const Checkpoint& checkpoint, const model::ModelConfig& config) {
  model::LoadOptions options;
  options.device = at::kMeta;
  model::BridgeTower::load(checkpoint, config, options);
}

void describe_model(const Checkpoint& checkpoint, OrderedJson& report) {
  const auto family = model::detect_family(checkpoint);
  std::map<std::string, TensorView> canonical;
  OrderedJson unused = OrderedJson::array();
  std::int64_t parameters = 0;
  if (family) {
    for (const auto& [name, view] : checkpoint.tensors) {
      const auto key = model::canonical_key(*family, name);
      if (!key || key->name.starts_with("text_model.pooler.")) {
        unused.push_back(printable(name, 1000));
        continue;
      }
      parameters += view.numel();
      canonical.emplace(key->name, view);
    }
  }
  const model::ModelConfig config = model::resolve_config(checkpoint);
  report["architecture"] = model::architecture_name(config.architecture);
  if (config.architecture == model::Architecture::kMeter) report["gated"] = config.gated;
  report["family"] = model::family_name(config.family);
  report["parameters"] = parameters;
  report["sizes"] = sizes(config);
  report["heads"] = heads_present(canonical);
  report["unused"] = unused;
  const OrderedJson hyper = interesting_hyper_parameters(checkpoint.hyper_parameters);
  if (!hyper.empty()) report["hyper_parameters"] = hyper;
  check_parameters(checkpoint, config);
}

std::string in_words(const OrderedJson& value) {
  if (value.is_string()) return printable(value.get<std::string>(), 4096);
  if (value.is_array()) {
    std::vector<std::string> items;
    for (const auto& item : value) items.push_back(in_words(item));
    return items.empty() ? "none" : fmt::format("{}", fmt::join(items, ", "));
  }
  return printable(value.dump(), 4096);
}

}  // namespace

Inspection inspect_checkpoint(const InspectOptions& options) {
  const Checkpoint checkpoint = checkpoint::open_checkpoint(options.model, options.config);
  Inspection inspection;
  OrderedJson& report = inspection.report;
  report["path"] = checkpoint.path.string();
  report["format"] = checkpoint::format_name(checkpoint.format);
  report["files"] = file_list(checkpoint);
  report["sha256"] = checkpoint::checkpoint_sha256(checkpoint);
  if (checkpoint.config) report["config_source"] = checkpoint.config_source;
  if (!checkpoint.metadata.empty()) report["metadata"] = checkpoint.metadata;
  report["tensors"] = checkpoint.tensors.size();
  report["dtypes"] = dtype_counts(checkpoint);
  try {
    describe_model(checkpoint, report);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCheckpoint) throw;
    inspection.fault = error;
  }
  report["loads"] = !inspection.fault.has_value();
  return inspection;
}

std::string inspection_text(const OrderedJson& report) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [name, value] : report.items()) {
    if (name == "files") {
      for (const auto& file : value) {
        lines.emplace_back("file",
                           fmt::format("{} ({} bytes)", in_words(file["name"]), in_words(file["bytes"])));
      }
    } else if (name == "dtypes") {
      for (const auto& [dtype, count] : value.items()) {
        lines.emplace_back(dtype, fmt::format("{} tensors, {} elements", in_words(count["tensors"]),
                                              in_words(count["elements"])));
      }
    } else if (name == "loads") {
      lines.emplace_back(name, value.get<bool>() ? "yes" : "no");
    } else if (value.is_object()) {
      if (value.empty()) lines.emplace_back(name, "none");
      for (const auto& [member, item] : value.items()) {
        lines.emplace_back(name == "sizes" ? member : fmt::format("{}.{}", name, member), in_words(item));
      }
    } else {
      lines.emplace_back(name, in_words(value));
    }
  }
  std::size_t width = 0;
  for (const auto& [name, value] : lines) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : lines) text += fmt::format("{:<{}}  {}\n", name, width, value);
  return text;
}

}  // namespace bteval::app
