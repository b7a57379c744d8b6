// What belongs to a checkpoint besides its weights: tokenizer, image transform, text length.
#pragma once

#include <string>

#include "checkpoint/checkpoint.h"
#include "image/transform.h"
#include "model/config.h"
#include "tasks/eval_options.h"
#include "text/tokenizer.h"

namespace bteval::app {

/// A choice and where it came from: "option", "hyper_parameters", "preprocessor_config.json", "architecture
/// default", "position embedding", "family default".
template <typename T>
struct Chosen {
  T value;
  std::string source;
};

/// The folder of the tokenizer's files: --tokenizer, else the model's. Error(kUsage) where neither has them.
Chosen<std::filesystem::path> choose_tokenizer_folder(const EvalOptions& options);

/// Loads it and checks that the model has a row for each of its tokens; Error(kCheckpoint) where it does not.
text::Tokenizer load_tokenizer(const std::filesystem::path& folder, const model::ModelConfig& config);

/// The transform and the image size, each by itself: options, else what the checkpoint says, else what its
/// publishers evaluated with.
///
/// Official checkpoints say both in hyper_parameters: image_size, and val_transform_keys, of which "clip" is
/// `center_crop` and "blip" is `square` (keys_to_transforms() of METER and BridgeTower). Without them, METER
/// gets `center_crop` and the size of its position embedding, BridgeTower gets `square` and
/// `default_size_px`, the published evaluation's size for the task. Hugging Face directories say theirs in
/// preprocessor_config.json.
///
/// Error(kUsage) for an unknown transform, for a val_transform_keys that bteval does not have, and for a size
/// that the patches do not divide.
Chosen<image::TransformOptions> choose_transform(const EvalOptions& options,
                                                 const checkpoint::Checkpoint& checkpoint,
                                                 const model::ModelConfig& config, int default_size_px);

/// Tokens a text: --max-length, else hyper_parameters' max_text_len, else `default_length`.
Chosen<std::uint32_t> choose_max_length(const EvalOptions& options, const checkpoint::Checkpoint& checkpoint,
                                        std::uint32_t default_length);

}  // namespace bteval::app
