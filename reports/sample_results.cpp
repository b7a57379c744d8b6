#include "reports/sample_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "core/json_reader.h"
#include "core/parallel.h"

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

/// A value or a probability.
double read_share(JsonReader& reader) {
  const std::size_t at = reader.offset();
  const double share = reader.read_double();
  if (!(share >= 0 && share <= 1)) reader.fail("is no number from 0 to 1", at);
  return share;
}

std::uint32_t read_rank(JsonReader& reader) {
  const std::size_t at = reader.offset();
  const std::int64_t rank = reader.read_int();
  if (rank < 1 || !std::in_range<std::uint32_t>(rank)) reader.fail("is no rank from 1 on", at);
  return static_cast<std::uint32_t>(rank);
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
      result.value = read_share(reader);
    } else if (key == "confidence") {
      result.confidence = static_cast<float>(read_share(reader));
    } else if (key == "rank") {
      result.rank = read_rank(reader);
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

constexpr std::size_t kChunkBytes = 256 << 10;
constexpr std::size_t kChunksAhead = 8;

std::size_t line_end(std::string_view text, std::size_t begin) {
  return std::min(text.find('\n', begin), text.size());
}

/// Throws what was thrown for the line that begins there, naming the line.
[[noreturn]] void fail_line(const Bytes& file, std::size_t begin, const Error& error) {
  const std::string_view before = file.text().substr(0, begin);
  const auto number = std::count(before.begin(), before.end(), '\n') + 1;
  throw Error(error.code(), error.message(),
              {file.name(), fmt::format("line {}", number), begin + error.context().offset.value_or(0)});
}

records::SampleResult read_line(const Bytes& file, std::size_t begin, std::size_t end) {
  try {
    JsonReader reader(file.text().substr(begin, end - begin), file.name());
    records::SampleResult result = read_result(reader);
    reader.finish();
    return result;
  } catch (const Error& error) {
    fail_line(file, begin, error);
  }
}

/// Whole lines, and what they hold up to the first one that is malformed.
struct Chunk {
  std::size_t begin = 0, end = 0;
  std::vector<records::SampleResult> results;
  std::exception_ptr failure;
};

void read_chunk(const Bytes& file, const std::function<void(records::SampleResult&)>& prepare, Chunk& chunk) {
  try {
    for (std::size_t begin = chunk.begin; begin < chunk.end;) {
      const std::size_t end = line_end(file.text(), begin);
      chunk.results.push_back(read_line(file, begin, end));
      prepare(chunk.results.back());
      begin = end + 1;
    }
  } catch (...) {
    chunk.failure = std::current_exception();  // when its turn comes, so that the first fault is told
  }
}

void deliver(const Bytes& file, std::vector<Chunk>& chunks,
             const std::function<void(records::SampleResult&&)>& sink) {
  for (Chunk& chunk : chunks) {
    std::size_t done = 0;
    try {
      for (; done < chunk.results.size(); ++done) sink(std::move(chunk.results[done]));
    } catch (const Error& error) {
      std::size_t begin = chunk.begin;
      for (std::size_t i = 0; i < done; ++i) begin = line_end(file.text(), begin) + 1;
      fail_line(file, begin, error);
    }
    if (chunk.failure) std::rethrow_exception(chunk.failure);
  }
}

/// The chunks that follow `begin`, which becomes their end.
std::vector<Chunk> next_chunks(std::string_view text, std::size_t& begin) {
  std::vector<Chunk> chunks;
  while (begin < text.size() && chunks.size() < kChunksAhead) {
    const std::size_t end = line_end(text, std::min(begin + kChunkBytes, text.size()));
    chunks.push_back({begin, std::min(end + 1, text.size()), {}, nullptr});
    begin = chunks.back().end;
  }
  return chunks;
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
  read_sample_results(
      file, 1, [](records::SampleResult&) {}, sink);
}

void read_sample_results(const Bytes& file, int threads,
                         const std::function<void(records::SampleResult&)>& prepare,
                         const std::function<void(records::SampleResult&&)>& sink) {
  std::size_t begin = 0;
  std::vector<Chunk> read;
  do {
    // While one thread hands over what was read, the others read on.
    std::vector<Chunk> next = next_chunks(file.text(), begin);
    parallel_for(next.size() + 1, threads, [&](std::size_t turn) {
      turn == 0 ? deliver(file, read, sink) : read_chunk(file, prepare, next[turn - 1]);
    });
    read = std::move(next);
  } while (!read.empty());
}

std::vector<records::SampleResult> read_sample_results(const Bytes& file) {
  std::vector<records::SampleResult> results;
  read_sample_results(file, [&](records::SampleResult&& result) { results.push_back(std::move(result)); });
  return results;
}

}  // namespace bteval::reports
