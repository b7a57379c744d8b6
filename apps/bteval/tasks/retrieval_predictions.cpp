#include "tasks/retrieval_predictions.h"

#include <fmt/format.h>

#include <functional>
#include <span>
#include <vector>

#include "core/json.h"
#include "metrics/retrieval_top.h"

namespace bteval::app {
namespace {

std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_line(std::string& lines, const char* query_key, const std::string& query, const char* answers_key,
                 const metrics::RankCounts& rank, metrics::TieRule ties,
                 std::span<const metrics::RankedAnswer> answers,
                 const std::function<const std::string&(std::uint32_t)>& id_of) {
  std::string ids, values;
  for (const metrics::RankedAnswer& answer : answers) {
    const char* comma = ids.empty() ? "" : ", ";
    ids += comma + quoted(id_of(answer.index));
    // Shortest digits that give the same float back: equal scores, equal bytes.
    values += fmt::format("{}{}", comma, static_cast<float>(answer.score));
  }
  lines += fmt::format("{{\"{}\": {}, \"rank\": {}, \"{}\": [{}], \"scores\": [{}]}}\n", query_key,
                       quoted(query), metrics::rank_of(rank, ties) + 1, answers_key, ids, values);
}

}  // namespace

std::string retrieval_prediction_lines(const records::RetrievalScores& scores,
                                       const metrics::RetrievalLabels& labels,
                                       const records::SampleSet& samples,
                                       const metrics::RetrievalScoring& scoring, std::uint32_t depth) {
  const metrics::RetrievalRanks ranks =
      metrics::rank_retrieval(scores, labels, scoring.protocol, scoring.threads);
  const metrics::TopAnswers top = metrics::top_answers(scores, labels, scoring.protocol, depth);
  const auto image_id = [&](std::uint32_t i) -> const std::string& { return samples.images[i].id; };
  const auto caption_id = [&](std::uint32_t c) -> const std::string& { return samples.samples[c].id; };
  std::string lines;
  for (std::uint32_t i = 0; i < labels.num_images(); ++i)
    append_line(lines, "image_id", image_id(i), "captions", ranks.text[i], scoring.ties, top.text[i],
                caption_id);
  for (std::uint32_t c = 0; c < labels.num_captions(); ++c)
    append_line(lines, "caption_id", caption_id(c), "images", ranks.image[c], scoring.ties, top.image[c],
                image_id);
  return lines;
}

}  // namespace bteval::app
