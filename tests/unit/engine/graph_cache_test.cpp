#include "engine/graph_cache.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace bteval::engine {
namespace {

/// Stands in for a device: replays by calling the function again.
class CpuRecorder final : public GraphRecorder {
 public:
  enum class Fault { kNone, kCannotRecord, kTranslated, kWrongBits };
  explicit CpuRecorder(int& recorded, Fault fault = Fault::kNone) : recorded_(recorded), fault_(fault) {}

  std::unique_ptr<RecordedGraph> record(const std::function<void()>& body) override {
    ++recorded_;
    if (fault_ == Fault::kCannotRecord)
      TORCH_CHECK(false, "operation not permitted when stream is capturing");
    if (fault_ == Fault::kTranslated) throw Error(ErrorCode::kDevice, "operation not permitted");
    return std::make_unique<Graph>(body, fault_ == Fault::kWrongBits);
  }

 private:
  struct Graph final : RecordedGraph {
    Graph(std::function<void()> work, bool skips_it) : body(std::move(work)), skips(skips_it) { body(); }
    void replay() override {
      if (!skips) body();
    }
    std::function<void()> body;
    bool skips;
  };
  int& recorded_;
  Fault fault_;
};

Tensors doubled_and_sum(const Tensors& inputs) {
  return {inputs[0] * 2, inputs[1].defined() ? inputs[0] + inputs[1] : at::Tensor()};
}

at::Tensor numbers(std::int64_t count, double first) { return at::arange(count, at::kDouble) + first; }

TEST(GraphCache, RecordsTheSecondTimeAndReplaysFromThen) {
  int recorded = 0;
  GraphCache cache(std::make_unique<CpuRecorder>(recorded));
  Tensors kept;
  for (int round = 0; round < 5; ++round) {
    const Tensors inputs = {numbers(4, round), numbers(4, 10 * round)};
    const Tensors outputs = cache.run("f", inputs, doubled_and_sum);
    EXPECT_TRUE(at::equal(outputs[0], inputs[0] * 2)) << round;
    EXPECT_TRUE(at::equal(outputs[1], inputs[0] + inputs[1])) << round;
    EXPECT_EQ(recorded, round == 0 ? 0 : 1);
    if (round == 2) kept = outputs;
  }
  EXPECT_EQ(cache.replays(), 3U);
  EXPECT_TRUE(at::equal(kept[0], numbers(4, 2) * 2)) << "a later replay must not change what was returned";
}

TEST(GraphCache, TellsNamesShapesTypesAndMissingInputsApart) {
  int recorded = 0;
  GraphCache cache(std::make_unique<CpuRecorder>(recorded));
  for (int round = 0; round < 3; ++round) {
    for (const Tensors& inputs : {Tensors{numbers(4, 1), numbers(4, 2)},
                                  Tensors{numbers(3, 1), numbers(3, 2)}, Tensors{numbers(4, 1), at::Tensor()},
                                  Tensors{numbers(4, 1).to(at::kFloat), numbers(4, 2).to(at::kFloat)}}) {
      const Tensors outputs = cache.run("f", inputs, doubled_and_sum);
      EXPECT_TRUE(at::equal(outputs[0], inputs[0] * 2));
      EXPECT_EQ(outputs[1].defined(), inputs[1].defined());
      EXPECT_TRUE(at::equal(cache.run("g", inputs, [](const Tensors& x) { return Tensors{x[0] * 3}; })[0],
                            inputs[0] * 3));
    }
  }
  EXPECT_EQ(recorded, 8);
}

TEST(GraphCache, DoesWithoutWhereAGraphCannotBeTrusted) {
  using Fault = CpuRecorder::Fault;
  for (const Fault fault : {Fault::kCannotRecord, Fault::kTranslated}) {
    int recorded = 0;
    GraphCache cache(std::make_unique<CpuRecorder>(recorded, fault));
    for (int round = 0; round < 4; ++round)
      EXPECT_TRUE(
          at::equal(cache.run("f", {numbers(4, round), {}}, doubled_and_sum)[0], numbers(4, round) * 2));
    EXPECT_EQ(recorded, 1) << "not tried again";
    EXPECT_FALSE(cache.is_on());
    EXPECT_EQ(cache.replays(), 0U);
  }
}

TEST(GraphCache, UsesNoGraphThatGivesOtherBits) {
  int recorded = 0, calls = 0;
  GraphCache cache(std::make_unique<CpuRecorder>(recorded, CpuRecorder::Fault::kWrongBits));
  const auto drifts = [&](const Tensors& inputs) {
    // Another result when it is recorded: the third call.
    return Tensors{inputs[0] + (++calls == 3 ? 1e-9 : 0.0)};
  };
  for (int round = 0; round < 4; ++round)
    EXPECT_TRUE(at::equal(cache.run("f", {numbers(4, 0)}, drifts)[0], numbers(4, 0))) << round;
  EXPECT_FALSE(cache.is_on());
}

TEST(GraphCache, KeepsNoMoreGraphsThanAsked) {
  int recorded = 0;
  GraphCache cache(std::make_unique<CpuRecorder>(recorded), 2);
  for (int round = 0; round < 3; ++round) {
    for (const std::int64_t size : {3, 4, 5, 6})
      EXPECT_TRUE(at::equal(cache.run("f", {numbers(size, round), {}}, doubled_and_sum)[0],
                            numbers(size, round) * 2));
  }
  EXPECT_EQ(recorded, 2);
}

TEST(GraphCache, IsOffWithoutADeviceThatRecords) {
  GraphCache cache(make_graph_recorder(at::kCPU));
  EXPECT_FALSE(cache.is_on());
  EXPECT_TRUE(at::equal(cache.run("f", {numbers(4, 0), {}}, doubled_and_sum)[0], numbers(4, 0) * 2));
}

}  // namespace
}  // namespace bteval::engine
