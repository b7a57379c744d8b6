// `bteval probe forward`: tensors in, tensors of every stage out.
#include "tasks/probe_forward.h"

#include <memory>

#include "commands/commands.h"

namespace bteval::app {

void setup_probe_forward(CLI::App& probe) {
  auto options = std::make_shared<ProbeForwardOptions>();
  auto config = std::make_shared<std::string>();
  CLI::App& command = *probe.add_subcommand(
      "forward", "Run the model on the tensors of a safetensors file and write every stage's output");
  command.add_option("--model", options->model, "Checkpoint: file or Hugging Face folder")->required();
  command.add_option("--config", *config,
                     "config.json in the Hugging Face layout (default: beside the weights)");
  command
      .add_option(
          "--inputs", options->inputs,
          "safetensors with input_ids, attention_mask, pixel_values and, if wanted, pixel_values_2 and "
          "pixel_values_interp")
      ->required();
  command.add_option("--out", options->out, "safetensors file to write")->required();
  command.add_option("--device", options->device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  const std::map<std::string, engine::DataType> dtypes = {{"fp32", engine::DataType::kFloat32},
                                                          {"bf16", engine::DataType::kBFloat16},
                                                          {"fp16", engine::DataType::kFloat16}};
  command.add_option("--dtype", options->dtype, "fp32, bf16 or fp16 (default: fp32)")
      ->transform(CLI::CheckedTransformer(dtypes));
  command.callback([options, config] {
    if (!config->empty()) options->config = *config;
    probe_forward(*options);
  });
}

}  // namespace bteval::app
