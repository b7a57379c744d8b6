#include "datasets/label_record.h"

#include "datasets/json_fields.h"

namespace bteval::datasets {

LabelRecord read_label_record(JsonReader& reader, std::string& record_name, const LabelRecordFormat& format) {
  constexpr const char* kPrediction = "prediction";
  LabelRecord record;
  bool has_id = false, has_prediction = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == format.id_key) {
      record.id = reader.read_string();
      record_name = fmt::format("{} {}", format.id_key, record.id);
      has_id = true;
    } else if (key == kPrediction) {
      has_prediction = true;
      record.refused = reader.peek() == JsonReader::Type::kNull;
      if (record.refused) {
        reader.skip();
        continue;
      }
      const std::size_t offset = reader.offset();
      const std::string_view label = reader.read_string();
      if (!format.parse(label))
        reader.fail(fmt::format("the prediction is {}: \"{}\"", format.not_a_label, printable(label, 40)),
                    offset);
    } else {
      reader.skip();
    }
  }
  require_member(reader, has_id, format.id_key);
  require_member(reader, has_prediction, kPrediction);
  return record;
}

}  // namespace bteval::datasets
