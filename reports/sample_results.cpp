#include "reports/sample_results.h"

#include <fmt/format.h>

#include <iterator>

#include "core/error.h"
#include "core/json.h"
#include "core/json_reader.h"

namespace bteval::reports {
namespace {

constexpr std::size_t kFlushAt = 1 << 20;

void put(std::string& line, const char* key, const std::string& json) {
  fmt::format_to(std::back_inserter(line), "{}\"{}\": {}", line.size() == 1 ? "" : ", ", key, json);
}

std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string list(const std::vector<std::string>& texts) {
  return Json(texts).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string line_of(const records::SampleResult& result) {
  std::string line = "{";
  put(line, "id", quoted(result.id));
  put(line, "cluster", quoted(result.cluster));
  // Shortest digits that give the same number back: equal results, equal bytes.
  if (result.value) put(line, "value", fmt::format("{}", *result.value));
  if (result.confidence) put(line, "confidence", fmt::format("{}", *result.confidence));
  if (result.rank) put(line, "rank", fmt::format("{}", *result.rank));
  put(line, "prediction", result.refused.empty() ? quoted(result.prediction) : "null");
  if (!result.refused.empty()) put(line, "refused", quoted(result.refused));
  if (!result.targets.empty()) put(line, "targets", list(result.targets));
  put(line, "text", quoted(result.text));
  put(line, "images", list(result.images));
  OrderedJson slices = OrderedJson::object();
  for (const auto& [name, value] : result.slices) slices[name] = value;
  put(line, "slices", slices.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
  return line + "}\n";
}

std::vector<std::string> read_strings(JsonReader& reader) {
  std::vector<std::string> strings;
  reader.enter_array();
  while (reader.next_element()) strings.emplace_back(reader.read_string());
  return strings;
}

records::SampleResult read_result(JsonReader& reader) {
  records::SampleResult result;
  bool has_id = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == "id") {
      result.id = reader.read_string();
      has_id = true;
    } else if (key == "cluster") {
      result.cluster = reader.read_string();
    } else if (key == "value") {
      result.value = reader.read_double();
    } else if (key == "confidence") {
      result.confidence = static_cast<float>(reader.read_double());
    } else if (key == "rank") {
      result.rank = static_cast<std::uint32_t>(reader.read_int());
    } else if (key == "prediction" && reader.peek() == JsonReader::Type::kString) {
      result.prediction = reader.read_string();
    } else if (key == "refused") {
      result.refused = reader.read_string();
    } else if (key == "targets") {
      result.targets = read_strings(reader);
    } else if (key == "text") {
      result.text = reader.read_string();
    } else if (key == "images") {
      result.images = read_strings(reader);
    } else if (key == "slices") {
      reader.enter_object();
      std::string_view name;
      while (reader.next_key(name)) {
        std::string slice(name);
        result.slices.emplace_back(std::move(slice), reader.read_string());
      }
    } else {
      reader.skip();
    }
  }
  if (!has_id) reader.fail("has no \"id\"", reader.offset());
  return result;
}

}  // namespace

SampleResultWriter::SampleResultWriter(const std::filesystem::path& path) : file_(path) {}

void SampleResultWriter::add(const records::SampleResult& result) {
  buffer_ += line_of(result);
  if (buffer_.size() < kFlushAt) return;
  file_.write(buffer_);
  buffer_.clear();
}

void SampleResultWriter::commit() {
  file_.write(buffer_);
  buffer_.clear();
  file_.commit();
}

void read_sample_results(const Bytes& file, const std::function<void(records::SampleResult&&)>& sink) {
  const std::string_view text = file.text();
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    ++number;
    try {
      JsonReader reader(text.substr(begin, end - begin), file.name());
      records::SampleResult result = read_result(reader);
      reader.finish();
      sink(std::move(result));
    } catch (const Error& error) {
      throw Error(error.code(), error.message(),
                  {file.name(), fmt::format("line {}", number), begin + error.context().offset.value_or(0)});
    }
    begin = end + 1;
  }
}

std::vector<records::SampleResult> read_sample_results(const Bytes& file) {
  std::vector<records::SampleResult> results;
  read_sample_results(file, [&](records::SampleResult&& result) { results.push_back(std::move(result)); });
  return results;
}

}  // namespace bteval::reports
