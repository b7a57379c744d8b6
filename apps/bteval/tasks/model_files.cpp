#include "tasks/model_files.h"

#include "core/checked.h"
#include "core/error.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPreprocessor = "preprocessor_config.json";
// Far above what any position embedding has; beyond them is no meaning but damage.
constexpr int kMaxImageSize = 8192, kMaxTextLength = 1 << 20;

fs::path folder_of(const fs::path& model) { return fs::is_directory(model) ? model : model.parent_path(); }

bool has_tokenizer(const fs::path& folder) {
  return fs::exists(folder / "tokenizer.json") ||
         (fs::exists(folder / "vocab.json") && fs::exists(folder / "merges.txt"));
}

/// A Lightning file's options: they stand under "config" in the published checkpoints.
const Json* hyper_parameter(const checkpoint::Checkpoint& checkpoint, const char* key) {
  const Json* parameters = &checkpoint.hyper_parameters;
  if (parameters->is_object() && parameters->contains("config")) parameters = &(*parameters)["config"];
  if (!parameters->is_object()) return nullptr;
  const auto found = parameters->find(key);
  return found == parameters->end() ? nullptr : &*found;
}

/// A hyper-parameter that is a number: it must be a whole one from 1 to `most`.
std::optional<int> whole_number(const checkpoint::Checkpoint& checkpoint, const char* key, int most) {
  const Json* value = hyper_parameter(checkpoint, key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  if (holds_integer<int>(*value) && value->get<int>() >= 1 && value->get<int>() <= most)
    return value->get<int>();
  throw Error(
      ErrorCode::kCheckpoint,
      fmt::format("hyper_parameters: {} is {}, no whole number from 1 to {}", key, value->dump(), most),
      {checkpoint.path.string(), "", std::nullopt});
}

/// What the key means in keys_to_transforms() of METER and BridgeTower; empty for the keys whose
/// normalisation or random augmentation bteval does not have.
std::optional<image::Transform> transform_of_key(std::string_view key) {
  if (key == "clip") return image::Transform::kCenterCrop;
  if (key == "blip") return image::Transform::kSquare;
  return std::nullopt;
}

/// The transform that an official checkpoint was evaluated with while it was trained; empty where it does not
/// say. A list of several keys makes several views of an image, of which the published models read the first.
std::optional<image::Transform> trained_transform(const checkpoint::Checkpoint& checkpoint) {
  const Json* keys = hyper_parameter(checkpoint, "val_transform_keys");
  if (keys == nullptr || !keys->is_array() || keys->empty() || !keys->front().is_string())
    return std::nullopt;
  const auto key = keys->front().get<std::string>();
  if (const auto kind = transform_of_key(key)) return kind;
  throw Error(
      ErrorCode::kUsage,
      fmt::format("the checkpoint was evaluated with the image transform \"{}\" (val_transform_keys), "
                  "which bteval does not have: name another one with --transform",
                  printable(key, 40)),
      {checkpoint.path.string(), "", std::nullopt});
}

Chosen<image::Transform> choose_kind(const EvalOptions& options, const checkpoint::Checkpoint& checkpoint,
                                     const model::ModelConfig& config) {
  if (!options.transform.empty()) {
    if (const auto kind = image::parse_transform(options.transform)) return {*kind, "option"};
    throw Error(ErrorCode::kUsage, fmt::format("there is no transform \"{}\": use square, center_crop or hf",
                                               printable(options.transform, 40)));
  }
  if (config.family == model::Family::kHuggingFace) {
    const bool described = fs::exists(folder_of(options.model) / kPreprocessor);
    return {image::Transform::kHf, described ? kPreprocessor : "family default"};
  }
  if (const auto kind = trained_transform(checkpoint)) return {*kind, "hyper_parameters"};
  // METER's configurations all evaluate with "clip", BridgeTower's fine-tuning scripts with "blip".
  if (config.architecture == model::Architecture::kMeter)
    return {image::Transform::kCenterCrop, "architecture default"};
  return {image::Transform::kSquare, "family default"};
}

Chosen<int> choose_size(const EvalOptions& options, const checkpoint::Checkpoint& checkpoint,
                        const model::ModelConfig& config, int default_size_px) {
  if (options.image_size_px != 0) return {options.image_size_px, "option"};
  const auto own = checked_cast<int>(config.image_size, "the image size", ErrorCode::kCheckpoint);
  if (config.family == model::Family::kHuggingFace) {
    const fs::path file = folder_of(options.model) / kPreprocessor;
    if (!fs::exists(file)) return {own, "family default"};
    const Json json = read_json(file, ErrorCode::kCheckpoint);
    const auto size = json_member<Json>(json, "size", file.string(), "preprocessor", ErrorCode::kCheckpoint);
    return {json_member<int>(size, "shortest_edge", file.string(), "size", ErrorCode::kCheckpoint),
            kPreprocessor};
  }
  if (const auto size = whole_number(checkpoint, "image_size", kMaxImageSize))
    return {*size, "hyper_parameters"};
  // METER's sizes are other ones than BridgeTower's (NLVR2 was evaluated with 288): its position embedding
  // has the one that it was trained with.
  if (config.architecture == model::Architecture::kMeter) return {own, "position embedding"};
  return {default_size_px, "family default"};
}

}  // namespace

Chosen<fs::path> choose_tokenizer_folder(const EvalOptions& options) {
  if (!options.tokenizer.empty()) return {options.tokenizer, "option"};
  const fs::path beside = folder_of(options.model);
  if (has_tokenizer(beside)) return {beside, "model"};
  throw Error(
      ErrorCode::kUsage,
      fmt::format(
          "{} has no tokenizer files: give --tokenizer DIR with RoBERTa's tokenizer.json, or vocab.json "
          "and merges.txt",
          printable(beside.string())));
}

text::Tokenizer load_tokenizer(const fs::path& folder, const model::ModelConfig& config) {
  text::Tokenizer tokenizer = text::Tokenizer::load(folder);
  if (static_cast<std::int64_t>(tokenizer.vocab_size()) > config.vocab_size) {
    throw Error(
        ErrorCode::kCheckpoint,
        fmt::format("the tokenizer has {} tokens, but the model's text embedding only {} rows: it is another "
                    "model's tokenizer",
                    tokenizer.vocab_size(), config.vocab_size),
        {folder.string(), "", std::nullopt});
  }
  if (tokenizer.pad_id() != config.pad_token_id) {
    throw Error(ErrorCode::kCheckpoint,
                fmt::format("the tokenizer pads with id {}, the model with {}", tokenizer.pad_id(),
                            config.pad_token_id),
                {folder.string(), "", std::nullopt});
  }
  return tokenizer;
}

Chosen<image::TransformOptions> choose_transform(const EvalOptions& options,
                                                 const checkpoint::Checkpoint& checkpoint,
                                                 const model::ModelConfig& config, int default_size_px) {
  const auto kind = choose_kind(options, checkpoint, config);
  const auto size = choose_size(options, checkpoint, config, default_size_px);
  Chosen<image::TransformOptions> chosen{{kind.value, size.value, options.resize_order}, kind.source};
  if (kind.source != size.source)
    chosen.source = fmt::format("{} (transform), {} (image size)", kind.source, size.source);
  if (size.value > kMaxImageSize) {
    throw Error(ErrorCode::kUsage, fmt::format("the image size {} (from {}) is more than the limit of {}",
                                               size.value, size.source, kMaxImageSize));
  }
  if (size.value <= 0 || size.value % config.patch_size != 0) {
    const std::int64_t patch = config.patch_size;
    const std::int64_t below = size.value / patch * patch;
    throw Error(
        ErrorCode::kUsage,
        fmt::format(
            "the image size {} (from {}) is no multiple of the patch size {}: give --image-size {} or {}",
            size.value, size.source, patch, below > 0 ? below : patch, below + patch));
  }
  return chosen;
}

Chosen<std::uint32_t> choose_max_length(const EvalOptions& options, const checkpoint::Checkpoint& checkpoint,
                                        std::uint32_t default_length) {
  if (options.max_length != 0) return {options.max_length, "option"};
  if (const auto length = whole_number(checkpoint, "max_text_len", kMaxTextLength))
    return {static_cast<std::uint32_t>(*length), "hyper_parameters"};
  return {default_length, "published default"};
}

}  // namespace bteval::app
