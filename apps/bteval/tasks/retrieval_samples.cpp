#include "tasks/retrieval_samples.h"

#include <vector>

#include "metrics/retrieval_top.h"

namespace bteval::app {
namespace {

void set_rank(records::SampleResult& result, const metrics::RankCounts& rank, metrics::TieRule ties) {
  const std::uint64_t place = metrics::rank_of(rank, ties);
  result.rank = static_cast<std::uint32_t>(place + 1);
  result.value = place == 0 ? 1 : 0;
}

}  // namespace

void add_retrieval_samples(const records::RetrievalScores& scores, const metrics::RetrievalLabels& labels,
                           const records::SampleSet& samples, const metrics::RetrievalScoring& scoring,
                           reports::SampleResultWriter& writer) {
  const metrics::RetrievalRanks ranks =
      metrics::rank_retrieval(scores, labels, scoring.protocol, scoring.threads);
  const metrics::TopAnswers best = metrics::top_answers(scores, labels, scoring.protocol, 1);
  std::vector<std::vector<std::uint32_t>> captions_of(samples.images.size());
  for (std::uint32_t c = 0; c < samples.samples.size(); ++c)
    captions_of[samples.samples[c].images.front()].push_back(c);

  for (std::uint32_t i = 0; i < samples.images.size(); ++i) {
    const records::ImageRef& image = samples.images[i];
    records::SampleResult result;
    result.id = "image:" + image.id;
    result.cluster = image.id;
    set_rank(result, ranks.text[i], scoring.ties);
    if (!best.text[i].empty()) result.prediction = samples.samples[best.text[i].front().index].text;
    for (const std::uint32_t c : captions_of[i]) result.targets.push_back(samples.samples[c].text);
    result.images = {image.path};
    result.slices = {{"direction", "image to text"}};
    writer.add(result);
  }
  for (std::uint32_t c = 0; c < samples.samples.size(); ++c) {
    const records::Sample& caption = samples.samples[c];
    const records::ImageRef& image = samples.images[caption.images.front()];
    records::SampleResult result;
    result.id = "caption:" + caption.id;
    result.cluster = image.id;
    set_rank(result, ranks.image[c], scoring.ties);
    if (!best.image[c].empty()) result.prediction = samples.images[best.image[c].front().index].id;
    result.targets = {image.id};
    result.text = caption.text;
    result.images = {image.path};
    result.slices = {{"direction", "text to image"}};
    writer.add(result);
  }
}

}  // namespace bteval::app
