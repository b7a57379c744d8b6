// `bteval bench`: throughput, latency and where the time goes.
#include "tasks/bench.h"

#include <map>
#include <memory>
#include <string>

#include "commands/commands.h"
#include "model/savings.h"

namespace bteval::app {
namespace {

void add_model(CLI::App& command, BenchOptions& options, std::string& config) {
  command.add_option("--model", options.model, "Checkpoint (default: random weights)");
  command.add_option("--config", config,
                     "config.json in the Hugging Face layout (default: beside the weights)");
  command.add_option("--shape", options.shape, "Size of random weights: base, large or small")
      ->capture_default_str();
  command.add_option("--head", options.head, "vqa or itm")->capture_default_str();
  command.add_option("--seed", options.seed, "Of random weights and inputs")->capture_default_str();
}

void add_work(CLI::App& command, BenchOptions& options) {
  command.add_option("--images", options.images, "Images of one repeat")->capture_default_str();
  command.add_option("--texts-per-image", options.texts_per_image, "Texts for each image")
      ->capture_default_str();
  command.add_option("--tokens", options.tokens, "Tokens of each text (default: 7 to 14)");
  command.add_option("--image-size", options.engine.transform.size_px, "Side of the model's input in pixels")
      ->capture_default_str();
  command.add_option("--queries", options.queries, "latency: queries of one repeat")->capture_default_str();
  command.add_option("--image-folder", options.image_folder,
                     "input, end-to-end: folder of JPEG and PNG files");
  command.add_option("--tokenizer", options.tokenizer, "input, end-to-end: folder (default: the model's)");
  command.add_option("--inputs", options.inputs,
                     "safetensors with pixel_values, input_ids, attention_mask and image_of_text");
  command.add_option("--outputs", options.outputs, "throughput: safetensors to write the logits to");
}

void add_how(CLI::App& command, BenchOptions& options, std::string& dtype) {
  engine::EngineOptions& engine = options.engine;
  command.add_option("--device", engine.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  command.add_option("--dtype", dtype, "fp32, bf16 or fp16")->capture_default_str();
  command.add_option("--threads", engine.threads, "CPU compute threads (default: all cores)");
  command.add_option("--loader-threads", engine.loader_threads, "end-to-end: image decoding threads");
  command.add_option("--batch-size", engine.pairs_per_batch, "Pairs of one fusion pass");
  command.add_option("--images-per-unit", engine.plan.images_per_unit,
                     "Images of one pass of the image tower");
  command.add_option("--repeats", options.repeats, "Timed repeats")->capture_default_str();
  command.add_option("--warmup", options.warm_up, "Runs before them")->capture_default_str();
  std::string names;
  for (const model::NamedSaving& saving : model::all_savings())
    names += (names.empty() ? "" : ", ") + std::string(saving.name);
  command.add_option("--without", options.without, "Saving to turn off, repeatable: " + names)
      ->allow_extra_args(false);
  command.add_flag("--compare", options.compare, "throughput: time all savings on in turns with --without");
  const std::map<std::string, engine::StageClock> clocks = {{"wall", engine::StageClock::kWall},
                                                            {"processor", engine::StageClock::kProcessor}};
  command
      .add_option("--clock", options.clock,
                  "throughput: wall, or processor for one thread on a busy machine (default: wall)")
      ->transform(CLI::CheckedTransformer(clocks));
  command.add_flag("--paced", options.paced,
                   "throughput: a repeat for each line on standard input, its seconds as a line of JSON");
  command.add_option("--json", options.json, "File to write the result to");
}

}  // namespace

void setup_bench(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("bench", "Time a model on this machine");
  const auto options = std::make_shared<BenchOptions>();
  options->engine.transform.size_px = 384;
  const auto config = std::make_shared<std::string>();
  const auto dtype = std::make_shared<std::string>("fp32");
  const std::map<std::string, BenchMode> modes = {{"throughput", BenchMode::kThroughput},
                                                  {"latency", BenchMode::kLatency},
                                                  {"input", BenchMode::kInput},
                                                  {"end-to-end", BenchMode::kEndToEnd}};
  command.add_option("mode", options->mode, "throughput, latency, input or end-to-end (default: throughput)")
      ->transform(CLI::CheckedTransformer(modes));
  add_model(command, *options, *config);
  add_work(command, *options);
  add_how(command, *options, *dtype);
  command.callback([options, config, dtype] {
    if (!config->empty()) options->config = *config;
    options->engine.dtype = engine::parse_data_type(*dtype);
    run_bench(*options);
  });
}

}  // namespace bteval::app
