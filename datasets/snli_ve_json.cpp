#include "datasets/snli_ve_json.h"

#include <utility>

#include "core/white_space.h"
#include "datasets/folders.h"
#include "datasets/json_fields.h"
#include "datasets/json_records.h"

namespace bteval::datasets {
namespace {

std::string read_image_id(JsonReader& reader) {
  if (reader.peek() == JsonReader::Type::kNumber) return std::to_string(reader.read_int());
  const std::size_t offset = reader.offset();
  std::string id(reader.read_string());
  if (!is_plain_name(id)) {
    reader.fail(fmt::format("the image id \"{}\" is no plain name", printable(id, 60)), offset);
  }
  return id;
}

std::optional<records::SnliVeClass> read_label(JsonReader& reader) {
  if (reader.peek() == JsonReader::Type::kNull) {
    reader.skip();
    return std::nullopt;
  }
  const std::size_t offset = reader.offset();
  const std::string_view name = reader.read_string();
  if (name == "-") return std::nullopt;
  const auto label = records::snli_ve_class(name);
  if (!label) {
    reader.fail(fmt::format("the gold_label is none of contradiction, neutral, entailment: \"{}\"",
                            printable(name, 40)),
                offset);
  }
  return label;
}

}  // namespace

SnliVeRecord read_snli_ve_record(JsonReader& reader, std::string& id) {
  SnliVeRecord record;
  bool has_hypothesis = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == "pairID") {
      record.pair_id = reader.read_string();
      id = "pairID " + record.pair_id;
    } else if (key == "Flickr30K_ID" || key == "Flickr30kID" || key == "Flikr30kID") {
      const std::string name(key);
      reader.peek();
      const std::size_t offset = reader.offset();
      std::string image_id = read_image_id(reader);
      if (!record.image_id.empty() && image_id != record.image_id) {
        reader.fail(
            fmt::format("{} says image {}, but another member image {}", name, image_id, record.image_id),
            offset);
      }
      record.image_id = std::move(image_id);
    } else if (key == "sentence2") {
      record.hypothesis = strip_white_space(reader.read_string());
      has_hypothesis = true;
    } else if (key == "gold_label") {
      record.label = read_label(reader);
    } else {
      reader.skip();
    }
  }
  require_member(reader, !record.image_id.empty(), "Flickr30K_ID");
  require_member(reader, has_hypothesis, "sentence2");
  if (record.hypothesis.empty()) {
    reader.fail("the sentence2 of the record that ends here is empty", reader.offset());
  }
  return record;
}

std::vector<SnliVeRecord> read_snli_ve(const Bytes& file) {
  std::vector<SnliVeRecord> records;
  read_json_records(file, [&](JsonReader& reader, std::string& id) {
    records.push_back(read_snli_ve_record(reader, id));
    if (records.back().pair_id.empty() != records.front().pair_id.empty()) {
      reader.fail("some records have a pairID, others none", reader.offset());
    }
  });
  if (records.empty()) throw Error(ErrorCode::kData, "has no pairs", {file.name(), "", std::nullopt});
  return records;
}

}  // namespace bteval::datasets
