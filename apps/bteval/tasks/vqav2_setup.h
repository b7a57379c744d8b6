// Everything that an evaluation on VQAv2 needs, opened and checked against each other before the first batch.
#pragma once

#include <filesystem>
#include <string>

#include "checkpoint/checkpoint.h"
#include "datasets/vqa_vocabulary.h"
#include "datasets/vqav2.h"
#include "engine/plan.h"
#include "model/config.h"
#include "records/run_manifest.h"
#include "tasks/eval_options.h"
#include "tasks/model_files.h"
#include "tasks/vqa_vocabulary.h"
#include "text/tokenizer.h"

namespace bteval::app {

struct Vqav2Setup {
  datasets::Vqav2 data;
  checkpoint::Checkpoint checkpoint;
  model::ModelConfig config;
  Chosen<std::filesystem::path> tokenizer_folder;
  text::Tokenizer tokenizer;
  ChosenVocabulary vocabulary;
  engine::EngineOptions engine;  ///< resolved
  std::string transform_source, max_length_source;
  engine::PairPlan plan;
};

/// Opens the data set, the checkpoint, the tokenizer and the vocabulary, and makes the plan. Throws where one
/// is missing or they do not fit: Error(kData), Error(kCheckpoint) or Error(kUsage).
Vqav2Setup open_vqav2_setup(const EvalOptions& options);

/// The manifest before the run: inputs with digests, options, signature.
records::RunManifest describe(const Vqav2Setup& setup, const EvalOptions& options);

}  // namespace bteval::app
