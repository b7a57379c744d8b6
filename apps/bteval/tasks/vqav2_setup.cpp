#include "tasks/vqav2_setup.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "core/version.h"
#include "datasets/image_check.h"
#include "metrics/vqa_scorer.h"
#include "reports/signature.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

// BridgeTower's fine-tuning on VQAv2 (its paper, appendix): 576 x 576 pixels, 50 tokens.
constexpr int kDefaultImageSize = 576;
constexpr std::uint32_t kDefaultMaxLength = 50;

datasets::Vqav2 open_data(const EvalOptions& options) {
  datasets::Vqav2Options data;
  data.root = options.data;
  data.split = options.split;
  return datasets::open_vqav2(data);
}

std::uint64_t file_bytes(const fs::path& path) {
  std::error_code ignored;
  const auto size = fs::file_size(path, ignored);
  return ignored ? 0 : size;
}

const char* resize_order_name(const engine::EngineOptions& engine) {
  return engine.transform.pass_order == image::PassOrder::kPillow13 ? "pillow-13" : "horizontal-first";
}

OrderedJson options_json(const Vqav2Setup& setup, const EvalOptions& options) {
  const engine::EngineOptions& engine = setup.engine;
  // The device's type decides the bits, its number does not.
  const std::string device = engine.device.substr(0, engine.device.find(':'));
  return {{"scorer", options.scorer},
          {"transform", image::transform_name(engine.transform.kind)},
          {"image_size_px", engine.transform.size_px},
          {"resize_order", resize_order_name(engine)},
          {"transform_from", setup.transform_source},
          {"max_length", engine.max_length},
          {"max_length_from", setup.max_length_source},
          {"vocabulary_from", setup.vocabulary.source},
          {"family", model::family_name(setup.config.family)},
          {"cross_layer_norm_eps", setup.config.cross_layer_norm_eps},
          {"device", device},
          {"dtype", engine::data_type_name(engine.dtype)},
          {"threads", engine.threads},
          {"batch_size", engine.pairs_per_batch},
          {"images_per_unit", engine.plan.images_per_unit},
          {"samples_per_unit", engine.plan.samples_per_unit},
          {"on_bad_image", engine.on_bad_image == engine::OnBadImage::kFail ? "fail" : "wrong"},
          {"limit", engine.plan.limit}};
}

std::string signature(const Vqav2Setup& setup, const EvalOptions& options,
                      const records::RunManifest& manifest) {
  reports::Signature line(manifest.task);
  line.add("split", manifest.split).add("scorer", options.scorer);
  line.add("n", static_cast<std::int64_t>(setup.plan.num_samples()));
  if (setup.engine.plan.limit != 0) line.add("limit", static_cast<std::int64_t>(setup.engine.plan.limit));
  line.add("image", fmt::format("{}-{}", image::transform_name(setup.engine.transform.kind),
                                setup.engine.transform.size_px));
  if (setup.engine.transform.pass_order == image::PassOrder::kPillow13) line.add("resize", "pillow-13");
  line.add("tokens", setup.engine.max_length);
  line.add("model", model::family_name(setup.config.family));
  line.add("dtype", engine::data_type_name(setup.engine.dtype));
  for (const records::SourceFile& input : manifest.inputs) line.add_sha256(input.role, input.sha256);
  return line.add("bteval", version()).line();
}

}  // namespace

Vqav2Setup open_vqav2_setup(const EvalOptions& options) {
  metrics::vqa_variant(options.scorer);  // a wrong name is known before anything is read
  engine::EngineOptions engine = options.engine;
  checkpoint::Checkpoint checkpoint = checkpoint::open_checkpoint(options.model, options.config);
  const model::ModelConfig config = model::resolve_config(checkpoint);
  const auto transform = choose_transform(options, checkpoint, config, kDefaultImageSize);
  const auto max_length = choose_max_length(options, checkpoint, kDefaultMaxLength);
  engine.transform = transform.value;
  engine.max_length = max_length.value;
  engine.resolve();
  if (engine.max_length > config.max_text_tokens()) {
    throw Error(ErrorCode::kUsage,
                fmt::format("--max-length {} is more than the model's {} positions for tokens",
                            engine.max_length, config.max_text_tokens()));
  }
  auto tokenizer_folder = choose_tokenizer_folder(options);
  text::Tokenizer tokenizer = load_tokenizer(tokenizer_folder.value, config);
  datasets::Vqav2 data = open_data(options);
  auto vocabulary = choose_vocabulary(options);
  engine::PairPlan plan(data.samples, engine.plan);
  if (engine.on_bad_image == engine::OnBadImage::kFail) datasets::require_images(data.samples);
  return {std::move(data),      std::move(checkpoint), config, std::move(tokenizer_folder),
          std::move(tokenizer), std::move(vocabulary), engine, transform.source,
          max_length.source,    std::move(plan)};
}

records::RunManifest describe(const Vqav2Setup& setup, const EvalOptions& options) {
  records::RunManifest manifest;
  manifest.task = options.task;
  manifest.split = setup.data.data_subtype.empty() ? setup.data.split : setup.data.data_subtype;
  std::uint64_t weight_bytes = 0;
  for (const fs::path& file : setup.checkpoint.files) weight_bytes += file_bytes(file);
  manifest.inputs.push_back(
      {"checkpoint", setup.checkpoint.path.string(), checkpoint_sha256(setup.checkpoint), weight_bytes});
  if (const fs::path file = setup.checkpoint.config_source; !file.empty()) {
    manifest.inputs.push_back(
        {"config", file.string(), sha256_file(file, ErrorCode::kCheckpoint), file_bytes(file)});
  }
  manifest.inputs.push_back(
      {"tokenizer", setup.tokenizer_folder.value.string(), setup.tokenizer.sha256(), 0});
  for (const records::SourceFile& file : setup.data.files) manifest.inputs.push_back(file);
  manifest.inputs.push_back({"vocabulary", setup.vocabulary.path, setup.vocabulary.value.sha256(), 0});
  manifest.options = options_json(setup, options);
  manifest.refused = OrderedJson::array();
  manifest.command = options.command;
  manifest.signature = signature(setup, options, manifest);
  return manifest;
}

}  // namespace bteval::app
