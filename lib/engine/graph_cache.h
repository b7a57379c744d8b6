// Work for a GPU that is enqueued as a whole. Small batches take less time to compute than their few hundred
// kernels take to launch one by one; recorded once and replayed, they cost one launch.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bteval::engine {

using Tensors = std::vector<at::Tensor>;

/// Recorded work, on the tensors it was recorded with.
class RecordedGraph {
 public:
  virtual ~RecordedGraph() = default;
  /// Enqueues all of it on the current stream.
  virtual void replay() = 0;
};

/// Records what is enqueued on a device.
class GraphRecorder {
 public:
  virtual ~GraphRecorder() = default;
  /// Calls `body`, which must neither wait for the device nor read from it, until its work stands in the
  /// graph. Tensors that the last call makes are the graph's. Throws what body throws, c10::Error where
  /// something cannot be recorded.
  virtual std::unique_ptr<RecordedGraph> record(const std::function<void()>& body) = 0;
};

/// CUDA's graphs; null on CPUs and in builds without CUDA's headers.
std::unique_ptr<GraphRecorder> make_graph_recorder(const at::Device& device);

/// Graphs by function and shape. The first time a shape comes, and without a recorder, work is enqueued as
/// ever; the second time a graph is recorded, replayed and compared with that: only graphs that give the same
/// bits are used, and after one that does not, or cannot be recorded, none is. Not for several threads.
class GraphCache {
 public:
  explicit GraphCache(std::unique_ptr<GraphRecorder> recorder, std::size_t most_graphs = 64)
      : recorder_(std::move(recorder)), most_graphs_(most_graphs) {}

  /// What `body(inputs)` returns. `name` tells functions apart. Undefined tensors stay undefined.
  Tensors run(const std::string& name, const Tensors& inputs,
              const std::function<Tensors(const Tensors&)>& body);

  bool is_on() const { return recorder_ != nullptr; }
  std::uint64_t replays() const { return replays_; }

 private:
  struct Entry {
    bool seen = false;
    Tensors inputs, outputs;  // the graph's
    std::unique_ptr<RecordedGraph> graph;
  };
  void record(Entry& entry, const Tensors& inputs, const Tensors& expected,
              const std::function<Tensors(const Tensors&)>& body);

  std::unique_ptr<GraphRecorder> recorder_;
  std::size_t most_graphs_;
  std::map<std::string, Entry> entries_;
  std::uint64_t replays_ = 0;
};

}  // namespace bteval::engine
