#include "engine/staged_runner.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "model/random_checkpoint.h"
#include "model/work_count.h"

namespace bteval::engine {
namespace {

class StagedRuns : public ::testing::Test {
 protected:
  StagedRuns() {
    options.device = "cpu";
    options.pairs_per_batch = 3;
    options.plan.images_per_unit = 2;
    options.plan.samples_per_unit = 5;
    options.resolve();
    work.pixels = at::sin(at::arange(3 * 3 * 64 * 64, at::kFloat)).view({3, 3, 64, 64});
    // Of several lengths, and not in the order of the images; the first two are one text about one image
    // each.
    work.texts = {{0, 5, 9, 2}, {0, 5, 9, 2}, {0, 77, 2}, {0, 5, 6, 7, 8, 9, 2}, {0, 8, 2}, {0, 300, 301, 2}};
    work.image_of_text = {0, 1, 0, 2, 1, 0};
  }

  at::Tensor run(const model::Savings& savings, StageTimes& times, StagedHead head = StagedHead::kVqa) {
    const auto model = model::BridgeTower::load(checkpoint, model::resolve_config(checkpoint),
                                                {at::kCPU, at::kFloat, savings});
    return StagedRunner(model, options).run(work, head, times);
  }

  checkpoint::Checkpoint checkpoint = model::random_checkpoint(model::RandomShape::named("small", 64), 3);
  EngineOptions options;
  PreparedWork work;
};

TEST_F(StagedRuns, CountWhatGoesThroughEachStage) {
  StageTimes times;
  const at::Tensor logits = run({}, times);
  EXPECT_EQ(logits.sizes(), at::IntArrayRef({6, 11}));
  EXPECT_EQ(times.vision.items, 3U);
  EXPECT_EQ(times.text.items, 5U);  // the text that two images of a unit share: once
  EXPECT_EQ(times.fusion.items, 6U);
  EXPECT_EQ(times.head.items, 6U);
  EXPECT_GT(times.vision.seconds, 0);
  EXPECT_GT(times.fusion.flop, times.head.flop);
  StageTimes by_pair;
  model::Savings savings;
  savings.towers_once = false;
  run(savings, by_pair);
  EXPECT_EQ(by_pair.vision.items, 6U);
  EXPECT_EQ(by_pair.text.items, 6U);
  EXPECT_EQ(by_pair.vision.flop, 2 * times.vision.flop);
}

TEST_F(StagedRuns, CountPaddingWhereItIsComputed) {
  options.pairs_per_batch = 8;  // texts of three and of four tokens in one batch
  model::Savings savings;
  savings.packed_texts = false;
  StageTimes packed, padded;
  run({}, packed);
  run(savings, padded);
  EXPECT_EQ(padded.text.items, packed.text.items);
  // Of the first two images texts of 4, 3, 3 and 4 tokens, of the third one of 7.
  const model::WorkCount count(model::resolve_config(checkpoint), {});
  EXPECT_EQ(padded.text.flop, 4 * count.text(4).flop + count.text(7).flop);
  const std::vector<std::int64_t> first = {4, 3, 3, 4}, second = {7};
  EXPECT_EQ(packed.text.flop, count.packed_texts(first).flop + count.packed_texts(second).flop);
  EXPECT_EQ(padded.fusion.flop, packed.fusion.flop);
}

TEST_F(StagedRuns, GiveTheSameLogitsHoweverTheyAreBatched) {
  StageTimes ignored;
  const at::Tensor all = run({}, ignored);
  for (const char* name : {"towers-once", "length-buckets", "packed-texts", "shared-first-layer"}) {
    model::Savings savings;
    model::turn_off(savings, name);
    EXPECT_LE((run(savings, ignored) - all).abs().max().item<double>(), 2e-5) << name;
  }
  EXPECT_TRUE(at::equal(run({}, ignored), all));
  // By itself, sample 3 has the same logits.
  work = {work.pixels, {work.texts[3]}, {2}};
  EXPECT_LE((run({}, ignored)[0] - all[3]).abs().max().item<double>(), 2e-5);
}

TEST_F(StagedRuns, ScoreMatchesToo) {
  StageTimes times;
  EXPECT_EQ(run({}, times, StagedHead::kItm).sizes(), at::IntArrayRef({6, 2}));
}

TEST_F(StagedRuns, RefuseATextWithoutItsImage) {
  work.image_of_text[4] = 3;
  StageTimes ignored;
  try {
    run({}, ignored);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace bteval::engine
