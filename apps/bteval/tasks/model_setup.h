// What every evaluation opens before its first batch, whatever the task: checkpoint, tokenizer, transform,
// engine options; and the part of the manifest that describes them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "engine/options.h"
#include "model/config.h"
#include "records/run_manifest.h"
#include "tasks/eval_options.h"
#include "tasks/model_files.h"
#include "text/tokenizer.h"

namespace bteval::app {

/// The published evaluation's settings for a task, used where neither an option nor the checkpoint says more.
struct TaskDefaults {
  int image_size_px = 384;
  std::uint32_t max_length = 50;  ///< tokens with <s> and </s>
};

struct ModelSetup {
  checkpoint::Checkpoint checkpoint;
  model::ModelConfig config;
  Chosen<std::filesystem::path> tokenizer_folder;
  text::Tokenizer tokenizer;
  engine::EngineOptions engine;  ///< resolved
  std::string transform_source, max_length_source;
};

/// Opens the checkpoint and the tokenizer and resolves the engine's options. Throws where one is missing or
/// they do not fit: Error(kData), Error(kCheckpoint), Error(kUsage) or Error(kDevice).
ModelSetup open_model_setup(const EvalOptions& options, const TaskDefaults& defaults);

/// What a task adds to the description of a run.
struct TaskDescription {
  std::string task;                        ///< "vqav2"
  std::string split;                       ///< as the data set names it: "val2014"
  std::uint64_t num_samples = 0;           ///< samples that are computed
  std::vector<records::SourceFile> files;  ///< data files, and what stands for one (a vocabulary's digest)
  OrderedJson options = OrderedJson::object();  ///< the task's own options after resolution
  /// The task's own parts of the signature, by key: the scorer, the protocol.
  std::vector<std::pair<std::string, std::string>> signature;
  std::vector<std::string> warnings;  ///< what a reader of the score must know
};

/// The manifest before the run: inputs with their digests, options, signature, warnings.
records::RunManifest describe_run(const ModelSetup& setup, const EvalOptions& options,
                                  const TaskDescription& task);

/// The run's line. Once manifest.counts has "refused", it says with "|wrong:N" or "|excluded:N" how many
/// samples had no readable image: such a score never looks like one of all samples.
std::string run_signature(const ModelSetup& setup, const TaskDescription& task,
                          const records::RunManifest& manifest);

/// Prints the options and the signature of a run that is not made, below `facts` about its plan.
void print_plan(const std::vector<std::pair<std::string, std::string>>& facts,
                const records::RunManifest& manifest);

}  // namespace bteval::app
