#include "datasets/nlvr2_categories.h"

#include <set>
#include <utility>

#include "datasets/csv_lines.h"
#include "datasets/json_fields.h"
#include "datasets/json_records.h"
#include "datasets/nlvr2_json.h"

namespace bteval::datasets {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view strip(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorCode::kData, message); }

class Categories {
 public:
  void add(std::string_view identifier, std::string_view category) {
    identifier = strip(identifier);
    category = strip(category);
    if (!parse_nlvr2_identifier(identifier)) {
      fail(fmt::format("the identifier \"{}\" has not the form split-set-pair-sentence",
                       printable(identifier, 60)));
    }
    if (category.empty()) fail(fmt::format("the category of {} is empty", identifier));
    if (!seen_.emplace(identifier, category).second) {
      fail(fmt::format("{} has the category \"{}\" twice", identifier, printable(category, 60)));
    }
    out_.push_back({std::string(identifier), std::string(category)});
  }
  std::vector<Nlvr2Category> take() { return std::move(out_); }

 private:
  std::set<std::pair<std::string, std::string>> seen_;
  std::vector<Nlvr2Category> out_;
};

void read_record(JsonReader& reader, std::string& id, Categories& categories) {
  std::string identifier;
  std::vector<std::string> names;
  bool has_category = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == "identifier") {
      identifier = reader.read_string();
      id = "identifier " + identifier;
    } else if (key == "category") {
      has_category = true;
      names.clear();
      if (reader.peek() == JsonReader::Type::kString) {
        names.emplace_back(reader.read_string());
      } else {
        reader.enter_array();
        while (reader.next_element()) names.emplace_back(reader.read_string());
      }
    } else {
      reader.skip();
    }
  }
  require_member(reader, !identifier.empty(), "identifier");
  require_member(reader, has_category, "category");
  for (const std::string& name : names) {
    try {
      categories.add(identifier, name);
    } catch (const Error& error) {
      reader.fail(error.message(), reader.offset());
    }
  }
}

}  // namespace

std::vector<Nlvr2Category> read_nlvr2_categories(const Bytes& file) {
  Categories categories;
  const char first = first_character(file);
  if (first == '{' || first == '[') {
    read_json_records(file,
                      [&](JsonReader& reader, std::string& id) { read_record(reader, id, categories); });
  } else {
    read_csv_lines(file, [&](const CsvLine& line) {
      if (line.is_blank()) return;
      if (!line.has_comma) {
        fail(fmt::format("expected identifier,category, found '{}'", printable(line.first, 60)));
      }
      categories.add(line.first, line.second);
    });
  }
  return categories.take();
}

}  // namespace bteval::datasets
