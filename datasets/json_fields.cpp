#include "datasets/json_fields.h"

#include <charconv>

namespace bteval::datasets {

std::int64_t read_id(JsonReader& reader) {
  if (reader.peek() != JsonReader::Type::kString) return reader.read_int();
  const std::size_t offset = reader.offset();
  const std::string_view text = reader.read_string();
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    reader.fail(fmt::format("expected an id, found \"{}\"", printable(text, 40)), offset);
  }
  return id;
}

std::string record_name(const char* list, std::size_t index, const char* key,
                        std::optional<std::int64_t> id) {
  return id ? fmt::format("{} {}", key, *id) : fmt::format("{}[{}]", list, index);
}

void require_member(const JsonReader& reader, bool present, const char* key) {
  if (!present) reader.fail(fmt::format("the record that ends here has no \"{}\"", key), reader.offset());
}

bool has_text(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") != std::string_view::npos;
}

}  // namespace bteval::datasets
