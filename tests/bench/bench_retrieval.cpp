// Ranking COCO's test split: 5,000 images, 25,010 captions.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "metrics/retrieval_score.h"

namespace {

using namespace bteval;

constexpr std::uint32_t kImages = 5000;
constexpr std::uint32_t kSixth = 10;  // images with a sixth caption

metrics::RetrievalLabels coco_labels() {
  std::vector<std::uint32_t> image_of;
  for (std::uint32_t image = 0; image < kImages; ++image) {
    image_of.insert(image_of.end(), image % (kImages / kSixth) == 0 ? 6 : 5, image);
  }
  return {kImages, std::move(image_of)};
}

std::vector<float> random_floats(std::size_t count) {
  std::minstd_rand random(1);
  std::vector<float> out(count);
  for (float& value : out) value = static_cast<float>(random()) * 0x1p-31F;
  return out;
}

records::RetrievalScores dense_scores(const metrics::RetrievalLabels& labels) {
  records::RetrievalScores scores;
  scores.num_images = labels.num_images();
  scores.num_captions = labels.num_captions();
  scores.dense =
      records::ScoreMatrix::own(scores.num_images, scores.num_captions,
                                random_floats(std::size_t{scores.num_images} * scores.num_captions));
  return scores;
}

void score(benchmark::State& state, const records::RetrievalScores& scores,
           const metrics::RetrievalLabels& labels, metrics::RetrievalProtocol protocol, bool folds) {
  metrics::RetrievalScoring options;
  options.protocol = protocol;
  options.folds = folds;
  for (auto _ : state) benchmark::DoNotOptimize(metrics::score_retrieval(scores, labels, options));
}

void BM_Dense(benchmark::State& state) {
  const auto labels = coco_labels();
  score(state, dense_scores(labels), labels, metrics::RetrievalProtocol::kDense, false);
}
BENCHMARK(BM_Dense)->Unit(benchmark::kMillisecond);

void BM_DenseWithFolds(benchmark::State& state) {
  const auto labels = coco_labels();
  score(state, dense_scores(labels), labels, metrics::RetrievalProtocol::kDense, true);
}
BENCHMARK(BM_DenseWithFolds)->Unit(benchmark::kMillisecond);

// What sorting one row after the other costs, without the columns: the usual way.
void BM_SortRows(benchmark::State& state) {
  const auto labels = coco_labels();
  const auto scores = dense_scores(labels);
  std::vector<std::uint32_t> order(labels.num_captions());
  for (auto _ : state) {
    for (std::uint32_t image = 0; image < kImages; ++image) {
      const float* row = scores.dense.f32.data() + std::size_t{image} * labels.num_captions();
      for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
      std::sort(order.begin(), order.end(),
                [row](std::uint32_t a, std::uint32_t b) { return row[a] > row[b]; });
      benchmark::DoNotOptimize(order.data());
    }
  }
}
BENCHMARK(BM_SortRows)->Unit(benchmark::kMillisecond)->Iterations(1);

// k best of each row and column at random: as many pairs as the two-stage protocol scores.
void BM_Candidates(benchmark::State& state) {
  const auto labels = coco_labels();
  records::RetrievalScores scores;
  scores.num_images = labels.num_images();
  scores.num_captions = labels.num_captions();
  scores.top_k = 256;
  std::minstd_rand random(1);
  const double share = 256.0 / kImages + 256.0 / labels.num_captions();
  for (std::uint32_t image = 0; image < labels.num_images(); ++image) {
    for (std::uint32_t caption = 0; caption < labels.num_captions(); ++caption) {
      const float value = static_cast<float>(random()) * 0x1p-31F;
      if (value >= share) continue;
      scores.pairs.push_back(
          {image, caption, value, value * 7 - 3, static_cast<std::uint8_t>(1 + random() % 3)});
    }
  }
  state.counters["pairs"] = static_cast<double>(scores.pairs.size());
  score(state, scores, labels, metrics::RetrievalProtocol::kItm, false);
}
BENCHMARK(BM_Candidates)->Unit(benchmark::kMillisecond);

void BM_Embeddings(benchmark::State& state) {
  const auto labels = coco_labels();
  records::RetrievalScores scores;
  scores.num_images = labels.num_images();
  scores.num_captions = labels.num_captions();
  scores.itc_size = 256;
  scores.image_embeddings = random_floats(std::size_t{scores.num_images} * scores.itc_size);
  scores.text_embeddings = random_floats(std::size_t{scores.num_captions} * scores.itc_size);
  score(state, scores, labels, metrics::RetrievalProtocol::kItc, false);
}
BENCHMARK(BM_Embeddings)->Unit(benchmark::kMillisecond);

}  // namespace
