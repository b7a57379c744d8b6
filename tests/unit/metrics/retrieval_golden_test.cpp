// Score matrices over real captions with the recalls that another program found.
#include <gtest/gtest.h>

#include <cstring>

#include "core/bytes.h"
#include "core/json.h"
#include "metrics/retrieval_recall.h"
#include "support/test_paths.h"

namespace bteval::metrics {
namespace {

class RetrievalGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(RetrievalGolden, ReproducesEveryTieRule) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const std::string base = (data / "retrieval" / GetParam()).string();
  const Json expected = read_json(base + "_expected.json");
  const auto bytes = Bytes::map_file(base + "_scores.f32");
  const auto images = expected["images"].get<std::uint32_t>();
  const auto texts = expected["texts"].get<std::uint32_t>();
  std::vector<float> scores(std::size_t{images} * texts);
  ASSERT_EQ(bytes->size(), scores.size() * sizeof(float));
  std::memcpy(scores.data(), bytes->data(), bytes->size());
  const RetrievalLabels labels(images, expected["text_to_image_index"].get<std::vector<std::uint32_t>>());
  RetrievalTally tally;
  tally.add(rank_matrix({images, texts, true, scores, {}, nullptr}, labels));
  for (const auto& [name, rule] :
       {std::pair("optimistic", TieRule::kOptimistic), std::pair("pessimistic", TieRule::kPessimistic),
        std::pair("index_order", TieRule::kId)}) {
    for (std::size_t i = 0; i < std::size(RecallValues::kDepths); ++i) {
      const std::string recall = fmt::format("R@{}", RecallValues::kDepths[i]);
      EXPECT_NEAR(tally.image.value(rule).recall[i], expected["t2i"][name][recall].get<double>(), 1e-6)
          << name << " t2i " << recall;
      EXPECT_NEAR(tally.text.value(rule).recall[i], expected["i2t"][name][recall].get<double>(), 1e-6)
          << name << " i2t " << recall;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RetrievalGolden, ::testing::Values("coco200", "coco200_ties"));

}  // namespace
}  // namespace bteval::metrics
