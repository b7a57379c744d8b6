#include "datasets/nlvr2_json.h"

#include <algorithm>
#include <array>
#include <utility>

#include "datasets/json_fields.h"
#include "datasets/json_records.h"

namespace bteval::datasets {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

std::string read_directory(JsonReader& reader) {
  const bool is_number_type = reader.peek() == JsonReader::Type::kNumber;
  const std::size_t offset = reader.offset();
  if (is_number_type) {
    const std::int64_t number = reader.read_int();
    if (number < 0) reader.fail("\"directory\" is negative", offset);
    return std::to_string(number);
  }
  std::string name(reader.read_string());
  if (!is_number(name)) {
    reader.fail(fmt::format("\"directory\" is a part of image paths and must be a number, but is \"{}\"",
                            printable(name, 40)),
                offset);
  }
  return name;
}

std::optional<bool> read_label(JsonReader& reader) {
  if (reader.peek() == JsonReader::Type::kNull) {
    reader.skip();
    return std::nullopt;
  }
  const std::size_t offset = reader.offset();
  const std::string_view text = reader.read_string();
  const std::optional<bool> label = nlvr2_truth(text);
  if (!label)
    reader.fail(fmt::format("the label is neither True nor False: \"{}\"", printable(text, 40)), offset);
  return label;
}

}  // namespace

Nlvr2Record read_nlvr2_record(JsonReader& reader, std::string& id) {
  Nlvr2Record record;
  bool has_sentence = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == "identifier") {
      reader.peek();  // moves to the value's first byte
      const std::size_t offset = reader.offset();
      record.identifier = reader.read_string();
      if (!parse_nlvr2_identifier(record.identifier)) {
        reader.fail(fmt::format("the identifier \"{}\" has not the form split-set-pair-sentence",
                                printable(record.identifier, 60)),
                    offset);
      }
      id = "identifier " + record.identifier;
    } else if (key == "sentence") {
      record.sentence = reader.read_string();
      has_sentence = true;
    } else if (key == "label") {
      record.label = read_label(reader);
    } else if (key == "directory") {
      record.directory = read_directory(reader);
    } else {
      reader.skip();
    }
  }
  require_member(reader, !record.identifier.empty(), "identifier");
  require_member(reader, has_sentence, "sentence");
  if (!has_text(record.sentence))
    reader.fail("the sentence of the record that ends here is empty", reader.offset());
  return record;
}

std::string Nlvr2Identifier::group() const { return fmt::format("{}-{}--{}", split, set, sentence); }

std::string Nlvr2Identifier::image_name(int side) const {
  return fmt::format("{}-{}-{}-img{}", split, set, pair, side);
}

std::optional<Nlvr2Identifier> parse_nlvr2_identifier(std::string_view text) {
  std::array<std::string_view, 4> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t end = text.find('-');
    if ((end == std::string_view::npos) != (i + 1 == fields.size())) return std::nullopt;
    fields[i] = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), fields[i].size() + 1));
  }
  const auto& [split, set, pair, sentence] = fields;
  if (split.empty() || !std::all_of(split.begin(), split.end(), is_word)) return std::nullopt;
  if (!is_number(set) || !is_number(pair) || !is_number(sentence)) return std::nullopt;
  return Nlvr2Identifier{split, set, pair, sentence};
}

std::optional<bool> nlvr2_truth(std::string_view text) {
  if (equals_ignoring_case(text, "true")) return true;
  if (equals_ignoring_case(text, "false")) return false;
  return std::nullopt;
}

std::vector<Nlvr2Record> read_nlvr2(const Bytes& file) {
  std::vector<Nlvr2Record> records;
  read_json_records(
      file, [&](JsonReader& reader, std::string& id) { records.push_back(read_nlvr2_record(reader, id)); });
  if (records.empty()) throw Error(ErrorCode::kData, "has no examples", {file.name(), "", std::nullopt});
  return records;
}

}  // namespace bteval::datasets
