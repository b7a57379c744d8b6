// A record of a prediction file: {"<id>": "...", "prediction": "<label>" or null}.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/json_reader.h"

namespace bteval::datasets {

/// How a task's prediction files name samples and labels.
struct LabelRecordFormat {
  const char* id_key;                           ///< "identifier", "pairID"
  const char* not_a_label;                      ///< "neither True nor False", for the error
  std::function<bool(std::string_view)> parse;  ///< takes a label over; false where it is none
};

struct LabelRecord {
  std::string id;
  bool refused = false;  ///< the prediction is null: nothing was parsed
};

/// Reads one object; other members are skipped. `record_name` becomes "<id_key> <id>" as soon as the id is
/// known, for the errors of whoever reads the file. JsonReader's errors where a member is missing, of another
/// type, or the prediction is no label.
LabelRecord read_label_record(JsonReader& reader, std::string& record_name, const LabelRecordFormat& format);

}  // namespace bteval::datasets
