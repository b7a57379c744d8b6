#include "tasks/run_differences.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>

#include "core/error.h"
#include "core/json.h"
#include "core/read_file.h"

namespace bteval::app {

namespace fs = std::filesystem;

namespace {

const std::set<std::string> kNotCompared = {"manifest.json", "report.md", "scores.safetensors", "journal"};

std::set<std::string> files_of(const fs::path& run) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(run)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && !kNotCompared.contains(name)) names.insert(name);
  }
  if (names.empty())
    throw Error(ErrorCode::kData, "holds no files of a run", {run.string(), "", std::nullopt});
  return names;
}

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// How far apart two floats are; nothing where either is no number, or both are whole: those are labels, ids
/// and counts. A float may happen to be whole; then the other one tells.
std::optional<double> float_distance(std::string_view a, std::string_view b) {
  const auto x = number(a), y = number(b);
  const bool has_fraction = (std::string(a) + std::string(b)).find_first_of(".e") != std::string::npos;
  if (!x || !y || !has_fraction) return std::nullopt;
  return std::abs(*x - *y);
}

class Comparison {
 public:
  Comparison(std::string file, RunDifferences& differences)
      : file_(std::move(file)), differences_(differences) {}

  void compare(std::string_view a, std::string_view b) {
    ++differences_.files;
    if (file_.ends_with(".json")) return compare_json(parse_json(a, file_), parse_json(b, file_), "");
    const auto lines_a = split(a, "\n"), lines_b = split(b, "\n");
    for (std::size_t i = 0; i < std::max(lines_a.size(), lines_b.size()); ++i) {
      ++differences_.lines;
      const std::string line = fmt::format("line {}", i + 1);
      if (i >= lines_a.size() || i >= lines_b.size()) {
        note(line, "the line", i < lines_a.size() ? std::string(lines_a[i]) : "nothing",
             i < lines_b.size() ? std::string(lines_b[i]) : "nothing");
      } else if (lines_a[i] != lines_b[i]) {
        compare_line(lines_a[i], lines_b[i], line);
      }
    }
  }

 private:
  void note(const std::string& sample, const std::string& field, const std::string& a, const std::string& b) {
    differences_.all.push_back({file_, sample, field, a, b, float_distance(a, b)});
  }

  void compare_line(std::string_view a, std::string_view b, const std::string& line) {
    if (a.starts_with('{') && b.starts_with('{')) {
      const Json x = parse_json(a, file_), y = parse_json(b, file_);
      return compare_json(x, y, sample_of(x, line));
    }
    const auto words_a = split(a, " \t,"), words_b = split(b, " \t,");
    if (words_a.size() != words_b.size()) return note(line, "the line", std::string(a), std::string(b));
    for (std::size_t i = 0; i < words_a.size(); ++i) {
      if (words_a[i] != words_b[i])
        note(line, fmt::format("word {}", i + 1), std::string(words_a[i]), std::string(words_b[i]));
    }
  }

  static std::string sample_of(const Json& line, const std::string& otherwise) {
    for (const char* key : {"id", "question_id", "identifier", "pair_id", "pairID", "query"}) {
      if (line.contains(key)) {
        const Json& id = line.at(key);
        return id.is_string() ? id.get<std::string>() : id.dump();
      }
    }
    return otherwise;
  }

  void compare_json(const Json& a, const Json& b, const std::string& sample) {
    const auto flat_a = a.flatten(), flat_b = b.flatten();
    const auto text = [](const Json& flat, const std::string& key) {
      return flat.contains(key) ? flat.at(key).dump() : std::string("nothing");
    };
    std::set<std::string> keys;
    for (const auto& [key, value] : flat_a.items()) keys.insert(key);
    for (const auto& [key, value] : flat_b.items()) keys.insert(key);
    for (const std::string& key : keys) {
      if (key == "/signature" && file_ == "metrics.json") continue;
      const std::string x = text(flat_a, key), y = text(flat_b, key);
      if (x != y) note(sample, key.empty() ? key : key.substr(1), x, y);
    }
  }

  std::string file_;
  RunDifferences& differences_;
};

}  // namespace

bool RunDifferences::answers_differ() const {
  return std::ranges::any_of(all, [](const RunDifference& difference) { return !difference.size; });
}

RunDifferences compare_runs(const fs::path& a, const fs::path& b) {
  RunDifferences differences;
  const std::set<std::string> files_a = files_of(a), files_b = files_of(b);
  std::set<std::string> names = files_a;
  names.insert(files_b.begin(), files_b.end());
  for (const std::string& name : names) {
    if (!files_a.contains(name) || !files_b.contains(name)) {
      differences.all.push_back({name, "", "the file", files_a.contains(name) ? "there" : "nothing",
                                 files_b.contains(name) ? "there" : "nothing", std::nullopt});
      continue;
    }
    const auto text_a = read_file(a / name), text_b = read_file(b / name);
    Comparison(name, differences).compare(text_a->text(), text_b->text());
  }
  return differences;
}

}  // namespace bteval::app
