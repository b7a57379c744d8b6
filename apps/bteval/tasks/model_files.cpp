#include "tasks/model_files.h"

#include "core/error.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

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
  Chosen<image::TransformOptions> chosen{{image::Transform::kSquare, default_size_px, {}}, "family default"};
  const fs::path preprocessor = folder_of(options.model) / "preprocessor_config.json";
  if (const Json* size = hyper_parameter(checkpoint, "image_size");
      size != nullptr && size->is_number_integer()) {
    chosen = {{image::Transform::kSquare, size->get<int>(), {}}, "hyper_parameters"};
  } else if (config.family == model::Family::kHuggingFace) {
    chosen = {{image::Transform::kHf, static_cast<int>(config.image_size), {}}, "family default"};
    if (fs::exists(preprocessor)) {
      const Json json = read_json(preprocessor, ErrorCode::kCheckpoint);
      const auto size =
          json_member<Json>(json, "size", preprocessor.string(), "preprocessor", ErrorCode::kCheckpoint);
      chosen.value.size_px =
          json_member<int>(size, "shortest_edge", preprocessor.string(), "size", ErrorCode::kCheckpoint);
      chosen.source = "preprocessor_config.json";
    }
  }
  if (!options.transform.empty()) {
    const auto kind = image::parse_transform(options.transform);
    if (!kind) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("there is no transform \"{}\": use square, center_crop or hf",
                              printable(options.transform, 40)));
    }
    chosen.value.kind = *kind;
    chosen.source = "option";
  }
  if (options.image_size_px != 0) {
    chosen.value.size_px = options.image_size_px;
    chosen.source = "option";
  }
  chosen.value.pass_order = options.resize_order;
  if (chosen.value.size_px <= 0 || chosen.value.size_px % config.patch_size != 0) {
    const std::int64_t patch = config.patch_size;
    const std::int64_t below = chosen.value.size_px / patch * patch;
    throw Error(
        ErrorCode::kUsage,
        fmt::format(
            "the image size {} (from {}) is no multiple of the patch size {}: give --image-size {} or {}",
            chosen.value.size_px, chosen.source, patch, below > 0 ? below : patch, below + patch));
  }
  return chosen;
}

Chosen<std::uint32_t> choose_max_length(const EvalOptions& options, const checkpoint::Checkpoint& checkpoint,
                                        std::uint32_t default_length) {
  if (options.max_length != 0) return {options.max_length, "option"};
  const Json* length = hyper_parameter(checkpoint, "max_text_len");
  if (length != nullptr && length->is_number_unsigned())
    return {length->get<std::uint32_t>(), "hyper_parameters"};
  return {default_length, "published default"};
}

}  // namespace bteval::app
