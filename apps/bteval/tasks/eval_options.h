// What `bteval eval` was asked to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/options.h"
#include "image/resize.h"

namespace bteval::app {

/// Empty strings and zeros mean "choose": what is chosen, and from where, is written to the manifest.
struct EvalOptions {
  std::string task;                             ///< "vqav2", "nlvr2", "snli-ve", "flickr30k" or "coco"
  std::string name;                             ///< of the run in a suite's table; the task's by default
  std::filesystem::path model;                  ///< checkpoint file or Hugging Face directory
  std::optional<std::filesystem::path> config;  ///< config.json that overrides the checkpoint's own
  std::filesystem::path data;                   ///< root of the data set in its official layout
  std::string split = "val";
  std::filesystem::path out;        ///< run directory
  std::filesystem::path tokenizer;  ///< folder with RoBERTa's files; the model's by default
  std::string vocabulary;           ///< list of answers, or "rebuild": from train and val annotations
  std::string transform;            ///< "square", "center_crop" or "hf"
  int image_size_px = 0;
  image::PassOrder resize_order = image::PassOrder::kHorizontalFirst;
  std::uint32_t max_length = 0;
  std::string scorer = "official-2021";
  bool dry_run = false;              ///< print the plan and stop
  bool force = false;                ///< overwrite a run directory of another run
  bool quiet = false;                ///< no progress
  engine::EngineOptions engine;      ///< device, dtype, threads, batches, limit, bad images
  std::vector<std::string> command;  ///< argv, for the manifest
};

}  // namespace bteval::app
