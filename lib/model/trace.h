// Intermediate tensors for parity checks.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>

namespace bteval::model {

/// Intermediate tensors by the names of tests/golden ("text.layer.0", "cross.image_in.1", ...), float32 on
/// the CPU.
using Trace = std::map<std::string, at::Tensor>;

/// Notes a copy of `value` where a trace is wanted.
inline void note(Trace* trace, const std::string& name, const at::Tensor& value) {
  if (trace == nullptr) return;
  const auto type = value.is_floating_point() ? at::kFloat : value.scalar_type();
  (*trace)[name] = value.to(at::kCPU, type, /*non_blocking=*/false, /*copy=*/true).contiguous();
}

}  // namespace bteval::model
