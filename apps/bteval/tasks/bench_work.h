// Inputs of a benchmark: random, from a file, or images and questions to be loaded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/staged_runner.h"
#include "model/config.h"
#include "records/sample.h"
#include "tasks/bench.h"
#include "text/tokenizer.h"

namespace bteval::app {

/// Seeded random pixels, roughly as normalised photographs are spread, and token ids that the model has.
/// Lengths are `tokens`, or those of short questions: 7 to 14 with both special tokens, 9.75 on average.
engine::PreparedWork random_work(const BenchOptions& options, const model::ModelConfig& config);

/// Reads pixel_values [images, 3, S, S], input_ids and attention_mask [texts, L], and image_of_text [texts]
/// from a safetensors file. Error(kData) where one is missing, of another shape, or a text is not ones
/// followed by zeros.
engine::PreparedWork read_work(const std::filesystem::path& file);

/// `images` JPEG and PNG files of a folder in order of their names, from the start again where there are not
/// enough, each with `texts_per_image` questions. Error(kData) where the folder has none.
records::SampleSet sample_set_of_folder(const std::filesystem::path& folder, std::uint32_t images,
                                        std::uint32_t texts_per_image);

/// What the loader would make of the samples: the same pixels and token ids.
engine::PreparedWork load_work(const records::SampleSet& set, const text::Tokenizer& tokenizer,
                               const engine::EngineOptions& options);

}  // namespace bteval::app
