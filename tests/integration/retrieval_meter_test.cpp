// Retrieval with METER, its gated variant and a model without cross-modal layers, in batches, against every
// pair computed for itself.
#include <gtest/gtest.h>

#include <random>

#include "engine/retrieval_candidates.h"
#include "engine/retrieval_runner.h"
#include "model/bridgetower.h"
#include "unit/model/tiny_model.h"

namespace bteval::engine {
namespace {

using testing::TinyShape;

constexpr double kRounding = 2e-5;
constexpr std::uint32_t kImages = 7;
constexpr std::int64_t kSide = 12;

class RandomImages final : public ImageSource {
 public:
  std::uint32_t size() const override { return kImages; }
  std::int64_t height() const override { return kSide; }
  std::int64_t width() const override { return kSide; }
  void load(std::uint32_t image, std::span<float> out_chw) const override {
    std::mt19937 random(image);
    std::normal_distribution<float> normal;
    for (float& value : out_chw) value = normal(random);
  }
};

CaptionTokens random_captions(std::int64_t vocabulary) {
  CaptionTokens captions;
  std::mt19937 random(17);
  for (std::size_t i = 0; i < 2 * kImages; ++i) {
    std::vector<std::int32_t> ids = {0};
    while (ids.size() < 3 + i % 5)
      ids.push_back(3 + static_cast<std::int32_t>(random() % static_cast<unsigned>(vocabulary - 3)));
    captions.add(ids);
  }
  return captions;
}

struct Kind {
  const char* name;
  TinyShape shape;
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

TinyShape no_layers() {
  TinyShape shape = testing::tiny_meter();
  shape.cross_layers = 0;
  shape.hidden = shape.text_width = shape.vision_width;
  return shape;
}

class MeterRetrieval : public ::testing::TestWithParam<Kind> {};

TEST_P(MeterRetrieval, EqualsEveryPairComputedForItself) {
  const auto checkpoint = testing::tiny_checkpoint(model::Family::kOfficial, GetParam().shape);
  const RandomImages images;
  const CaptionTokens captions = random_captions(GetParam().shape.vocab);
  EngineOptions options;
  options.device = "cpu";
  options.threads = options.loader_threads = 1;
  options.pairs_per_batch = 5;
  options.resolve();
  RetrievalOptions retrieval;
  retrieval.images_per_unit = 3;
  retrieval.images_per_batch = 2;
  retrieval.resolve(options);
  RetrievalRunner runner(checkpoint, options, retrieval, images, captions);
  ASSERT_TRUE(runner.has_itc());
  records::RetrievalScores two_stage, all;
  runner.embed(two_stage);
  two_stage.top_k = 2;
  two_stage.pairs = find_candidates(two_stage, two_stage.top_k);
  runner.score_pairs(CrossHead::kItm, two_stage);
  runner.score_all(CrossHead::kRank, all);

  const auto tower = model::BridgeTower::load(checkpoint, model::resolve_config(checkpoint), {});
  const auto number = [&](std::size_t image, std::size_t caption) {
    return image * captions.size() + caption;
  };
  std::vector<double> itm(kImages * captions.size()), rank = itm, itc = itm;
  for (std::uint32_t i = 0; i < kImages; ++i) {
    at::Tensor pixels = at::empty({1, 3, kSide, kSide});
    images.load(i, {pixels.data_ptr<float>(), static_cast<std::size_t>(pixels.numel())});
    const auto image = tower.encode_image(pixels);
    for (std::size_t t = 0; t < captions.size(); ++t) {
      const std::vector<std::int64_t> ids(captions[t].begin(), captions[t].end());
      const at::Tensor row = at::tensor(ids, at::kLong).unsqueeze(0);
      const auto text = tower.encode_text(row, at::ones_like(row));
      const at::Tensor cls = tower.fuse(text, image, /*all_rows=*/true).cls;
      itm[number(i, t)] = tower.itm_logits(cls)[0][1].item<double>();
      rank[number(i, t)] = tower.rank_score(cls)[0][0].item<double>();
      itc[number(i, t)] = tower.itc_image(image).mul(tower.itc_text(text)).sum().item<double>();
    }
  }
  ASSERT_GE(two_stage.pairs.size(), 2 * captions.size());  // two images for each caption
  for (const records::ScoredPair& pair : two_stage.pairs) {
    EXPECT_NEAR(pair.cross, itm[number(pair.image, pair.caption)], kRounding);
    EXPECT_NEAR(pair.itc, itc[number(pair.image, pair.caption)], kRounding);
  }
  ASSERT_EQ(all.dense.f32.size(), rank.size());
  for (std::size_t i = 0; i < rank.size(); ++i) EXPECT_NEAR(all.dense.f32[i], rank[i], kRounding);
}

INSTANTIATE_TEST_SUITE_P(Models, MeterRetrieval,
                         ::testing::Values(Kind{"meter", testing::tiny_meter()},
                                           Kind{"meter_gated", testing::tiny_meter(true)},
                                           Kind{"no_cross_modal_layers", no_layers()}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace bteval::engine
