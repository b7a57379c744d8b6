// Statistics, inputs and modes of `bteval bench` on a model of a few thousand parameters.
#include "tasks/bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "core/error.h"
#include "core/json.h"
#include "support/test_paths.h"
#include "tasks/bench_modes.h"
#include "tasks/bench_work.h"
#include "tasks/probe_forward.h"

namespace bteval::app {
namespace {

using ::testing::HasSubstr;
using testing::TempDir;

BenchOptions small_options() {
  BenchOptions options;
  options.shape = "small";
  options.images = 3;
  options.texts_per_image = 2;
  options.repeats = 2;
  options.queries = 4;
  options.engine.device = "cpu";
  options.engine.threads = 1;
  options.engine.transform.size_px = 64;
  return options;
}

Json run(BenchOptions options) {
  const TempDir dir;
  options.json = dir.path() / "result.json";
  run_bench(options);
  return read_json(options.json);
}

std::string usage_error(const BenchOptions& options) {
  try {
    run_bench(options);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.message();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

/// Seconds of every repeat are there, and the median is among the extremes.
void expect_timings(const Json& json, std::size_t count) {
  EXPECT_EQ(json.at("all_s").size(), count);
  EXPECT_GT(json.at("best_s").get<double>(), 0);
  EXPECT_LE(json.at("best_s").get<double>(), json.at("median_s").get<double>());
  EXPECT_LE(json.at("median_s").get<double>(), json.at("worst_s").get<double>());
}

TEST(BenchTimings, PercentilesInterpolateAsNumpyDoes) {
  const Timings timings{{4, 1, 3, 2}};
  EXPECT_DOUBLE_EQ(timings.median(), 2.5);
  EXPECT_DOUBLE_EQ(timings.percentile(90), 3.7);  // numpy.percentile([4, 1, 3, 2], 90)
  EXPECT_DOUBLE_EQ(timings.best(), 1);
  EXPECT_DOUBLE_EQ(timings.worst(), 4);
  EXPECT_DOUBLE_EQ(Timings{{7}}.percentile(99), 7);
}

TEST(BenchThroughput, TimesEveryStageAndCountsItsOperations) {
  const Json json = run(small_options());
  EXPECT_EQ(json.at("mode"), "throughput");
  EXPECT_EQ(json.at("pairs"), 6);
  EXPECT_GT(json.at("matrix_peak").at("gflops").get<double>(), 0);
  EXPECT_GT(json.at("memory_peak").at("gigabytes_per_second").get<double>(), 0);
  ASSERT_EQ(json.at("runs").size(), 1U);
  const Json& all = json.at("runs")[0];
  expect_timings(all, 2);
  const std::vector<std::pair<std::string, double>> stages = {
      {"vision", 3}, {"text", 6}, {"fusion", 6}, {"head", 6}};
  ASSERT_EQ(all.at("stages").size(), stages.size());
  double gflop = 0;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const Json& stage = all.at("stages")[s];
    EXPECT_EQ(stage.at("stage"), stages[s].first);
    EXPECT_EQ(stage.at("count"), stages[s].second);
    expect_timings(stage, 2);
    gflop += stage.at("gflop").get<double>();
    EXPECT_GT(stage.at("gigabytes").get<double>(), 0);
    for (const char* floor : {"operations_floor_s", "uncached_bytes_s"})
      EXPECT_GT(stage.at(floor).get<double>(), 0) << floor;
    EXPECT_GT(stage.at("share_of_sustained").at("median").get<double>(), 0);
  }
  EXPECT_DOUBLE_EQ(gflop, all.at("gflop").get<double>());
}

TEST(BenchThroughput, CountsTheProcessorsSecondsOnRequest) {
  BenchOptions options = small_options();
  options.clock = engine::StageClock::kProcessor;
  const Json json = run(options);
  EXPECT_EQ(json.at("clock"), "processor");
  expect_timings(json.at("runs")[0], 2);
  const double before = engine::read_clock(engine::StageClock::kProcessor);
  const double start = engine::read_clock(engine::StageClock::kWall);
  while (engine::read_clock(engine::StageClock::kWall) - start < 0.02) std::this_thread::yield();
  EXPECT_GT(engine::read_clock(engine::StageClock::kProcessor), before);
}

TEST(BenchThroughput, ComparesWithASavingTurnedOff) {
  BenchOptions options = small_options();
  options.without = {"towers-once", "pooled-row"};
  options.compare = true;
  const Json json = run(options);
  ASSERT_EQ(json.at("runs").size(), 2U);
  EXPECT_EQ(json.at("runs")[0].at("stages")[0].at("count"), 6);  // an image for each pair
  EXPECT_EQ(json.at("runs")[1].at("stages")[0].at("count"), 3);
  EXPECT_EQ(json.at("other_predictions"), 0);
  EXPECT_LT(json.at("max_logit_difference").get<double>(), 2e-5);
  EXPECT_GT(json.at("gain").at("median").get<double>(), 0);
}

TEST(BenchThroughput, ReadsItsInputsAndWritesItsLogits) {
  const TempDir dir;
  BenchOptions options = small_options();
  options.inputs = dir.path() / "in.safetensors";
  options.outputs = dir.path() / "out.safetensors";
  const at::Tensor pixels = at::sin(at::arange(2 * 3 * 64 * 64, at::kFloat)).view({2, 3, 64, 64});
  NamedTensors inputs = {{"pixel_values", pixels},
                         {"input_ids", at::tensor({0, 9, 2, 1, 0, 7, 8, 2}, at::kLong).view({2, 4})},
                         {"attention_mask", at::tensor({1, 1, 1, 0, 1, 1, 1, 1}, at::kLong).view({2, 4})},
                         {"image_of_text", at::tensor({1, 0}, at::kLong)}};
  write_tensors(options.inputs, inputs);
  EXPECT_EQ(run(options).at("pairs"), 2);
  EXPECT_EQ(read_tensors(options.outputs).at("logits").sizes(), at::IntArrayRef({2, 11}));
  const engine::PreparedWork work = read_work(options.inputs);
  EXPECT_EQ(work.texts, (std::vector<std::vector<std::int32_t>>{{0, 9, 2}, {0, 7, 8, 2}}));
  EXPECT_EQ(work.image_of_text, (std::vector<std::uint32_t>{1, 0}));

  const auto refused = [&](const char* name, const at::Tensor& value) -> std::string {
    NamedTensors broken = inputs;
    broken[name] = value;
    write_tensors(options.inputs, broken);
    try {
      read_work(options.inputs);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_EQ(error.context().file, options.inputs.string());
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
  };
  EXPECT_THAT(refused("image_of_text", at::tensor({1, 2}, at::kLong)), HasSubstr("row 1 refers to an image"));
  EXPECT_THAT(refused("attention_mask", at::tensor({1, 0, 1, 0, 1, 1, 1, 1}, at::kLong).view({2, 4})),
              HasSubstr("row 0 is not ones"));
  EXPECT_THAT(refused("input_ids", at::zeros({2, 4})), HasSubstr("must hold integers"));
  EXPECT_THAT(refused("image_of_text", at::tensor({1}, at::kLong)), HasSubstr("not of one size"));
}

TEST(BenchLatency, GivesPercentilesInOrder) {
  BenchOptions options = small_options();
  options.mode = BenchMode::kLatency;
  const Json json = run(options);
  EXPECT_EQ(json.at("queries"), 8);
  const Json& latency = json.at("latency_s");
  EXPECT_GT(latency.at("min").get<double>(), 0);
  EXPECT_LE(latency.at("min").get<double>(), latency.at("p50").get<double>());
  EXPECT_LE(latency.at("p50").get<double>(), latency.at("p90").get<double>());
  EXPECT_LE(latency.at("p90").get<double>(), latency.at("p99").get<double>());
  EXPECT_LE(latency.at("p99").get<double>(), latency.at("max").get<double>());
}

/// The mini suite's pictures and tokenizer with a random model.
BenchOptions file_options(BenchMode mode) {
  BenchOptions options = small_options();
  options.mode = mode;
  options.image_folder = testing::source_dir() / "assets/mini/vqav2/minitest";
  options.tokenizer = testing::source_dir() / "assets/mini/checkpoints/vqav2";
  options.images = 6;
  return options;
}

TEST(BenchInput, TimesEveryStepOfTheLoader) {
  const Json json = run(file_options(BenchMode::kInput));
  const std::vector<std::pair<std::string, int>> stages = {
      {"decode", 6}, {"resize", 6}, {"normalise", 6}, {"tokenise", 12}};
  ASSERT_EQ(json.at("stages").size(), stages.size());
  for (std::size_t s = 0; s < stages.size(); ++s) {
    EXPECT_EQ(json.at("stages")[s].at("stage"), stages[s].first);
    EXPECT_EQ(json.at("stages")[s].at("count"), stages[s].second);
    expect_timings(json.at("stages")[s], 2);
  }
}

// run_bench() compares the bits of both: an evaluation's runner and the one that is timed.
TEST(BenchEndToEnd, ComputesTheBitsOfAnEvaluation) {
  const Json json = run(file_options(BenchMode::kEndToEnd));
  EXPECT_EQ(json.at("images"), 6);
  EXPECT_EQ(json.at("pairs"), 12);
  expect_timings(json.at("from_files"), 2);
  expect_timings(json.at("inputs_ready"), 2);
  EXPECT_EQ(json.at("logits_sha256").get<std::string>().size(), 64U);
}

TEST(BenchFiles, AFolderWithoutPicturesIsRefused) {
  const TempDir empty;
  BenchOptions options = file_options(BenchMode::kInput);
  for (const auto& folder : {empty.path(), empty.path() / "missing"}) {
    options.image_folder = folder;
    try {
      run_bench(options);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_EQ(error.context().file, folder.string());
    }
  }
}

TEST(BenchWork, IsTheSameForASeedAndHasTheLengthsAskedFor) {
  BenchOptions options = small_options();
  model::ModelConfig config;
  config.vocab_size = 400;
  const auto a = random_work(options, config), b = random_work(options, config);
  EXPECT_EQ(a.texts, b.texts);
  EXPECT_TRUE(at::equal(a.pixels, b.pixels));
  for (const auto& text : a.texts) {
    EXPECT_GE(text.size(), 7U);
    EXPECT_LE(text.size(), 14U);
    EXPECT_EQ(text.front(), 0);
    EXPECT_EQ(text.back(), 2);
  }
  options.tokens = 5;
  options.seed = 2;
  const auto c = random_work(options, config);
  EXPECT_NE(a.texts, c.texts);
  for (const auto& text : c.texts) EXPECT_EQ(text.size(), 5U);
}

TEST(BenchOptions, ThatDoNotGoTogetherAreRefused) {
  BenchOptions options = small_options();
  options.repeats = 0;
  EXPECT_THAT(usage_error(options), HasSubstr("--repeats"));
  options = small_options();
  options.compare = true;
  EXPECT_THAT(usage_error(options), HasSubstr("--without"));
  options.without = {"kept-buffers"};
  EXPECT_THAT(usage_error(options), HasSubstr("whole process"));
  options = small_options();
  options.without = {"gravity"};
  EXPECT_THAT(usage_error(options), HasSubstr("gravity"));
  options = small_options();
  options.mode = BenchMode::kInput;
  EXPECT_THAT(usage_error(options), HasSubstr("--image-folder"));
  options = small_options();
  options.head = "mlm";
  EXPECT_THAT(usage_error(options), HasSubstr("vqa or itm"));
  options = small_options();
  options.tokens = 2;
  EXPECT_THAT(usage_error(options), HasSubstr("--tokens"));
}

}  // namespace
}  // namespace bteval::app
