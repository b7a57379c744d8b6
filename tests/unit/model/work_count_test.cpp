// Counts worked out by hand from the layers' definitions.
#include "model/work_count.h"

#include <gtest/gtest.h>

namespace bteval::model {
namespace {

ModelConfig narrow_config() {
  ModelConfig config;
  config.hidden_size = config.text_width = config.vision_width = 8;
  config.num_heads = config.text_heads = 1;
  config.num_cross_layers = config.text_layers = config.vision_layers = 2;
  config.ffn_size = config.text_ffn_size = config.vision_ffn_size = 32;
  config.patch_size = 2;
  return config;
}

Savings none() {
  Savings savings;
  for (const NamedSaving& saving : all_savings()) savings.*saving.member = false;
  return savings;
}

TEST(WorkCount, CountsEveryProductWithoutSavings) {
  const WorkCount count(narrow_config(), none());
  EXPECT_EQ(count.image_rows(4, 4), 5);
  // Patches 768; each of two layers: projections 2,560, attention 800, feed-forward 5,120; two levels of 640.
  EXPECT_EQ(count.image(5).flop, 768 + 2 * (2560 + 800 + 5120) + 2 * 640);
  EXPECT_EQ(count.text(3).flop, 2 * (1536 + 288 + 3072) + 2 * 384);
  // Text half: feed-forward, self-attention, cross-attention's scores, its projections of 3 and of 5 rows.
  const double text = 3072 + (1536 + 288) + 480 + 2 * 384 + 2 * 640;
  const double image = 5120 + (2560 + 800) + 480 + 2 * 640 + 2 * 384;
  EXPECT_EQ(count.fusion({3, 5}).flop, 256 + 2 * (text + image));
  EXPECT_EQ(WorkCount::classifier(16, 7).flop, 2 * 16 * 16 + 2 * 16 * 7);
}

TEST(WorkCount, LeavesOutWhatTheSavingsDo) {
  const WorkCount count(narrow_config(), {});
  EXPECT_EQ(count.image(5).flop, 19008 + 6 * 640 + 800);
  EXPECT_EQ(count.text(3).flop, 10560 + 7 * 384 + 288);
  // First layer from shares (the image's query is not among them), last layer one row a side.
  const double row = 8 * 128 + 2 * 512 + 32 * (3 + 5);
  EXPECT_EQ(count.fusion({3, 5}).flop, 256 + (3072 + 480 + 384) + (5120 + 480 + 2 * 640) + 2 * row);
}

TEST(WorkCount, CountsAbsorbedProjections) {
  ModelConfig config = narrow_config();
  config.num_cross_layers = 1;
  Savings savings = none();
  savings.absorbed_projections = true;
  const double moved = 4 * 384 + 2 * 816;
  EXPECT_EQ(WorkCount(config, savings).fusion({3, 17}).flop,
            256 + (3072 + 1824 + moved) + (17408 + 8704 + 9248 + moved));
}

TEST(WorkCount, CountsValuesThatAreReadAndWritten) {
  const WorkCount count(narrow_config(), none());
  const Work text = count.text(3);
  // Of each of two layers: four projections of 3 x (8 + 8) values, attention 2 x (3 + 3) x 8, feed-forward
  // 2 x 3 x (8 + 32); two levels of 3 x (8 + 8).
  EXPECT_EQ(text.activations, 2 * (4 * 48 + 96 + 240) + 2 * 48);
  EXPECT_EQ(text.parameters, 2 * (4 * 64 + 2 * 256) + 2 * 64);
  // Parameters once, however many texts.
  EXPECT_EQ(memory_bytes(batch_of(text, 10), 2), 2 * (10 * text.activations + text.parameters));
  EXPECT_EQ(batch_of(text, 10).flop, 10 * text.flop);
}

TEST(WorkCount, PackedTextsCountTheRowsThatFillThemUp) {
  const WorkCount count(narrow_config(), none());
  const Work text = count.text(3), other = count.text(5);
  // 7 texts of 3 rows and one of 5 are 26 rows, six short of 32. Without attention a row has, in each of two
  // layers, four products of 8 x 8 and two of 8 x 32, and two of 8 x 8 for the levels.
  const std::vector<std::int64_t> rows = {3, 3, 3, 5, 3, 3, 3, 3};
  const Work packed = count.packed_texts(rows);
  EXPECT_EQ(packed.flop, 7 * text.flop + other.flop + 6 * 2 * (2 * (4 * 64 + 2 * 256) + 2 * 64));
  EXPECT_EQ(packed.activations,
            7 * text.activations + other.activations + 6 * (2 * (4 * 16 + 2 * 40) + 2 * 16));
  EXPECT_EQ(packed.parameters, text.parameters);
  // Nothing to fill up: the texts and no more.
  const std::vector<std::int64_t> full(32, 3);
  EXPECT_EQ(count.packed_texts(full).flop, 32 * text.flop);
}

TEST(WorkCount, MatricesOfAnItemAreNoParameters) {
  ModelConfig config = narrow_config();
  config.num_cross_layers = 1;
  Savings absorbed = none();
  absorbed.absorbed_projections = true;
  // The same parameters, read by other rows.
  EXPECT_EQ(WorkCount(config, absorbed).fusion({3, 17}).parameters,
            WorkCount(config, none()).fusion({3, 17}).parameters);
}

TEST(WorkCount, EachSavingOfWorkLowersTheCountOfTheBaseModel) {
  ModelConfig base = narrow_config();
  base.hidden_size = base.text_width = base.vision_width = 768;
  base.num_heads = base.text_heads = 12;
  base.num_cross_layers = 6;
  base.text_layers = base.vision_layers = 12;
  base.ffn_size = base.text_ffn_size = base.vision_ffn_size = 3072;
  base.patch_size = 16;
  const WorkShape shape{12, WorkCount(base, {}).image_rows(384, 384)};
  EXPECT_EQ(shape.image_rows, 577);
  const double all = WorkCount(base, {}).fusion(shape).flop;
  for (const char* name : {"absorbed-projections", "shared-first-layer", "pooled-row"}) {
    Savings savings;
    turn_off(savings, name);
    EXPECT_GT(WorkCount(base, savings).fusion(shape).flop, 1.05 * all) << name;
  }
}

}  // namespace
}  // namespace bteval::model
