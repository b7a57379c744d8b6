// What `bteval eval` was asked to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "distributed/team_options.h"
#include "engine/options.h"
#include "engine/retrieval_runner.h"
#include "image/resize.h"
#include "metrics/retrieval_score.h"

namespace bteval::app {

/// What Flickr30K and MSCOCO retrieval add.
struct RetrievalOptions {
  std::string protocol = "itm";     ///< see retrieval_protocol.h
  std::uint32_t top_k = 0;          ///< candidates of each direction; 0: 128 on Flickr30K, 256 on MSCOCO
  std::string ties = "id";          ///< "id", "optimistic" or "pessimistic"
  std::string folds = "5k";         ///< "5k": all images; "1k": mean over folds; "both"
  metrics::FoldOptions fold;        ///< size and number of the folds
  bool unique_captions = false;     ///< drop captions that an earlier one of their image equals
  std::uint32_t trec_depth = 100;   ///< answers a query in the TREC run
  engine::RetrievalOptions engine;  ///< images in a batch, bytes of kept text features
};

struct TeamRun;

/// Part `index` of `count`, counted from 1; a count of 0: the whole run.
struct Shard {
  std::uint32_t index = 0, count = 0;
};

/// Empty strings and zeros mean "choose": what is chosen, and from where, is written to the manifest.
struct EvalOptions {
  std::string task;                             ///< "vqav2", "nlvr2", "snli-ve", "flickr30k" or "coco"
  std::string name;                             ///< of the run in a suite's table; the task's by default
  std::filesystem::path model;                  ///< checkpoint file or Hugging Face directory
  std::optional<std::filesystem::path> config;  ///< config.json that overrides the checkpoint's own
  std::filesystem::path data;                   ///< root of the data set in its official layout
  bool arrow = false;                           ///< read .arrow tables although there are annotation files
  std::string split = "val";
  std::filesystem::path out;        ///< run directory
  std::filesystem::path tokenizer;  ///< folder with RoBERTa's files; the model's by default
  std::string vocabulary;           ///< list of answers, or "rebuild": from train and val annotations
  std::string transform;            ///< "square", "center_crop" or "hf"
  int image_size_px = 0;
  image::PassOrder resize_order = image::PassOrder::kHorizontalFirst;
  std::uint32_t max_length = 0;
  std::string scorer = "official-2021";
  bool dry_run = false;          ///< print the plan and stop
  bool force = false;            ///< overwrite a run directory of another run
  bool keep_finished = false;    ///< a finished run of the same inputs and options is not done again
  bool quiet = false;            ///< no progress
  engine::EngineOptions engine;  ///< device, dtype, threads, batches, limit, bad images
  RetrievalOptions retrieval;
  distributed::TeamOptions team_options;
  Shard shard;
  TeamRun* team = nullptr;           ///< the processes that share the run; null where this one is alone
  std::vector<std::string> command;  ///< argv, for the manifest
};

}  // namespace bteval::app
