// What belongs to a checkpoint besides its weights: tokenizer, image transform, text length.
#pragma once

#include <string>

#include "checkpoint/checkpoint.h"
#include "image/transform.h"
#include "model/config.h"
#include "tasks/eval_options.h"
#include "text/tokenizer.h"

namespace bteval::app {

/// A choice and where it came from: "option", "hyper_parameters", "preprocessor_config.json", "family
/// default".
template <typename T>
struct Chosen {
  T value;
  std::string source;
};

/// The folder of the tokenizer's files: --tokenizer, else the model's. Error(kUsage) where neither has them.
Chosen<std::filesystem::path> choose_tokenizer_folder(const EvalOptions& options);

/// Loads it and checks that the model has a row for each of its tokens; Error(kCheckpoint) where it does not.
text::Tokenizer load_tokenizer(const std::filesystem::path& folder, const model::ModelConfig& config);

/// The transform and the image size. Official checkpoints say their size in hyper_parameters and were
/// evaluated with `square`; Hugging Face directories say theirs in preprocessor_config.json.
/// `default_size_px` is the published evaluation's size for the task.
Chosen<image::TransformOptions> choose_transform(const EvalOptions& options,
                                                 const checkpoint::Checkpoint& checkpoint,
                                                 const model::ModelConfig& config, int default_size_px);

/// Tokens a text: --max-length, else hyper_parameters' max_text_len, else `default_length`.
Chosen<std::uint32_t> choose_max_length(const EvalOptions& options, const checkpoint::Checkpoint& checkpoint,
                                        std::uint32_t default_length);

}  // namespace bteval::app
