#include "datasets/vqa_alignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/id_index.h"
#include "vqa_files.h"

namespace bteval::datasets {
namespace {

using testing::error_of;

const std::vector<std::int64_t> kIds = {30, 10, 20, 40, 50};

VqaPredictionFile predictions(const std::vector<std::int64_t>& ids, std::uint64_t refused = 0) {
  VqaPredictionFile file;
  for (const std::int64_t id : ids) file.predictions.push_back({id, "yes"});
  file.refused = refused;
  return file;
}

TEST(VqaAlignment, FindsEachQuestionsPrediction) {
  const IdAlignment alignment = align_vqa_predictions(kIds, predictions({10, 20, 30, 50, 40}), "p");
  using Positions = std::vector<std::optional<std::uint32_t>>;
  EXPECT_EQ(alignment.prediction_of_sample, (Positions{2, 0, 1, 4, 3}));
  EXPECT_EQ(alignment.answered, 5U);
}

TEST(VqaAlignment, DifferentIdsAreAnErrorUnlessAllowed) {
  const auto error = [&](const VqaPredictionFile& file, bool partial = false) {
    return error_of([&] { align_vqa_predictions(kIds, file, "p.json", partial); });
  };
  EXPECT_EQ(error(predictions({10, 20, 30})),
            "data: p.json: 2 of 5 questions have no prediction (question_id 40, 50)");
  EXPECT_EQ(error(predictions({10, 99, 98, 97, 96}, 2)),
            "data: p.json: 4 of 5 questions have no prediction (question_id 30, 20, 40, …), 2 of them "
            "because the run "
            "refused them; 4 predictions are for unknown questions (question_id 99, 98, 97, …)");
  EXPECT_EQ(error(predictions({10, 20, 30, 40, 50, 60})),
            "data: p.json: 1 predictions are for unknown questions (question_id 60)");
  EXPECT_EQ(error(predictions({10, 20, 10})),
            "data: p.json: question_id 10: stands twice: record 0 and record 2");
  EXPECT_EQ(error(predictions({10, 10}), true),
            "data: p.json: question_id 10: stands twice: record 0 and record 1");
  EXPECT_EQ(error(predictions({1, 2}), true),
            "data: p.json: none of its 2 predictions is for one of the 5 questions");
  EXPECT_EQ(error(predictions({}), true),
            "data: p.json: none of its 0 predictions is for one of the 5 questions");
  const IdAlignment partial = align_vqa_predictions(kIds, predictions({20, 99}), "p", true);
  EXPECT_EQ(partial.answered, 1U);
  EXPECT_EQ(partial.missing, 4U);
  EXPECT_EQ(partial.unknown, 1U);
  EXPECT_EQ(partial.prediction_of_sample[2], 0U);
  EXPECT_EQ(partial.prediction_of_sample[0], std::nullopt);
}

TEST(IdIndex, NamesTheFirstRepetitionInTheFile) {
  const std::vector<std::int64_t> ids = {5, 9, 7, 9, 5, 5};
  EXPECT_EQ(error_of([&] { IdIndex(ids, "f", "id"); }), "data: f: id 9: stands twice: record 1 and record 3");
  const std::vector<std::int64_t> unique = {INT64_MAX, -1, INT64_MIN};
  const IdIndex index(unique, "f", "id");
  EXPECT_EQ(index.find(-1), 1U);
  EXPECT_EQ(index.find(INT64_MIN), 2U);
  EXPECT_EQ(index.find(0), std::nullopt);
}

}  // namespace
}  // namespace bteval::datasets
