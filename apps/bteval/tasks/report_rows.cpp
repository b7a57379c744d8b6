#include "tasks/report_rows.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "core/error.h"
#include "core/json.h"
#include "core/read_file.h"
#include "datasets/official_counts.h"
#include "reports/published.h"
#include "reports/run_documents.h"
#include "reports/sample_results.h"
#include "tasks/finished_run.h"
#include "tasks/report_calibration.h"
#include "tasks/report_intervals.h"
#include "tasks/suite.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;
using reports::LeaderboardRow;
using reports::LeaderboardValue;

constexpr std::string_view kText = "text retrieval", kImage = "image retrieval", kBoth = "both directions";

/// Options of a run with their defaults where a manifest does not name them.
template <typename T>
T option(const Json& manifest, const char* name, T otherwise) {
  const auto options = manifest.find("options");
  if (options == manifest.end() || !options->is_object()) return otherwise;
  const auto found = options->find(name);
  if (found == options->end() || found->is_null()) return otherwise;
  try {
    return found->get<T>();
  } catch (const Json::exception&) {
    return otherwise;
  }
}

std::string digest_of(const Json& manifest, const std::string& role) {
  for (const Json& input : manifest.value("inputs", Json::array())) {
    if (input.is_object() && input.value("role", "") == role) return input.value("sha256", "");
  }
  return "";
}

std::size_t refused_count(const Json& manifest) {
  const auto refused = manifest.find("refused");
  return refused != manifest.end() && refused->is_array() ? refused->size() : 0;
}

/// What tells the run apart from others of the same task and split.
std::string setting_of(const FinishedRun& run) {
  std::string out;
  const auto add = [&](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
  if (const auto protocol = option<std::string>(run.manifest, "protocol", ""); !protocol.empty()) {
    add(protocol);
    if (const auto k = option<std::int64_t>(run.manifest, "top_k", 0); k > 0) add(fmt::format("k {}", k));
    if (const auto ties = option<std::string>(run.manifest, "ties", "id"); ties != "id") add("ties " + ties);
    if (option<std::string>(run.manifest, "captions", "all") != "all") add("unique captions");
  }
  if (const auto dtype = option<std::string>(run.manifest, "dtype", "fp32"); dtype != "fp32") add(dtype);
  if (const auto limit = option<std::int64_t>(run.manifest, "limit", 0); limit > 0)
    add(fmt::format("first {} samples", limit));
  if (const auto excluded = excluded_samples(run).size(); excluded > 0)
    add(fmt::format("{} samples excluded", excluded));
  else if (const auto wrong = refused_count(run.manifest); wrong > 0)
    add(fmt::format("{} samples without image", wrong));
  return out;
}

/// "600 pairs" where the run's split has the name of an official one, but not its size.
std::string odd_size(const FinishedRun& run) {
  struct Thing {
    std::string_view task;
    const char *what, *count;
  };
  static constexpr std::array<Thing, 5> kThings = {{{"vqav2", "questions", "samples"},
                                                    {"nlvr2", "sentences", "samples"},
                                                    {"snli-ve", "pairs", "samples"},
                                                    {"flickr30k", "images", "images"},
                                                    {"coco", "images", "images"}}};
  if (option<std::int64_t>(run.manifest, "limit", 0) > 0) return "";  // its row says so
  const std::string name = run.task == "vqav2" ? published_split_name(run.task, run.split) : run.split;
  for (const Thing& thing : kThings) {
    if (thing.task != run.task) continue;
    const auto official = datasets::official_count(run.task, name, thing.what);
    const Json count = run.manifest.value("counts", Json::object()).value(thing.count, Json());
    if (official && count.is_number_integer() && count.get<std::uint64_t>() != *official)
      return fmt::format("{} {}", count.get<std::uint64_t>(), thing.what);
  }
  return "";
}

/// The name of the columns that the run's numbers stand in. Other scorers' numbers, and those of another data
/// set that borrows the split's name, have columns of their own.
std::string column_group(const FinishedRun& run) {
  std::string group = published_split_name(run.task, run.split);
  const auto scorer = option<std::string>(run.manifest, "scorer", "official-2021");
  if (run.task == "vqav2" && scorer != "official-2021") group += " (" + scorer + ")";
  if (const std::string size = odd_size(run); !size.empty()) group += " (" + size + ")";
  return group;
}

/// The numbers of one metrics.json.
class Numbers {
 public:
  Numbers(const FinishedRun& run, LeaderboardRow& row) : run_(run), row_(row), split_(column_group(run)) {
    data_ = digest_of(run.manifest, "annotations");
  }

  void read(const Json& metrics) {
    const auto server = metrics.find("server");
    if (server != metrics.end() && server->is_array()) read_server(*server);
    const auto score = metrics.find("score");
    if (score == metrics.end() || !score->is_object()) return;
    const Json groups = score->value("groups", Json::object());
    if (run_.task == "vqav2") {
      add(split_, "overall", score->value("overall", Json()));
      const Json by_type = groups.value("by answer type", Json::object());
      for (const char* type : {"yes/no", "number", "other"}) add(split_, type, by_type.value(type, Json()));
    } else if (run_.task == "nlvr2" || run_.task == "snli-ve") {
      add(split_, "accuracy", score->value("overall", Json()));
      const Json consistency = groups.value("consistency", Json::object());
      add(split_, "consistency", consistency.value("overall", Json()));
    } else {
      read_retrieval(groups);
    }
  }

 private:
  void read_server(const Json& phases) {
    for (const Json& phase : phases) {
      if (!phase.is_object()) continue;
      const std::string split = published_split_name("vqav2", phase.value("phase", ""));
      for (const char* metric : {"overall", "yes/no", "number", "other"}) {
        const Json number = phase.value(metric, Json());
        if (number.is_number()) row_.values[{split, metric}] = {number.get<double>()};
      }
    }
  }

  void read_retrieval(const Json& groups) {
    for (const auto& [name, values] : groups.items()) {
      if (!name.starts_with(kText) || name.find(',') != std::string::npos) continue;  // no bounds by ties
      const std::string suffix = name.substr(kText.size());
      const std::string split = split_ + suffix;
      const Json image = groups.value(std::string(kImage) + suffix, Json::object());
      const Json both = groups.value(std::string(kBoth) + suffix, Json::object());
      for (const char* depth : {"R@1", "R@5", "R@10"}) {
        add(split, std::string("TR ") + depth, values.value(depth, Json()));
        add(split, std::string("IR ") + depth, image.value(depth, Json()));
      }
      add(split, "RSUM", both.value("RSUM", Json()));
    }
  }

  void add(const std::string& split, const std::string& metric, const Json& value) {
    if (!value.is_object() || !value.value("unrounded", Json()).is_number()) return;
    row_.values[{split, metric}] = {value["unrounded"].get<double>(), std::nullopt, data_, 2};
  }

  const FinishedRun& run_;
  LeaderboardRow& row_;
  std::string split_, data_;
};

/// How each sample came out; without texts and images, which no number is made of.
std::vector<records::SampleResult> read_samples(const fs::path& file) {
  std::vector<records::SampleResult> samples;
  const auto prepare = [](records::SampleResult& sample) {
    sample.text = {};
    sample.targets = {};
    sample.images = {};
  };
  reports::read_sample_results(*read_file(file), 0, prepare,
                               [&](records::SampleResult&& sample) { samples.push_back(std::move(sample)); });
  return samples;
}

/// Gives the numbers on the run's split their intervals, where the samples give the same numbers.
void add_intervals(const FinishedRun& run, const std::vector<records::SampleResult>& samples,
                   std::uint32_t resamples, LeaderboardRow& row, std::vector<std::string>& warnings) {
  const std::string split = column_group(run);
  bool fits = true;
  for (const auto& [metric, interval] : sample_intervals(run.task, samples, resamples)) {
    for (auto& [key, value] : row.values) {
      if (key.first != split || key.second != metric) continue;
      const bool equal = std::abs(value.value - interval.value) <= 1e-6;
      if (equal && std::isfinite(interval.interval.low)) value.interval = interval.interval;
      fits = fits && equal;
    }
  }
  if (!fits) {
    warnings.push_back(
        fmt::format("{}: samples.jsonl does not give the run's score, so that it has no "
                    "interval: see bteval verify",
                    run_name(run.folder)));
  }
}

/// What the row shows besides the numbers of metrics.json.
struct FromSamples {
  std::uint32_t resamples;  ///< of the intervals; 0: none
  bool calibration;
};

void add_from_samples(const FinishedRun& run, const FromSamples& wanted, LeaderboardRow& row,
                      std::vector<std::string>& warnings) {
  const fs::path file = run.folder / "samples.jsonl";
  if ((wanted.resamples == 0 && !wanted.calibration) || row.values.empty() || !fs::exists(file)) return;
  const auto samples = read_samples(file);
  if (wanted.resamples > 0) add_intervals(run, samples, wanted.resamples, row, warnings);
  if (!wanted.calibration) return;
  const std::string data = digest_of(run.manifest, "annotations");
  for (const auto& [metric, value] : sample_calibration(samples))
    row.values[{column_group(run), metric}] = {value, std::nullopt, data, 2};
}

struct RunRow {
  LeaderboardRow row;
  Json key;  ///< equal for runs that are one row
  double samples = 0, seconds = 0;
};

RunRow read_run(const fs::path& folder, const FromSamples& wanted, std::vector<std::string>& warnings) {
  const FinishedRun run = open_finished_run(folder);
  RunRow out;
  LeaderboardRow& row = out.row;
  row.task = run.task;
  row.name = run_name(folder);
  row.model = option<std::string>(run.manifest, "model", "");
  row.setting = setting_of(run);
  row.ranked = option<std::int64_t>(run.manifest, "limit", 0) == 0 && excluded_samples(run).empty();
  const Json metrics = read_json(folder / "metrics.json");
  reports::check_metrics(metrics, (folder / "metrics.json").string());
  Numbers(run, row).read(metrics);
  if (row.values.empty())
    warnings.push_back(fmt::format("{}: no score: {}", row.name, metrics.value("why_no_score", "unknown")));
  add_from_samples(run, wanted, row, warnings);
  const Json counts = run.manifest.value("counts", Json::object());
  if (counts.contains("parameters") && counts["parameters"].is_number_integer())
    row.parameters = counts["parameters"].get<std::int64_t>();
  if (const int size = option<int>(run.manifest, "image_size_px", 0); size > 0) row.image_size_px = size;
  const Json timing = run.manifest.value("timing", Json::object());
  row.samples_per_second = timing.value("samples_per_second", 0.0);
  out.seconds = timing.value("seconds", 0.0);
  out.samples = row.samples_per_second * out.seconds;
  row.footnotes = {row.name + ": " + run.manifest.value("signature", std::string("no signature"))};
  out.key = {row.task,
             row.model,
             row.setting,
             digest_of(run.manifest, "checkpoint"),
             digest_of(run.manifest, "config"),
             option<int>(run.manifest, "image_size_px", 0)};
  return out;
}

/// Puts a run on another split into the same row; false where it has a number that is there already.
bool merge(const RunRow& from, RunRow& into) {
  if (from.key != into.key || from.row.values.empty() || into.row.values.empty()) return false;
  for (const auto& [key, value] : from.row.values) {
    if (into.row.values.contains(key)) return false;
  }
  into.row.values.insert(from.row.values.begin(), from.row.values.end());
  if (from.row.name != into.row.name) into.row.name += " + " + from.row.name;
  into.row.footnotes.insert(into.row.footnotes.end(), from.row.footnotes.begin(), from.row.footnotes.end());
  into.samples += from.samples;
  into.seconds += from.seconds;
  if (into.seconds > 0) into.row.samples_per_second = into.samples / into.seconds;
  return true;
}

}  // namespace

std::string published_split_name(const std::string& task, const std::string& split) {
  struct Name {
    std::string_view task, own, published;
  };
  static constexpr std::array<Name, 8> kNames = {{{"vqav2", "train2014", "train"},
                                                  {"vqav2", "val2014", "val"},
                                                  {"vqav2", "test-dev2015", "test-dev"},
                                                  {"vqav2", "test-standard", "test-std"},
                                                  {"vqav2", "test2015", "test"},
                                                  {"nlvr2", "test1", "test-P"},
                                                  {"nlvr2", "test2", "test-U"},
                                                  {"snli-ve", "val", "dev"}}};
  for (const Name& name : kNames) {
    if (name.task == task && name.own == split) return std::string(name.published);
  }
  return split;
}

std::vector<LeaderboardRow> rows_of_runs(const std::vector<fs::path>& runs, std::uint32_t resamples,
                                         std::vector<std::string>& warnings, bool calibration) {
  std::vector<RunRow> rows;
  for (const fs::path& folder : runs) {
    RunRow row = read_run(folder, {resamples, calibration}, warnings);
    bool merged = false;
    for (RunRow& known : rows) {
      merged = merge(row, known);
      if (merged) break;
    }
    if (!merged) rows.push_back(std::move(row));
  }
  std::vector<LeaderboardRow> out;
  for (RunRow& row : rows) out.push_back(std::move(row.row));
  return out;
}

std::vector<LeaderboardRow> published_rows() {
  std::string looked;
  for (const fs::path& folder : asset_folders()) {
    const fs::path file = folder / "published/results.json";
    if (fs::is_regular_file(file))
      return reports::read_published_results(read_file(file)->text(), file.string());
    looked += (looked.empty() ? "" : ", ") + printable(file.string(), 400);
  }
  throw Error(ErrorCode::kUsage, "published results are not installed: looked at " + looked);
}

}  // namespace bteval::app
