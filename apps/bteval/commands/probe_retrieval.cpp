// `bteval probe retrieval`: tensors in, the matrices of both retrieval protocols out.
#include "tasks/probe_retrieval.h"

#include <map>
#include <memory>
#include <string>

#include "commands/commands.h"

namespace bteval::app {

void setup_probe_retrieval(CLI::App& probe) {
  auto options = std::make_shared<ProbeRetrievalOptions>();
  auto config = std::make_shared<std::string>();
  CLI::App& command = *probe.add_subcommand(
      "retrieval", "Run the retrieval protocols on the tensors of a safetensors file and write all matrices");
  command.add_option("--model", options->model, "Checkpoint: file or Hugging Face folder")->required();
  command.add_option("--config", *config,
                     "config.json in the Hugging Face layout (default: beside the weights)");
  command
      .add_option("--inputs", options->inputs,
                  "safetensors with pixel_values, input_ids, attention_mask and text_image_index")
      ->required();
  command.add_option("--top-k", options->top_k, "Candidates of each direction")
      ->required()
      ->check(CLI::Range(1, 1'000'000'000));
  command.add_option("--out", options->out, "safetensors file to write")->required();
  command.add_option("--device", options->engine.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  const std::map<std::string, engine::DataType> dtypes = {{"fp32", engine::DataType::kFloat32},
                                                          {"bf16", engine::DataType::kBFloat16},
                                                          {"fp16", engine::DataType::kFloat16}};
  command.add_option("--dtype", options->engine.dtype, "fp32, bf16 or fp16 (default: fp32)")
      ->transform(CLI::CheckedTransformer(dtypes));
  command.callback([options, config] {
    if (!config->empty()) options->config = *config;
    probe_retrieval(*options);
  });
}

}  // namespace bteval::app
