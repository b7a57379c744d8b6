#include "datasets/nlvr2_predictions.h"

#include <utility>

#include "datasets/csv_lines.h"
#include "datasets/json_records.h"
#include "datasets/label_record.h"
#include "datasets/nlvr2_json.h"
#include "datasets/text_id_index.h"

namespace bteval::datasets {
namespace {

using records::Nlvr2Prediction;

constexpr const char* kIdentifier = "identifier";

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorCode::kData, message); }

Nlvr2Prediction from_line(const CsvLine& line) {
  if (line.is_blank()) fail("is blank; the official scorer ends with an error at such a line");
  if (!line.has_comma) {
    fail(fmt::format("expected identifier,prediction, found '{}'", printable(line.first, 60)));
  }
  const std::string_view value = line.second.substr(0, line.second.find(','));
  const std::optional<bool> truth = nlvr2_truth(value);
  if (!truth) {
    fail(fmt::format("the prediction for '{}' is neither True nor False: '{}'", printable(line.first, 60),
                     printable(value, 40)));
  }
  return {std::string(line.first), *truth};
}

void read_record(JsonReader& reader, std::string& name, Nlvr2PredictionFile& out) {
  Nlvr2Prediction prediction;
  const auto parse = [&](std::string_view label) {
    const std::optional<bool> truth = nlvr2_truth(label);
    prediction.prediction = truth.value_or(false);
    return truth.has_value();
  };
  LabelRecord record = read_label_record(reader, name, {kIdentifier, "neither True nor False", parse});
  if (record.refused) {
    ++out.refused;
    return;
  }
  prediction.identifier = std::move(record.id);
  out.predictions.push_back(std::move(prediction));
}

}  // namespace

Nlvr2PredictionFile read_nlvr2_predictions(const Bytes& file) {
  Nlvr2PredictionFile out;
  const char first = first_character(file);
  if (first == '{' || first == '[') {
    read_json_records(file, [&](JsonReader& reader, std::string& name) { read_record(reader, name, out); });
  } else {
    read_csv_lines(file, [&](const CsvLine& line) { out.predictions.push_back(from_line(line)); });
  }
  return out;
}

IdAlignment align_nlvr2_predictions(const records::SampleSet& samples, const Nlvr2PredictionFile& predictions,
                                    const std::string& name, bool allow_partial) {
  TextIdIndex index(name, kIdentifier);
  for (const Nlvr2Prediction& prediction : predictions.predictions) index.add(prediction.identifier);
  return align_ids(samples, index,
                   {name, "examples", kIdentifier, predictions.predictions.size(), predictions.refused,
                    [&](std::size_t i) { return samples.samples[i].id; },
                    [&](std::size_t i) { return printable(predictions.predictions[i].identifier, 60); }},
                   {allow_partial, true});
}

}  // namespace bteval::datasets
