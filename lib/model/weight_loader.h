// Parameters of a checkpoint under canonical names, with every fault collected for one report.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "model/config.h"

namespace bteval::model {

/// Looks parameters up by canonical name (key_map.h) while the layers are built. A missing or misshapen one
/// is noted and replaced by zeros of the wanted shape, so that finish() can report all faults of the file at
/// once.
class WeightLoader {
 public:
  /// `checkpoint` must outlive the loader.
  WeightLoader(const checkpoint::Checkpoint& checkpoint, Family family);

  bool has(const std::string& name) const { return views_.contains(name); }
  bool has_prefix(const std::string& prefix) const;
  /// Rows of a parameter of two dimensions, 0 where it is absent or has other dimensions.
  std::int64_t rows(const std::string& name) const;

  /// The parameter as contiguous float32 on the CPU, with the official temperature already turned into
  /// logit_scale.
  at::Tensor tensor(const std::string& name, at::IntArrayRef shape);

  /// Error(kCheckpoint) with all missing, misshapen and unexpected parameters, where there are any. The text
  /// tower's pooler, which no published model reads, may be there. `model` names what was loaded.
  void finish(const char* model) const;

 private:
  /// The name as the file has it, or as it would have it.
  std::string shown(const std::string& name) const;

  std::string file_;
  Family family_;
  std::map<std::string, checkpoint::TensorView> views_;
  std::map<std::string, std::string> names_in_file_;
  std::set<std::string> used_;
  std::vector<std::string> missing_, misshapen_;
  bool negate_log_of_scale_ = false;
};

}  // namespace bteval::model
