// What the comparisons with recorded outputs of the published implementations share.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/tensor_copy.h"
#include "tasks/probe_forward.h"

namespace bteval::testing {

/// float32 on CPUs, from the fixtures' README.
constexpr double kGoldenTolerance = 3e-5;

/// Compares with the tensor of that name: shapes, integers exactly, floats within the tolerance.
inline void expect_recorded(const app::NamedTensors& expected, const std::string& name,
                            const at::Tensor& value, double tolerance = kGoldenTolerance) {
  SCOPED_TRACE(name);
  const at::Tensor& want = expected.at(name);
  ASSERT_EQ(value.sizes(), want.sizes());
  if (!want.is_floating_point()) {
    EXPECT_TRUE(value.equal(want));
    return;
  }
  EXPECT_LE((value - want).abs().max().item<double>(), tolerance);
}

/// The checkpoint with every tensor divided by 256 that `touched` picks by its name. `storage` keeps the new
/// values and must outlive the result.
inline checkpoint::Checkpoint divide_by_256(checkpoint::Checkpoint checkpoint,
                                            const std::function<bool(std::string_view)>& touched,
                                            std::vector<std::vector<float>>& storage) {
  for (auto& [name, view] : checkpoint.tensors) {
    if (!touched(name)) continue;
    storage.push_back(checkpoint::float32_values(view));
    for (float& value : storage.back()) value /= 256.0F;
    view.dtype = checkpoint::DType::kFloat32;
    view.data = reinterpret_cast<const std::byte*>(storage.back().data());
    view.strides.assign(view.shape.size(), 1);
    for (std::size_t d = view.shape.size(); d-- > 1;) view.strides[d - 1] = view.strides[d] * view.shape[d];
  }
  return checkpoint;
}

}  // namespace bteval::testing
