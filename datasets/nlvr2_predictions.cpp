#include "datasets/nlvr2_predictions.h"

#include <utility>

#include "datasets/csv_lines.h"
#include "datasets/json_fields.h"
#include "datasets/json_records.h"
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

void read_record(JsonReader& reader, std::string& id, Nlvr2PredictionFile& out) {
  Nlvr2Prediction prediction;
  bool has_identifier = false;
  bool has_prediction = false;
  bool refused = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == kIdentifier) {
      prediction.identifier = reader.read_string();
      id = "identifier " + prediction.identifier;
      has_identifier = true;
    } else if (key == "prediction") {
      has_prediction = true;
      refused = reader.peek() == JsonReader::Type::kNull;
      if (refused) {
        reader.skip();
        continue;
      }
      const std::size_t offset = reader.offset();
      const std::string_view value = reader.read_string();
      const std::optional<bool> truth = nlvr2_truth(value);
      if (!truth) {
        reader.fail(fmt::format("the prediction is neither True nor False: \"{}\"", printable(value, 40)),
                    offset);
      }
      prediction.prediction = *truth;
    } else {
      reader.skip();
    }
  }
  require_member(reader, has_identifier, kIdentifier);
  require_member(reader, has_prediction, "prediction");
  if (refused) {
    ++out.refused;
  } else {
    out.predictions.push_back(std::move(prediction));
  }
}

}  // namespace

Nlvr2PredictionFile read_nlvr2_predictions(const Bytes& file) {
  Nlvr2PredictionFile out;
  const char first = first_character(file);
  if (first == '{' || first == '[') {
    read_json_records(file, [&](JsonReader& reader, std::string& id) { read_record(reader, id, out); });
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
