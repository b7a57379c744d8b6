#include "datasets/record_scan.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/json.h"
#include "datasets/json_fields.h"

namespace bteval::datasets {
namespace {

// The element is stepped over before it is visited, so that a visitor may stop anywhere within it.
void visit_element(const Bytes& file, JsonReader& reader, RecordPlace place, const VisitRecord& visit,
                   ScanResult& out) {
  reader.peek();  // moves to its first byte
  place.offset = reader.offset();
  reader.skip();
  const std::string_view element = file.text().substr(place.offset, reader.offset() - place.offset);
  ++out.records;
  try {
    JsonReader record(element, file.name());
    visit(record, place);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kData) throw;
    out.problems.push_back({place.name, place.offset + error.context().offset.value_or(0), error.message()});
  }
}

void scan_list(const Bytes& file, JsonReader& reader, const std::string& list, const VisitRecord& visit,
               ScanResult& out) {
  reader.enter_array();
  for (std::size_t index = 0; reader.next_element(); ++index) {
    visit_element(file, reader, {index, 0, fmt::format("{}[{}]", list, index)}, visit, out);
  }
}

void scan_document(const Bytes& file, const std::string& list, const VisitRecord& visit, ScanResult& out) {
  JsonReader reader(file.text(), file.name());
  if (list.empty()) {
    scan_list(file, reader, "", visit, out);
    reader.finish();
    return;
  }
  bool found = false;
  std::string other_keys;
  std::string_view key;
  reader.enter_object();
  while (reader.next_key(key)) {
    if (key == list && !found) {
      found = true;
      scan_list(file, reader, list, visit, out);
      continue;
    }
    const std::string name(key);
    other_keys += fmt::format("{}\"{}\"", other_keys.empty() ? "" : ", ", name);
    if (reader.peek() == JsonReader::Type::kString) {
      out.members[name] = reader.read_string();
    } else {
      reader.skip();
    }
  }
  reader.finish();
  if (!found) {
    throw Error(ErrorCode::kData, fmt::format("has no \"{}\"; it has {}", list,
                                              other_keys.empty() ? "nothing else" : printable(other_keys)));
  }
}

}  // namespace

ScanResult scan_json_list(const Bytes& file, const std::string& list, const VisitRecord& visit) {
  ScanResult out;
  try {
    scan_document(file, list, visit, out);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kData) throw;
    out.complete = false;
    out.problems.push_back({"", error.context().offset, error.message()});
  }
  return out;
}

ScanResult scan_json_lines(const Bytes& file, const VisitRecord& visit) {
  ScanResult out;
  const std::string_view text = file.text();
  try {
    refuse_if_not_json(text, file.name());
  } catch (const Error& error) {
    out.complete = false;
    out.problems.push_back({"", std::nullopt, error.message()});
    return out;
  }
  std::size_t line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view content = text.substr(begin, end - begin);
    if (has_text(content)) {
      const RecordPlace place{static_cast<std::size_t>(out.records++), begin, fmt::format("line {}", line)};
      try {
        JsonReader reader(content, file.name());
        visit(reader, place);
        reader.finish();
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kData) throw;
        out.problems.push_back({place.name, begin + error.context().offset.value_or(0), error.message()});
      }
    }
    begin = end + 1;
  }
  return out;
}

RecordFields::RecordFields(JsonReader& reader, std::initializer_list<std::string_view> keys) {
  fields_.reserve(keys.size());
  std::string_view key;
  reader.enter_object();
  while (reader.next_key(key)) {
    const auto wanted = std::find(keys.begin(), keys.end(), key);
    const JsonReader::Type type = reader.peek();
    const bool is_text = type == JsonReader::Type::kString;
    if (wanted == keys.end() || (!is_text && type != JsonReader::Type::kNumber)) {
      reader.skip();
      continue;
    }
    std::string value = is_text ? std::string(reader.read_string()) : std::to_string(reader.read_int());
    // Where a record has a member twice, the last one counts, as in Python.
    const auto same = [&](const Field& field) { return field.key == *wanted; };
    fields_.erase(std::remove_if(fields_.begin(), fields_.end(), same), fields_.end());
    fields_.push_back({*wanted, std::move(value), is_text});
  }
}

const RecordFields::Field* RecordFields::find_field(std::string_view key) const {
  for (const Field& field : fields_) {
    if (field.key == key) return &field;
  }
  return nullptr;
}

const std::string* RecordFields::find(std::string_view key) const {
  const Field* field = find_field(key);
  return field == nullptr ? nullptr : &field->value;
}

const std::string& RecordFields::at(std::string_view key) const {
  const Field* field = find_field(key);
  if (field == nullptr) {
    throw Error(ErrorCode::kData, fmt::format("has no \"{}\" that is text or an integer", key));
  }
  return field->value;
}

const std::string& RecordFields::text_at(std::string_view key) const {
  const Field* field = find_field(key);
  if (field == nullptr || !field->is_text) {
    throw Error(ErrorCode::kData, fmt::format("has no \"{}\" that is text", key));
  }
  return field->value;
}

std::int64_t RecordFields::id_at(std::string_view key) const {
  const std::string& text = at(key);
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    throw Error(ErrorCode::kData, fmt::format("\"{}\" is no id: \"{}\"", key, printable(text, 40)));
  }
  return id;
}

}  // namespace bteval::datasets
