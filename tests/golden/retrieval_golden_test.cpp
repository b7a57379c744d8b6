// Both official retrieval evaluations on the fixture's images and captions, through the engine that evaluates
// whole data sets; tests/golden/data/model/README.md describes the files.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "checkpoint/checkpoint.h"
#include "model/config.h"
#include "support/test_paths.h"
#include "tasks/probe_retrieval.h"

namespace bteval {
namespace {

using app::NamedTensors;

constexpr double kTolerance = 3e-5;  // float32 on CPUs, from the fixtures' README
constexpr std::uint32_t kCandidates = 10;

/// One thread: the model is so small that threads wait for each other.
engine::EngineOptions one_thread() {
  engine::EngineOptions options;
  options.threads = options.loader_threads = 1;
  return options;
}

checkpoint::Checkpoint open(const char* file) {
  return checkpoint::open_checkpoint(testing::golden_data(std::string("model/base_like/") + file),
                                     testing::golden_data("model/base_like/config.json"));
}

NamedTensors inputs() {
  return app::read_tensors(testing::golden_data("model/retrieval/inputs.safetensors"));
}
NamedTensors expected() {
  return app::read_tensors(testing::golden_data("model/retrieval/expected.safetensors"));
}

/// The set of every line of a [lines, k] tensor.
std::vector<std::set<std::int64_t>> sets_of(const at::Tensor& lines) {
  std::vector<std::set<std::int64_t>> sets;
  for (std::int64_t line = 0; line < lines.size(0); ++line) {
    const at::Tensor row = lines[line].contiguous();
    sets.emplace_back(row.data_ptr<std::int64_t>(), row.data_ptr<std::int64_t>() + row.numel());
  }
  return sets;
}

void expect_all_equal(const NamedTensors& out) {
  const NamedTensors fixture = expected();
  for (const auto& [name, want] : fixture) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(out.contains(name));
    const at::Tensor& value = out.at(name);
    ASSERT_EQ(value.sizes(), want.sizes());
    if (name == "i2t_topk") {
      EXPECT_EQ(sets_of(value), sets_of(want));
    } else if (name == "t2i_topk") {
      EXPECT_EQ(sets_of(value.t()), sets_of(want.t()));
    } else if (name.starts_with("recall_")) {
      EXPECT_LT((value - want).abs().max().item<double>(), 1e-6) << value << want;
    } else {
      EXPECT_LE((value - want).abs().max().item<double>(), kTolerance);
    }
  }
}

TEST(RetrievalGolden, BothOfficialEvaluationsFromTheWeights) {
  expect_all_equal(app::retrieval_stages(open("official.ckpt"), inputs(), kCandidates, one_thread()));
}

TEST(RetrievalGolden, UnitsAndBatchesOfOtherSizesToo) {
  engine::EngineOptions engine = one_thread();
  engine.pairs_per_batch = 5;
  engine::RetrievalOptions retrieval;
  retrieval.images_per_unit = 5;
  retrieval.images_per_batch = 2;
  retrieval.text_cache_bytes = 0;
  expect_all_equal(app::retrieval_stages(open("official.ckpt"), inputs(), kCandidates, engine, retrieval));
}

TEST(RetrievalGolden, CandidatesStandInTheOrderOfTheirSimilarity) {
  const NamedTensors out = app::retrieval_stages(open("official.ckpt"), inputs(), kCandidates, one_thread());
  const NamedTensors fixture = expected();
  EXPECT_TRUE(out.at("i2t_topk").equal(fixture.at("i2t_topk")));
  EXPECT_TRUE(out.at("t2i_topk").equal(fixture.at("t2i_topk")));
}

// Hugging Face's embeddings are other ones by design (its image head reads the transformed features), the
// scores of pairs differ by the eps of the cross-modal layers alone.
TEST(RetrievalGolden, AHuggingFaceCheckpointUsesItsOwnImageHead) {
  const NamedTensors out =
      app::retrieval_stages(open("model.safetensors"), inputs(), kCandidates, one_thread());
  const NamedTensors fixture = expected();
  EXPECT_GT((out.at("sims") - fixture.at("sims")).abs().max().item<double>(), 1e-2);
  EXPECT_LE((out.at("itm_full") - fixture.at("itm_full")).abs().max().item<double>(), 1e-3);
}

}  // namespace
}  // namespace bteval
