#include "model/config.h"

#include <cmath>

#include "core/error.h"
#include "model/config_check.h"
#include "model/key_map.h"
#include "model/shape_table.h"

namespace bteval::model {
namespace {

constexpr std::int64_t kChannelsPerHead = 64;
constexpr std::int64_t kMaxImageSize = 8192;  // pixels; published models have up to 1,024

/// A place where a number may stand that shapes do not tell; the first one that has it decides.
struct Source {
  const Json* object;
  const char* key;
};

const Json* find(const Json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(key);
  return found == object->end() || found->is_null() ? nullptr : &*found;
}

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  double number(std::initializer_list<Source> sources, double otherwise) const {
    for (const Source& source : sources) {
      const Json* value = find(source.object, source.key);
      if (value == nullptr) continue;
      if (!value->is_number())
        fail(fmt::format("{} is no number: {}", source.key, printable(value->dump(), 40)));
      return value->get<double>();
    }
    return otherwise;
  }

  std::int64_t whole(std::initializer_list<Source> sources, std::int64_t otherwise) const {
    const double value = number(sources, static_cast<double>(otherwise));
    if (value != std::floor(value) || std::abs(value) > 1e9)
      fail(fmt::format("{} is no usable whole number", value));
    return static_cast<std::int64_t>(value);
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorCode::kCheckpoint, message, {file_, "", std::nullopt});
  }

  void positive_eps(double eps) const {
    if (!(eps > 0.0) || eps > 1.0) fail(fmt::format("layer_norm_eps {} makes no sense", eps));
  }

  void heads(const char* what, std::int64_t width, std::int64_t heads) const {
    if (heads <= 0 || width % heads != 0)
      fail(fmt::format("{} attention heads do not divide the {} width {}", heads, what, width));
  }

 private:
  std::string file_;
};

void read_sizes(ShapeTable& shapes, ModelConfig& c) {
  c.gated = c.architecture == Architecture::kMeter &&
            (shapes.has_prefix("text_gate.") || shapes.has_prefix("image_gate."));
  c.hidden_size = shapes.size("token_type_embeddings.weight", 2, 1);
  c.token_type_rows = shapes.size("token_type_embeddings.weight", 2, 0);
  c.num_cross_layers = shapes.count_layers("cross_modal_text_layers.");
  if (c.num_cross_layers > 0) {
    c.ffn_size = shapes.size("cross_modal_text_layers.0.intermediate.dense.weight", 2, 0);
  }
  c.vocab_size = shapes.size("text_model.embeddings.word_embeddings.weight", 2, 0);
  c.text_width = shapes.size("text_model.embeddings.word_embeddings.weight", 2, 1);
  c.max_positions = shapes.size("text_model.embeddings.position_embeddings.weight", 2, 0);
  c.text_layers = shapes.count_layers("text_model.encoder.layer.");
  c.text_ffn_size = shapes.size("text_model.encoder.layer.0.intermediate.dense.weight", 2, 0);
  c.vision_width = shapes.size("vision_model.visual.embeddings.patch_embedding.weight", 4, 0);
  c.patch_size = shapes.size("vision_model.visual.embeddings.patch_embedding.weight", 4, 3);
  c.vision_layers = shapes.count_layers("vision_model.visual.transformer.resblocks.");
  c.vision_ffn_size = shapes.size("vision_model.visual.transformer.resblocks.0.mlp.c_fc.weight", 2, 0);
  const std::int64_t positions =
      shapes.size("vision_model.visual.embeddings.position_embedding.weight", 2, 0);
  shapes.finish();
  c.image_size =
      static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(positions - 1)))) * c.patch_size;
  if (shapes.mentions("link_tower.0.scaled_factor")) c.link_tower = LinkTower::kScaledAdd;
  if (shapes.mentions("link_tower.0.beta")) c.link_tower = LinkTower::kInterpolate;
}

void check_structure(const Reader& reader, ShapeTable& shapes, const ModelConfig& c) {
  const std::int64_t side = c.image_size / c.patch_size;
  const std::int64_t positions =
      shapes.size("vision_model.visual.embeddings.position_embedding.weight", 2, 0);
  if (side < 1 || side * side + 1 != positions) {
    reader.fail(fmt::format("{} position embeddings are no square of patches and a class token", positions));
  }
  if (c.image_size > kMaxImageSize) {
    reader.fail(fmt::format("has images of {0} x {0} pixels, more than the limit of {1} x {1}", c.image_size,
                            kMaxImageSize));
  }
  const bool bridged = c.architecture == Architecture::kBridgeTower;
  if (bridged && c.text_layers != c.vision_layers) {
    reader.fail(fmt::format(
        "the towers have {} text and {} vision layers: the bridges need equally many (remove_last_layer "
        "belongs to vision towers declared one layer deeper)",
        c.text_layers, c.vision_layers));
  }
  if (bridged && c.num_cross_layers > c.text_layers) {
    reader.fail(fmt::format("{} cross-modal layers cannot be bridged to {} tower layers", c.num_cross_layers,
                            c.text_layers));
  }
  const std::int64_t image_layers = shapes.count_layers("cross_modal_image_layers.");
  if (image_layers != c.num_cross_layers) {
    reader.fail(fmt::format("has {} text and {} image cross-modal layers", c.num_cross_layers, image_layers));
  }
  const bool equal_widths = c.text_width == c.hidden_size && c.vision_width == c.hidden_size;
  if (c.num_cross_layers == 0 && c.family == Family::kHuggingFace) {
    reader.fail("has no cross-modal layers: transformers cannot run that");
  }
  if (c.num_cross_layers == 0 && !equal_widths) {
    reader.fail(fmt::format(
        "has no cross-modal layers: the poolers then read the towers' own outputs, and must be as wide as "
        "they are (text {}, vision {}, hidden size {})",
        c.text_width, c.vision_width, c.hidden_size));
  }
  if (c.gated && !equal_widths) {
    reader.fail(fmt::format(
        "is a METER with gates (meter_fusion), which map each tower's outputs to the hidden size's "
        "width: they cannot do that for widths {} (text) and {} (vision) beside {}",
        c.text_width, c.vision_width, c.hidden_size));
  }
  const std::string segments = "text_model.embeddings.token_type_embeddings.weight";
  if (shapes.has(segments) && shapes.size(segments, 2, 0) > 1) {
    reader.fail("has a text tower of several token types, as BERT's is: only RoBERTa is supported");
  }
  shapes.finish();
  if (c.token_type_rows < 2) reader.fail("token_type_embeddings needs a row for text and one for images");
  if (c.vision_width % kChannelsPerHead != 0) {
    reader.fail(fmt::format("the vision width {} is no multiple of {} channels a head", c.vision_width,
                            kChannelsPerHead));
  }
}

// The configuration of a Lightning file stands under "config" (save_hyperparameters of the official code) or
// directly.
const Json* hyper_parameters(const Json& all) {
  if (const Json* config = find(&all, "config"); config != nullptr && config->is_object()) return config;
  return all.is_object() ? &all : nullptr;
}

std::int64_t default_heads(std::int64_t width) { return std::max<std::int64_t>(1, width / kChannelsPerHead); }

// transformers builds its cross-modal layers from text_config: heads and eps come from there
// (BridgeTowerModel). It writes config.json without the values that equal its defaults, of which 12 heads is
// one.
void read_hugging_face(const Reader& reader, const Json* config, const Json* text, ModelConfig& c) {
  const std::int64_t otherwise = config != nullptr ? 12 : default_heads(c.text_width);
  c.num_heads = c.text_heads = reader.whole({{text, "num_attention_heads"}}, otherwise);
  c.text_layer_norm_eps = reader.number({{text, "layer_norm_eps"}}, 1e-5);
  c.cross_layer_norm_eps = c.text_layer_norm_eps;
  c.bridge_layer_norm_eps = c.mlm_layer_norm_eps = reader.number({{config, "layer_norm_eps"}}, 1e-5);
  c.vision_layer_norm_eps = reader.number({{find(config, "vision_config"), "layer_norm_eps"}}, 1e-5);
}

// The official code leaves BERT's eps 1e-12 in the cross-modal layers and the MLM head, whatever a
// config.json made for these weights says.
void read_official(const Reader& reader, const Json* config, const Json* text, const Json* hyper,
                   ModelConfig& c) {
  c.num_heads =
      reader.whole({{config, "num_attention_heads"}, {hyper, "num_heads"}}, default_heads(c.hidden_size));
  c.text_heads = reader.whole({{text, "num_attention_heads"}}, default_heads(c.text_width));
}

}  // namespace

const char* family_name(Family family) { return family == Family::kOfficial ? "official" : "hugging-face"; }

const char* architecture_name(Architecture architecture) {
  return architecture == Architecture::kMeter ? "meter" : "bridgetower";
}

const char* model_name(const ModelConfig& config) {
  if (config.architecture == Architecture::kBridgeTower) return family_name(config.family);
  return config.gated ? "meter-gated" : "meter";
}

ModelConfig resolve_config(const checkpoint::Checkpoint& checkpoint) {
  const std::string file = checkpoint.path.string();
  const Reader reader(file);
  const auto family = detect_family(checkpoint);
  if (!family)
    reader.fail(
        "is no BridgeTower or METER checkpoint: it has neither their vision nor their text tower's "
        "parameters");

  static const Json nothing;
  const Json& config_json = checkpoint.config ? *checkpoint.config : nothing;
  const Json* config = config_json.is_object() ? &config_json : nullptr;
  const Json* text = find(config, "text_config");
  const Json* hyper = hyper_parameters(checkpoint.hyper_parameters);

  ShapeTable shapes(checkpoint, *family);
  ModelConfig c;
  c.family = *family;
  c.architecture = detect_architecture(checkpoint, *family);
  const Json& hyper_json = hyper != nullptr ? *hyper : nothing;
  refuse_unsupported(shapes, c.family, c.architecture, config_json, hyper_json, file);
  read_sizes(shapes, c);
  check_structure(reader, shapes, c);
  check_config_json(config_json, c, shapes, file);
  if (c.family == Family::kOfficial) check_hyper_parameters(hyper_json, c, file);

  c.pad_token_id = reader.whole({{text, "pad_token_id"}}, 1);
  if (*family == Family::kHuggingFace) {
    read_hugging_face(reader, config, text, c);
  } else {
    read_official(reader, config, text, hyper, c);
  }
  reader.heads("cross-modal", c.hidden_size, c.num_heads);
  reader.heads("text", c.text_width, c.text_heads);
  for (const double eps : {c.cross_layer_norm_eps, c.mlm_layer_norm_eps, c.bridge_layer_norm_eps,
                           c.text_layer_norm_eps, c.vision_layer_norm_eps}) {
    reader.positive_eps(eps);
  }
  if (c.pad_token_id < 0 || c.max_text_tokens() < 1)
    reader.fail("pad_token_id does not fit the position embeddings");
  const Json* tied = find(config, "tie_word_embeddings");
  c.tied_mlm_decoder =
      !shapes.has("mlm_score.decoder.weight") && tied != nullptr && tied->is_boolean() && tied->get<bool>();
  return c;
}

}  // namespace bteval::model
