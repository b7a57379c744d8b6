// The engine on the mini suite's VQAv2 checkpoint and its first questions.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "core/json.h"
#include "datasets/vqav2.h"
#include "engine/runner.h"
#include "support/compute_threads.h"
#include "support/mini_vqav2.h"
#include "support/test_paths.h"
#include "text/tokenizer.h"

namespace bteval {

class MiniEngine : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kQuestions = 60;

  void SetUp() override {
    datasets::Vqav2Options data;
    data.root = testing::mini_suite() / "vqav2";
    data.split = "minitest";
    set = datasets::open_vqav2(data).samples;
    set.samples.resize(kQuestions);
    const Json entry = read_json(testing::mini_suite() / "suite.json").at("entries").at(0);
    options.device = "cpu";
    options.threads = testing::kComputeThreads;
    options.transform = {*image::parse_transform(entry.at("transform").get<std::string>()),
                         entry.at("image_size").get<int>(),
                         {}};
    options.max_length = entry.at("max_length").get<std::uint32_t>();
  }

  /// Logits by sample.
  std::vector<std::vector<float>> logits(const engine::EngineOptions& asked) {
    engine::EngineOptions resolved = asked;
    resolved.resolve();
    engine::Runner runner(checkpoint, resolved);
    const engine::PairPlan plan(set, resolved.plan);
    std::vector<std::vector<float>> rows(set.samples.size());
    counts = runner.run(set, tokenizer, plan, engine::Head::kVqa, [&](const engine::UnitOutput& output) {
      const auto width = static_cast<std::size_t>(output.width);
      for (std::size_t row = 0; row < output.samples.size(); ++row) {
        const float* begin = output.logits.data() + row * width;
        rows[output.samples[row]].assign(begin, begin + width);
      }
    });
    return rows;
  }

  static double largest_difference(const std::vector<std::vector<float>>& a,
                                   const std::vector<std::vector<float>>& b) {
    double largest = 0;
    for (std::size_t s = 0; s < a.size(); ++s) {
      EXPECT_EQ(a[s].size(), b[s].size());
      for (std::size_t i = 0; i < a[s].size(); ++i)
        largest = std::max<double>(largest, std::abs(a[s][i] - b[s][i]));
    }
    return largest;
  }

  records::SampleSet set;
  checkpoint::Checkpoint checkpoint =
      checkpoint::open_checkpoint(testing::mini_suite() / "checkpoints/vqav2");
  text::Tokenizer tokenizer = text::Tokenizer::load(testing::mini_suite() / "checkpoints/vqav2");
  engine::EngineOptions options;
  engine::RunCounts counts;
};

}  // namespace bteval
