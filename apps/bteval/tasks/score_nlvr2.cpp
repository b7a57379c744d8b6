#include "tasks/score_nlvr2.h"

#include "core/error.h"
#include "datasets/nlvr2.h"
#include "datasets/nlvr2_predictions.h"
#include "datasets/source.h"
#include "metrics/nlvr2_accuracy.h"

namespace bteval::app {
namespace {

// As Python prints a float: the shortest digits that give it back.
std::string fraction(const records::ScoreValue& value) {
  return Json(static_cast<double>(value.correct.value()) / static_cast<double>(value.count)).dump();
}

void require_labels(const datasets::Nlvr2& data) {
  if (data.unlabelled == 0) return;
  throw Error(ErrorCode::kData,
              fmt::format("{} of {} examples have no label, so that predictions cannot be scored",
                          data.unlabelled, data.samples.samples.size()),
              {data.files.front().path, "", std::nullopt});
}

}  // namespace

ScoreResult score_nlvr2(const ScoreNlvr2Options& options) {
  datasets::HashedFile prediction_file("predictions", options.predictions);
  datasets::Nlvr2Options open;
  open.annotations = options.annotations;
  open.balanced = options.balanced;
  open.unbalanced = options.unbalanced;
  open.categories = options.categories;
  open.with_images = false;
  const datasets::Nlvr2 data = datasets::open_nlvr2(open);
  require_labels(data);
  const datasets::Nlvr2PredictionFile read = datasets::read_nlvr2_predictions(prediction_file.bytes());
  const datasets::IdAlignment alignment = datasets::align_nlvr2_predictions(
      data.samples, read, prediction_file.bytes().name(), options.allow_partial);

  metrics::Nlvr2Accuracy accuracy(data.labels);
  for (std::size_t i = 0; i < alignment.prediction_of_sample.size(); ++i) {
    if (const auto position = alignment.prediction_of_sample[i]) {
      accuracy.add(i, read.predictions[*position].prediction);
    } else if (i < options.wrong_where_missing) {
      accuracy.add_wrong(i);
    }
  }
  ScoreResult result;
  result.task = "nlvr2";
  result.split = data.split;
  result.score = accuracy.value();
  result.files = data.files;
  const std::size_t examples = data.samples.samples.size();
  result.signature = score_signature(result.task, result.split, result.score, examples, result.files);
  result.files.push_back(prediction_file.source());
  result.counts = {{"examples", examples},         {"predictions", read.predictions.size()},
                   {"scored", accuracy.count()},   {"missing", alignment.missing},
                   {"unknown", alignment.unknown}, {"unknown_categories", data.unknown_categories}};
  if (alignment.missing > 0) {
    result.notes.push_back(
        fmt::format("{} of {} examples have no prediction and do not count", alignment.missing, examples));
  }
  if (alignment.unknown > 0) {
    result.notes.push_back(
        fmt::format("{} predictions are for other examples and do not count", alignment.unknown));
  }
  if (data.unknown_categories > 0) {
    result.notes.push_back(
        fmt::format("{} categories are for other examples and do not count", data.unknown_categories));
  }
  return result;
}

std::vector<std::string> official_nlvr2_lines(const records::Score& score) {
  return {"precision=" + fraction(score.overall),
          "consistency=" + fraction(score.groups.front().values.front())};
}

}  // namespace bteval::app
