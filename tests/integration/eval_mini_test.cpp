// The engine on the mini suite's checkpoint: what may change a result, and what must not.
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "integration/mini_engine.h"

namespace bteval {
namespace {

TEST_F(MiniEngine, LoadingAndTimingNeverChangeABit) {
  const auto once = logits(options);
  engine::EngineOptions other = options;
  other.loader_threads = 4;
  for (const std::uint32_t ahead : {1U, 8U}) {
    other.prefetch_units = ahead;
    EXPECT_EQ(once, logits(other));
  }
  EXPECT_EQ(once, logits(options));
}

TEST_F(MiniEngine, BatchShapesChangeNoMoreThanRounding) {
  const auto reference = logits(options);
  for (const auto& [pairs, images] : {std::pair{1U, 1U}, std::pair{7U, 3U}, std::pair{64U, 16U}}) {
    engine::EngineOptions other = options;
    other.pairs_per_batch = pairs;
    other.plan.images_per_unit = images;
    EXPECT_LT(largest_difference(reference, logits(other)), 1e-4)
        << pairs << " pairs, " << images << " images";
  }
}

TEST_F(MiniEngine, EveryImageGoesThroughItsTowerOnce) {
  logits(options);
  std::set<std::uint32_t> images;
  for (const auto& sample : set.samples) images.insert(sample.images[0]);
  EXPECT_EQ(counts.image_passes, images.size());
  EXPECT_EQ(counts.pairs, kQuestions);
  EXPECT_LE(counts.text_passes, kQuestions);
}

TEST_F(MiniEngine, ATextThatTwoSamplesShareIsComputedOnce) {
  for (auto& sample : set.samples) {
    sample.text = "what color is the circle?";
    sample.images = {0};
  }
  const auto rows = logits(options);
  EXPECT_EQ(counts.text_passes, 1U);
  for (const auto& row : rows) EXPECT_EQ(row, rows[0]);
}

TEST_F(MiniEngine, HalfPrecisionStaysNear) {
  const auto reference = logits(options);
  engine::EngineOptions half = options;
  half.dtype = engine::DataType::kBFloat16;
  const auto rows = logits(half);
  // bfloat16 keeps 8 bits: 2^-8 relative on logits of magnitude ~10, over a dozen layers.
  EXPECT_LT(largest_difference(reference, rows), 0.5);
  EXPECT_GT(largest_difference(reference, rows), 0.0) << "the number type was not used";
}

TEST_F(MiniEngine, AnImageThatCannotBeReadIsRefusedByName) {
  set.images[set.samples[0].images[0]].path = "/nonexistent.jpg";
  EXPECT_THROW(logits(options), Error);
  engine::EngineOptions lenient = options;
  lenient.on_bad_image = engine::OnBadImage::kWrong;
  const auto rows = logits(lenient);
  EXPECT_TRUE(rows[0].empty());
  EXPECT_FALSE(rows[kQuestions - 1].empty());
}

TEST_F(MiniEngine, AHeadThatIsNotThereIsACheckpointError) {
  engine::EngineOptions resolved = options;
  resolved.resolve();
  const engine::Runner runner(checkpoint, resolved);
  EXPECT_GT(runner.head_width(engine::Head::kVqa), 1);
  try {
    runner.head_width(engine::Head::kNlvr2);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
  }
}

}  // namespace
}  // namespace bteval
