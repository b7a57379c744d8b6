// Everything that a run depends on, so that its score can be proved and repeated.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "records/source_file.h"

namespace bteval::records {

/// The head of a run directory. Two runs with the same reports::manifest_identity() give the same bits.
struct RunManifest {
  std::string task;   ///< "vqav2"
  std::string split;  ///< "val2014"
  std::vector<SourceFile> inputs;
  OrderedJson options;                ///< every option after resolution, by its name on the command line
  OrderedJson counts;                 ///< samples, images, pairs, truncated texts, refused samples, ...
  OrderedJson refused;                ///< array of {"id", "image_id", "reason"}
  std::vector<std::string> warnings;  ///< what a reader of the score must know
  std::vector<std::pair<std::string, std::string>> environment;  ///< LibTorch, device, host
  std::vector<std::string> command;                              ///< argv
  std::string signature;
  OrderedJson timing;  ///< start, seconds, rates: the only part that differs between equal runs
};

}  // namespace bteval::records
