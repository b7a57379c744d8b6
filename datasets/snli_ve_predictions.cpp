#include "datasets/snli_ve_predictions.h"

#include <utility>

#include "datasets/json_fields.h"
#include "datasets/json_records.h"
#include "datasets/text_id_index.h"

namespace bteval::datasets {
namespace {

using records::SnliVePrediction;

constexpr const char* kPairId = "pairID";

void read_record(JsonReader& reader, std::string& id, SnliVePredictionFile& out) {
  SnliVePrediction prediction;
  bool has_id = false;
  bool has_prediction = false;
  bool refused = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == kPairId) {
      prediction.pair_id = reader.read_string();
      id = "pairID " + prediction.pair_id;
      has_id = true;
    } else if (key == "prediction") {
      has_prediction = true;
      refused = reader.peek() == JsonReader::Type::kNull;
      if (refused) {
        reader.skip();
        continue;
      }
      const std::size_t offset = reader.offset();
      const std::string_view value = reader.read_string();
      const auto name = records::snli_ve_class(value);
      if (!name) {
        reader.fail(fmt::format("the prediction is none of contradiction, neutral, entailment: \"{}\"",
                                printable(value, 40)),
                    offset);
      }
      prediction.prediction = *name;
    } else {
      reader.skip();
    }
  }
  require_member(reader, has_id, kPairId);
  require_member(reader, has_prediction, "prediction");
  if (refused) {
    ++out.refused;
  } else {
    out.predictions.push_back(std::move(prediction));
  }
}

}  // namespace

SnliVePredictionFile read_snli_ve_predictions(const Bytes& file) {
  SnliVePredictionFile out;
  read_json_records(file, [&](JsonReader& reader, std::string& id) { read_record(reader, id, out); });
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
