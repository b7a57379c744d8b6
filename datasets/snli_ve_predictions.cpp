#include "datasets/snli_ve_predictions.h"

#include <utility>

#include "datasets/json_records.h"
#include "datasets/label_record.h"
#include "datasets/text_id_index.h"

namespace bteval::datasets {
namespace {

using records::SnliVePrediction;

constexpr const char* kPairId = "pairID";

void read_record(JsonReader& reader, std::string& name, SnliVePredictionFile& out) {
  SnliVePrediction prediction;
  const auto parse = [&](std::string_view label) {
    const auto parsed = records::snli_ve_class(label);
    if (parsed) prediction.prediction = *parsed;
    return parsed.has_value();
  };
  LabelRecord record =
      read_label_record(reader, name, {kPairId, "none of contradiction, neutral, entailment", parse});
  if (record.refused) {
    ++out.refused;
    return;
  }
  prediction.pair_id = std::move(record.id);
  out.predictions.push_back(std::move(prediction));
}

}  // namespace

SnliVePredictionFile read_snli_ve_predictions(const Bytes& file) {
  SnliVePredictionFile out;
  read_json_records(file, [&](JsonReader& reader, std::string& name) { read_record(reader, name, out); });
  return out;
}

IdAlignment align_snli_ve_predictions(const records::SampleSet& samples,
                                      const SnliVePredictionFile& predictions, const std::string& name,
                                      bool allow_partial) {
  TextIdIndex index(name, kPairId);
  for (const SnliVePrediction& prediction : predictions.predictions) index.add(prediction.pair_id);
  return align_ids(samples, index,
                   {name, "pairs", kPairId, predictions.predictions.size(), predictions.refused,
                    [&](std::size_t i) { return samples.samples[i].id; },
                    [&](std::size_t i) { return predictions.predictions[i].pair_id; }},
                   {allow_partial, allow_partial});
}

}  // namespace bteval::datasets
