#include "datasets/vqa_alignment.h"

#include <utility>

#include "datasets/id_index.h"

namespace bteval::datasets {

IdAlignment align_vqa_predictions(std::span<const std::int64_t> question_ids,
                                  const VqaPredictionFile& predictions, const std::string& name,
                                  bool allow_partial) {
  std::vector<std::int64_t> ids;
  ids.reserve(predictions.predictions.size());
  for (const records::VqaPrediction& prediction : predictions.predictions)
    ids.push_back(prediction.question_id);
  const IdIndex index(ids, name, "question_id");
  std::vector<std::optional<std::uint32_t>> found;
  found.reserve(question_ids.size());
  for (const std::int64_t id : question_ids) found.push_back(index.find(id));
  const AlignmentSides sides{name,
                             "questions",
                             "question_id",
                             ids.size(),
                             predictions.refused,
                             [&](std::size_t i) { return std::to_string(question_ids[i]); },
                             [&](std::size_t i) { return std::to_string(ids[i]); }};
  return align_ids(std::move(found), sides, {allow_partial, allow_partial});
}

}  // namespace bteval::datasets
