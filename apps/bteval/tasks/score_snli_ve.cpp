#include "tasks/score_snli_ve.h"

#include "core/error.h"
#include "datasets/snli_ve.h"
#include "datasets/snli_ve_predictions.h"
#include "datasets/source.h"
#include "metrics/snli_ve_accuracy.h"

namespace bteval::app {

ScoreResult score_snli_ve(const ScoreSnliVeOptions& options) {
  datasets::HashedFile prediction_file("predictions", options.predictions);
  datasets::SnliVeOptions open;
  open.annotations = options.annotations;
  open.with_images = false;
  const datasets::SnliVe data = datasets::open_snli_ve(open);
  const std::size_t pairs = data.samples.samples.size();
  if (data.unlabelled == pairs) {
    throw Error(ErrorCode::kData, "no pair has a gold label, so that predictions cannot be scored",
                {data.files.front().path, "", std::nullopt});
  }
  const datasets::SnliVePredictionFile read = datasets::read_snli_ve_predictions(prediction_file.bytes());
  const datasets::IdAlignment alignment = datasets::align_snli_ve_predictions(
      data.samples, read, prediction_file.bytes().name(), options.allow_partial);

  metrics::SnliVeAccuracy accuracy;
  for (std::size_t i = 0; i < pairs; ++i) {
    const auto position = alignment.prediction_of_sample[i];
    if (!data.labels[i]) continue;
    if (position) {
      accuracy.add(*data.labels[i], read.predictions[*position].prediction);
    } else if (i < options.wrong_where_missing) {
      accuracy.add(*data.labels[i], std::nullopt);
    }
  }
  ScoreResult result;
  result.task = "snli-ve";
  result.split = data.split;
  result.score = accuracy.value();
  result.files = data.files;
  result.signature =
      score_signature(result.task, result.split, result.score, pairs - data.unlabelled, result.files);
  result.files.push_back(prediction_file.source());
  result.counts = {{"pairs", pairs},
                   {"predictions", read.predictions.size()},
                   {"scored", accuracy.count()},
                   {"missing", alignment.missing},
                   {"unknown", alignment.unknown},
                   {"unlabelled", data.unlabelled},
                   {"repeated_pairs", data.repeated_pairs},
                   {"conflicting_pairs", data.conflicting_pairs}};
  const auto note = [&](std::uint64_t count, const std::string& text) {
    if (count > 0) result.notes.push_back(text);
  };
  note(alignment.missing,
       fmt::format("{} of {} pairs have no prediction and do not count", alignment.missing, pairs));
  note(alignment.unknown, fmt::format("{} predictions are for unknown pairs", alignment.unknown));
  note(data.unlabelled, fmt::format("{} pairs have no gold label and do not count", data.unlabelled));
  note(data.repeated_pairs,
       fmt::format(
           "{} pairs of image and hypothesis stand more than once, {} of them with different gold labels",
           data.repeated_pairs, data.conflicting_pairs));
  return result;
}

}  // namespace bteval::app
