// A run directory that nobody computed: a manifest and lines of samples.jsonl, as tests want them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/json.h"

namespace bteval::testing {

struct MadeUpRun {
  /// A run of `task` on the split "val" with one annotation file and a checkpoint.
  explicit MadeUpRun(const std::string& task);

  OrderedJson manifest;
  std::vector<OrderedJson> samples;

  /// Appends a sample: {"id", "cluster", "value", "prediction", "text", "images", "slices"}.
  OrderedJson& add(const std::string& id, const std::string& cluster, double value);
  /// The digest of the input with this role.
  OrderedJson& digest(const std::string& role);
  void write(const std::filesystem::path& folder) const;
};

}  // namespace bteval::testing
