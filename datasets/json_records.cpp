#include "datasets/json_records.h"

#include <algorithm>
#include <utility>

#include "core/json.h"
#include "datasets/json_fields.h"

namespace bteval::datasets {
namespace {

std::string where(const char* what, std::size_t number, const std::string& id) {
  return id.empty() ? fmt::format("{} {}", what, number) : fmt::format("{} {}, {}", what, number, id);
}

}  // namespace

void read_json_lines(const Bytes& file, const ReadRecord& read) {
  const std::string_view text = file.text();
  refuse_if_not_json(text, file.name());
  std::size_t line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view content = text.substr(begin, end - begin);
    if (has_text(content)) {
      std::string id;
      try {
        JsonReader reader(content, file.name());
        read(reader, id);
        reader.finish();
      } catch (const Error& error) {
        ErrorContext context{file.name(), where("line", line, id), error.context().offset};
        if (context.offset) *context.offset += begin;
        throw Error(error.code(), error.message(), std::move(context));
      }
    }
    begin = end + 1;
  }
}

void read_json_list(const Bytes& file, const ReadRecord& read) {
  JsonReader reader(file.text(), file.name());
  reader.enter_array();
  for (std::size_t index = 0; reader.next_element(); ++index) {
    std::string id;
    try {
      read(reader, id);
    } catch (const Error& error) {
      throw error.with_context({"", where("record", index, id), std::nullopt});
    }
  }
  reader.finish();
}

void read_json_records(const Bytes& file, const ReadRecord& read) {
  if (first_character(file) == '[') {
    read_json_list(file, read);
  } else {
    read_json_lines(file, read);
  }
}

char first_character(const Bytes& file) {
  const std::size_t start = file.text().find_first_not_of(" \t\r\n\xef\xbb\xbf");
  return start == std::string_view::npos ? '\0' : file.text()[start];
}

}  // namespace bteval::datasets
