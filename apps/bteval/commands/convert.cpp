// `bteval convert MODEL OUT.safetensors`: any checkpoint as one safetensors file.
#include <map>
#include <memory>
#include <string>

#include "commands/commands.h"
#include "tasks/convert_checkpoint.h"

namespace bteval::app {
namespace {

struct Options : ConvertOptions {
  std::string names_text = "keep";
  std::string dtype_text = "keep";

  void fill() {
    const std::map<std::string, ConvertNames> by_name = {{"keep", ConvertNames::kKeep},
                                                         {"official", ConvertNames::kOfficial},
                                                         {"hf", ConvertNames::kHuggingFace}};
    names = by_name.at(names_text);
    using checkpoint::DType;
    const std::map<std::string, std::optional<DType>> by_dtype = {{"keep", std::nullopt},
                                                                  {"f32", DType::kFloat32},
                                                                  {"f16", DType::kFloat16},
                                                                  {"bf16", DType::kBFloat16}};
    dtype = by_dtype.at(dtype_text);
  }
};

void run(Options& options) {
  options.fill();
  const Conversion conversion = convert_checkpoint(options);
  for (const std::string& note : conversion.notes) fmt::print(stderr, "note: {}\n", note);
  for (const std::string& name : conversion.dropped)
    fmt::print(stderr, "left out: {}\n", printable(name, 1000));
  fmt::print("{}: {} tensors, sha256 {}\n", printable(options.out.string(), 4096), conversion.tensors,
             conversion.sha256);
}

}  // namespace

void setup_convert(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *app.add_subcommand("convert", "Write a checkpoint as one safetensors file");
  command.add_option("model", options->model, "Weight file, index of shards, or Hugging Face folder")
      ->required();
  command.add_option("out", options->out, "File to write; replaced where it exists")->required();
  command.add_option("--names", options->names_text, "Parameter names: keep, official or hf (default: keep)")
      ->check(CLI::IsMember({"keep", "official", "hf"}));
  command
      .add_option("--dtype", options->dtype_text,
                  "Floating tensors as: keep, f32, f16 or bf16 (default: keep)")
      ->check(CLI::IsMember({"keep", "f32", "f16", "bf16"}));
  command.callback([options] { run(*options); });
}

}  // namespace bteval::app
