#include "engine/transfer.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

namespace bteval::engine {
namespace {

/// The copy engine works beside the compute units only when its stream is another one. One stream a thread
/// and device: streams of the pool are few and shared by those who ask for more.
c10::Stream copy_stream(const at::Device& device) {
  thread_local std::vector<std::pair<at::Device, c10::Stream>> streams;
  for (const auto& [owner, stream] : streams) {
    if (owner == device) return stream;
  }
  const c10::impl::VirtualGuardImpl guard(device.type());
  return streams.emplace_back(device, guard.getStreamFromGlobalPool(device)).second;
}

}  // namespace

at::Tensor host_buffer(at::IntArrayRef shape, at::ScalarType type, const at::Device& device) {
  return at::empty(shape, at::TensorOptions().dtype(type).pinned_memory(device.is_cuda()));
}

Upload::Upload(const at::Tensor& host, const at::Device& device) : host_(host), tensor_(host) {
  if (device.is_cpu()) return;
  const c10::impl::VirtualGuardImpl guard(device.type());
  const c10::Stream computing = guard.getStream(device), copying = copy_stream(device);
  // The memory belongs to the copying stream: on the computing one's, work enqueued before could still read
  // what was there, and the copy would have to wait for it.
  guard.exchangeStream(copying);
  tensor_ = at::empty(host.sizes(), host.options().device(device).pinned_memory(false));
  tensor_.copy_(host, /*non_blocking=*/true);
  copied_.emplace(device.type());
  copied_->record(copying);
  guard.exchangeStream(computing);
  tensor_.record_stream(computing);
}

at::Tensor Upload::arrive() {
  if (copied_) {
    const c10::impl::VirtualGuardImpl guard(tensor_.device().type());
    copied_->block(guard.getStream(tensor_.device()));
  }
  return tensor_;
}

Download::Download(const at::Tensor& tensor) : tensor_(tensor) {
  if (tensor.device().is_cpu()) return;
  const c10::impl::VirtualGuardImpl guard(tensor.device().type());
  tensor_ = host_buffer(tensor.sizes(), tensor.scalar_type(), tensor.device());
  tensor_.copy_(tensor, /*non_blocking=*/true);
  copied_.emplace(tensor.device().type());
  copied_->record(guard.getStream(tensor.device()));
}

at::Tensor Download::arrive() {
  // A unit takes milliseconds at least; c10::Event can only be asked in the oldest LibTorch.
  while (copied_ && !copied_->query()) std::this_thread::sleep_for(std::chrono::microseconds(50));
  copied_.reset();
  return tensor_.contiguous();
}

}  // namespace bteval::engine
