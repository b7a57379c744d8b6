// New tensors full of NaN: whoever reads what nobody has written gets it into the result.
#pragma once

#include <ATen/ATen.h>

#include "model/torch_compat.h"

namespace bteval::testing {

/// While it lives, LibTorch's algorithms are reproducible ones, and new tensors are filled.
class FilledTensors {
 public:
  FilledTensors() { model::choose_reproducible_algorithms(/*fill_new_tensors=*/true); }
  ~FilledTensors() { at::globalContext().setDeterministicAlgorithms(false, false); }
  FilledTensors(const FilledTensors&) = delete;
  FilledTensors& operator=(const FilledTensors&) = delete;

  /// LibTorch before 2.1 fills nothing.
  static bool work_here() { return at::empty({1 << 10}).isnan().all().item<bool>(); }
};

}  // namespace bteval::testing
