// Copies between host and device that neither side waits for.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/Event.h>

#include <optional>

namespace bteval::engine {

/// Uninitialised host memory that `device` can read and write by itself: pinned for a GPU, ordinary for a
/// CPU.
at::Tensor host_buffer(at::IntArrayRef shape, at::ScalarType type, const at::Device& device);

/// A tensor on its way to a device. For GPUs on a stream of its own, so that it overlaps with what the device
/// computes; for CPUs the tensor itself.
class Upload {
 public:
  /// `host` from host_buffer() for `device`; others are copied, too, but the caller waits.
  Upload(const at::Tensor& host, const at::Device& device);

  /// The tensor on the device; work that is enqueued from now on finds it filled.
  at::Tensor arrive();

 private:
  at::Tensor host_;  // must outlive the copy
  at::Tensor tensor_;
  std::optional<c10::Event> copied_;
};

/// A tensor on its way to host memory.
class Download {
 public:
  /// Enqueues the copy behind what computes `tensor`; returns at once.
  explicit Download(const at::Tensor& tensor);

  /// The values, dense; waits for them.
  at::Tensor arrive();

 private:
  at::Tensor tensor_;
  std::optional<c10::Event> copied_;
};

}  // namespace bteval::engine
