#include "tasks/model_setup.h"

#include "core/error.h"
#include "core/hash.h"
#include "core/version.h"
#include "engine/batch_size.h"
#include "model/key_map.h"
#include "reports/signature.h"
#include "reports/table.h"
#include "tasks/guards.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

std::uint64_t file_bytes(const fs::path& path) {
  std::error_code ignored;
  const auto size = fs::file_size(path, ignored);
  return ignored ? 0 : size;
}

std::uint64_t weight_bytes(const checkpoint::Checkpoint& checkpoint) {
  std::uint64_t bytes = 0;
  for (const fs::path& file : checkpoint.files) bytes += file_bytes(file);
  return bytes;
}

/// As `bteval inspect` counts them: elements of every tensor that the model's family has, heads included.
std::int64_t count_parameters(const checkpoint::Checkpoint& checkpoint, model::Family family) {
  std::int64_t parameters = 0;
  for (const auto& [name, view] : checkpoint.tensors) {
    const auto key = model::canonical_key(family, name);
    if (key && !key->name.starts_with("text_model.pooler.")) parameters += view.numel();
  }
  return parameters;
}

const char* resize_order_name(const engine::EngineOptions& engine) {
  return engine.transform.pass_order == image::PassOrder::kPillow13 ? "pillow-13" : "horizontal-first";
}

OrderedJson options_json(const ModelSetup& setup, const OrderedJson& task_options) {
  const engine::EngineOptions& engine = setup.engine;
  // The device's type decides the bits, its number does not, nor how many there are.
  const std::string device = engine.device.substr(0, engine.device.find_first_of(":,"));
  OrderedJson json = task_options;
  json.update({{"transform", image::transform_name(engine.transform.kind)},
               {"image_size_px", engine.transform.size_px},
               {"resize_order", resize_order_name(engine)},
               {"transform_from", setup.transform_source},
               {"max_length", engine.max_length},
               {"max_length_from", setup.max_length_source},
               {"model", model::model_name(setup.config)},
               {"family", model::family_name(setup.config.family)},
               {"cross_layer_norm_eps", setup.config.cross_layer_norm_eps},
               {"device", device},
               {"dtype", engine::data_type_name(engine.dtype)},
               {"threads", engine.threads},
               {"batch_size", engine.pairs_per_batch},
               {"images_per_unit", engine.plan.images_per_unit},
               {"samples_per_unit", engine.plan.samples_per_unit},
               {"on_bad_image", engine::on_bad_image_name(engine.on_bad_image)},
               {"limit", engine.plan.limit}});
  return json;
}

}  // namespace

std::string run_signature(const ModelSetup& setup, const TaskDescription& task,
                          const records::RunManifest& manifest) {
  const engine::EngineOptions& engine = setup.engine;
  reports::Signature line(task.task);
  line.add("split", task.split);
  for (const auto& [key, value] : task.signature) line.add(key, value);
  line.add("n", static_cast<std::int64_t>(task.num_samples));
  if (engine.plan.limit != 0) line.add("limit", static_cast<std::int64_t>(engine.plan.limit));
  if (const auto refused = manifest.counts.value("refused", std::int64_t{0}); refused > 0)
    line.add(engine.on_bad_image == engine::OnBadImage::kExclude ? "excluded" : "wrong", refused);
  line.add("image",
           fmt::format("{}-{}", image::transform_name(engine.transform.kind), engine.transform.size_px));
  if (engine.transform.pass_order == image::PassOrder::kPillow13) line.add("resize", "pillow-13");
  line.add("tokens", engine.max_length);
  line.add("model", model::model_name(setup.config));
  line.add("dtype", engine::data_type_name(engine.dtype));
  for (const records::SourceFile& input : manifest.inputs) line.add_sha256(input.role, input.sha256);
  return line.add("bteval", version()).line();
}

ModelSetup open_model_setup(const EvalOptions& options, const TaskDefaults& defaults) {
  engine::EngineOptions engine = options.engine;
  checkpoint::Checkpoint checkpoint = checkpoint::open_checkpoint(options.model, options.config);
  const model::ModelConfig config = model::resolve_config(checkpoint);
  const auto transform = choose_transform(options, checkpoint, config, defaults.image_size_px);
  const auto max_length = choose_max_length(options, checkpoint, defaults.max_length);
  engine.transform = transform.value;
  engine.max_length = max_length.value;
  engine::choose_pairs_per_batch(config, weight_bytes(checkpoint), engine);
  engine.resolve();
  if (engine.max_length > config.max_text_tokens()) {
    throw Error(ErrorCode::kUsage,
                fmt::format("--max-length {} is more than the model's {} positions for tokens",
                            engine.max_length, config.max_text_tokens()));
  }
  auto tokenizer_folder = choose_tokenizer_folder(options);
  text::Tokenizer tokenizer = load_tokenizer(tokenizer_folder.value, config);
  return {std::move(checkpoint),
          config,
          std::move(tokenizer_folder),
          std::move(tokenizer),
          std::move(engine),
          transform.source,
          max_length.source};
}

records::RunManifest describe_run(const ModelSetup& setup, const EvalOptions& options,
                                  const TaskDescription& task) {
  records::RunManifest manifest;
  manifest.task = task.task;
  manifest.split = task.split;
  manifest.inputs.push_back({"checkpoint", setup.checkpoint.path.string(),
                             checkpoint_sha256(setup.checkpoint), weight_bytes(setup.checkpoint)});
  if (const fs::path file = setup.checkpoint.config_source; !file.empty()) {
    manifest.inputs.push_back(
        {"config", file.string(), sha256_file(file, ErrorCode::kCheckpoint), file_bytes(file)});
  }
  manifest.inputs.push_back(
      {"tokenizer", setup.tokenizer_folder.value.string(), setup.tokenizer.sha256(), 0});
  for (const records::SourceFile& file : task.files) manifest.inputs.push_back(file);
  manifest.options = options_json(setup, task.options);
  if (const auto warning = training_data_warning(task.task, task.split))
    manifest.warnings.push_back(*warning);
  manifest.warnings.insert(manifest.warnings.end(), task.warnings.begin(), task.warnings.end());
  manifest.counts["parameters"] = count_parameters(setup.checkpoint, setup.config.family);
  manifest.refused = OrderedJson::array();
  manifest.command = options.command;
  manifest.signature = run_signature(setup, task, manifest);
  return manifest;
}

void print_plan(const std::vector<std::pair<std::string, std::string>>& facts,
                const records::RunManifest& manifest) {
  reports::Table table{{{"plan"}, {""}}, {}};
  for (const auto& [key, value] : facts) table.rows.push_back({key, value});
  for (const auto& [key, value] : manifest.options.items()) {
    table.rows.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  fmt::print("{}\n{}\n", reports::to_text(table), manifest.signature);
}

}  // namespace bteval::app
