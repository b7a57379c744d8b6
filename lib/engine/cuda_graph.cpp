#include "engine/graph_cache.h"

#ifdef BTEVAL_CUDA_KERNELS
#include <ATen/cuda/CUDAContext.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>

#include "engine/torch_version.h"
#endif

namespace bteval::engine {
#ifdef BTEVAL_CUDA_KERNELS
namespace {

class CudaGraph final : public RecordedGraph {
 public:
  at::cuda::CUDAGraph graph;
  void replay() override { graph.replay(); }
};

class CudaGraphRecorder final : public GraphRecorder {
 public:
  explicit CudaGraphRecorder(const at::Device& device) : device_(device) {}

  std::unique_ptr<RecordedGraph> record(const std::function<void()>& body) override {
    const c10::cuda::CUDAGuard on_device(device_);
    c10::cuda::getCurrentCUDAStream().synchronize();  // the inputs are there
    auto recorded = std::make_unique<CudaGraph>();
    const c10::cuda::CUDAStream stream = c10::cuda::getStreamFromPool(false, device_.index());
    {
      const c10::cuda::CUDAStreamGuard on_stream(stream);
      body();  // libraries set themselves up for a stream at their first work on it, which cannot be recorded
      stream.synchronize();
      begin(recorded->graph);
      try {
        body();
      } catch (...) {
        end_failed(recorded->graph);
        throw;
      }
      recorded->graph.capture_end();
    }
    return recorded;
  }

 private:
  /// Of this thread only: others load images and enqueue work meanwhile.
  static void begin(at::cuda::CUDAGraph& graph) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
    graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
#else
    graph.capture_begin();
#endif
  }

  /// A stream that goes on recording would refuse everything; that the recording is void is known.
  static void end_failed(at::cuda::CUDAGraph& graph) {
    try {
      graph.capture_end();
    } catch (const c10::Error&) {
    }
  }

  at::Device device_;
};

}  // namespace

std::unique_ptr<GraphRecorder> make_graph_recorder(const at::Device& device) {
  if (!device.is_cuda()) return nullptr;
  return std::make_unique<CudaGraphRecorder>(device);
}
#else
std::unique_ptr<GraphRecorder> make_graph_recorder(const at::Device&) { return nullptr; }
#endif

}  // namespace bteval::engine
