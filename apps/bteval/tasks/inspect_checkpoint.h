// What a checkpoint is: format, family, sizes, heads, dtypes, digest, and what of it is not used.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/json.h"

namespace bteval::app {

struct InspectOptions {
  std::filesystem::path model;  ///< a weight file, an index of shards, or a Hugging Face folder
  std::optional<std::filesystem::path> config;  ///< overrides the config.json beside the weights
};

struct Inspection {
  /// Members, in this order: path, format, files, sha256, config_source, metadata, tensors, dtypes; and where
  /// it is a BridgeTower or METER: architecture, gated (METER), family, parameters, sizes, heads, unused,
  /// hyper_parameters; and "loads", whether all parameters fit together.
  OrderedJson report;
  /// Why it is no model that bteval can load, with all faults at once; empty where it is one.
  std::optional<Error> fault;
};

/// Reads the whole file once (for the digest and to check every parameter) without keeping the model in
/// memory. Error(kCheckpoint) where the file itself cannot be read; what is wrong with its contents goes into
/// `fault`.
Inspection inspect_checkpoint(const InspectOptions& options);

/// The report for people: one aligned "name value" line a fact.
std::string inspection_text(const OrderedJson& report);

}  // namespace bteval::app
