#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "core/error.h"
#include "core/file.h"
#include "tasks/export_run.h"

namespace bteval::app {
namespace {

const std::map<std::string, reports::SampleTableFormat> kTables = {
    {"arrow", reports::SampleTableFormat::kArrow}, {"parquet", reports::SampleTableFormat::kParquet}};

struct ExportArguments {
  std::vector<std::filesystem::path> runs;
  std::string format, out, name = "BridgeTower";
};

void run(const ExportArguments& arguments) {
  if (arguments.format == "model-index") {
    const std::string yaml = model_index_yaml(arguments.runs, arguments.name);
    if (arguments.out.empty()) return fmt::print("{}", yaml);
    write_file_atomic(arguments.out, yaml);
    fmt::print("written to {}\n", printable(arguments.out, 4096));
    return;
  }
  if (arguments.out.empty()) throw Error(ErrorCode::kUsage, "--out is missing: the file or folder to write");
  if (arguments.runs.size() != 1)
    throw Error(ErrorCode::kUsage, fmt::format("{} takes one run at a time", arguments.format));
  if (const auto format = kTables.find(arguments.format); format != kTables.end()) {
    const std::size_t rows = write_sample_table(arguments.runs.front(), format->second, arguments.out);
    fmt::print("{} samples written to {}\n", rows, printable(arguments.out, 4096));
    return;
  }
  const std::size_t files = write_mlflow_files(arguments.runs.front(), arguments.out);
  fmt::print("{} files written to {}\n", files, printable(arguments.out, 4096));
}

}  // namespace

void setup_export(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("export", "Write runs in forms that other tools read");
  const auto arguments = std::make_shared<ExportArguments>();
  command.add_option("runs", arguments->runs, "Run directories of bteval eval")->required();
  command
      .add_option("-f,--format", arguments->format,
                  "model-index: metadata of a Hugging Face model card (YAML); mlflow: metrics, params and "
                  "tags as MLflow's file store keeps them; arrow, parquet: a table of the samples")
      ->check(CLI::IsMember({"model-index", "mlflow", "arrow", "parquet"}))
      ->required();
  command.add_option("-o,--out", arguments->out,
                     "File, or folder (mlflow), to write; default for model-index: standard output");
  command.add_option("--name", arguments->name, "The model's name in the card")->capture_default_str();
  command.callback([arguments] { run(*arguments); });
}

}  // namespace bteval::app
