// `bteval bench`: how fast this machine runs a model, and where the time goes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/options.h"
#include "engine/staged_runner.h"
#include "model/savings.h"

namespace bteval::app {

enum class BenchMode {
  kThroughput,  ///< all work at once, on inputs that are ready; seconds and operations of each stage
  kLatency,     ///< one image with one text at a time: percentiles
  kInput,       ///< decoding, resizing, normalising and tokenising alone
  kEndToEnd,    ///< from image files and text, beside the same work on inputs that are ready
};

struct BenchOptions {
  BenchMode mode = BenchMode::kThroughput;
  std::filesystem::path model;                  ///< checkpoint; empty: random weights of `shape`
  std::optional<std::filesystem::path> config;  ///< config.json that overrides the checkpoint's own
  std::string shape = "base";                   ///< see model/random_checkpoint.h
  std::string head = "vqa";                     ///< "vqa" or "itm"
  std::uint32_t images = 8;                     ///< of one repeat
  std::uint32_t texts_per_image = 5;
  std::uint32_t tokens = 0;    ///< of each text; 0: 7 to 14, like short questions
  std::uint32_t queries = 20;  ///< of one repeat of kLatency
  std::uint32_t repeats = 5;   ///< timed
  std::uint32_t warm_up = 1;   ///< not timed; their output is what timed ones are compared with
  std::uint64_t seed = 1;      ///< of random weights and inputs
  engine::EngineOptions engine;
  std::vector<std::string> without;    ///< savings to turn off
  bool compare = false;                ///< time all savings on as well, in turns
  std::filesystem::path image_folder;  ///< JPEG and PNG files, for kInput and kEndToEnd
  std::filesystem::path tokenizer;     ///< folder; the model's by default
  std::filesystem::path inputs;        ///< safetensors with the work instead of random inputs
  std::filesystem::path outputs;       ///< safetensors to write the logits to
  std::filesystem::path json;          ///< file to write the result to
  engine::StageClock clock = engine::StageClock::kWall;
  bool paced = false;  ///< wait for a line on standard input before each repeat
};

/// Runs the benchmark and prints its result. Error(kUsage) for options that do not go together, Error(kData)
/// for inputs that cannot be read, Error(kInternal) where a timed run computes other values than the untimed
/// one, and what the engine throws.
void run_bench(const BenchOptions& options);

}  // namespace bteval::app
