#include "tasks/compare_samples.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/read_file.h"
#include "reports/sample_results.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;
using records::SampleResult;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kWords = "words";

fs::path samples_file(const FinishedRun& run) {
  const fs::path file = run.folder / "samples.jsonl";
  if (!fs::exists(file)) {
    throw Error(ErrorCode::kData, "is not there: evaluate again with this version of bteval",
                {file.string(), "", std::nullopt});
  }
  return file;
}

void resize(RunSamples& run, std::size_t size) {
  run.values.resize(size, kNaN);
  run.ranks.resize(size);
  run.confidences.resize(size, std::numeric_limits<float>::quiet_NaN());
  run.predictions.resize(size);
}

void set(RunSamples& run, std::size_t i, const SampleResult& result, records::StringPool& strings) {
  run.values[i] = result.value.value_or(kNaN);
  run.ranks[i] = result.rank.value_or(0);
  if (result.confidence) run.confidences[i] = *result.confidence;
  run.predictions[i] = strings.intern(result.prediction);
}

class Reader {
 public:
  Reader(ComparedSamples& out, int threads) : out_(out), threads_(threads) {}

  void read_first(const fs::path& file) {
    RunSamples run;
    read(file, [&](SampleResult&& result) {
      const std::size_t i = out_.ids.size();
      if (!index_.try_emplace(result.id, i).second) fail_repeated(file, result.id);
      resize(run, i + 1);
      set(run, i, result, out_.strings);
      out_.cluster_of.push_back(
          clusters_.try_emplace(result.cluster, static_cast<std::uint32_t>(clusters_.size())).first->second);
      add_slices(result);
      out_.ids.push_back(std::move(result.id));
    });
    for (SliceColumn& slice : out_.slices) slice.values.resize(out_.samples(), SliceColumn::kNone);
    out_.clusters = clusters_.size();
    out_.runs.push_back(std::move(run));
    in_all_.assign(out_.samples(), true);
  }

  void read_other(const fs::path& file, const std::string& name, const std::string& first_name) {
    RunSamples run;
    resize(run, out_.samples());
    std::vector<bool> seen(out_.samples());
    Tally unknown, missing, elsewhere, uncounted;
    std::size_t next = 0;
    read(file, [&](SampleResult&& result) {
      const auto i = find(result.id, next);
      if (!i) return unknown.note(result.id);
      next = *i + 1;
      if (seen[*i]) fail_repeated(file, result.id);
      seen[*i] = true;
      const auto cluster = clusters_.find(result.cluster);
      if (cluster == clusters_.end() || cluster->second != out_.cluster_of[*i]) elsewhere.note(result.id);
      set(run, *i, result, out_.strings);
    });
    for (std::size_t i = 0; i < out_.samples(); ++i) {
      if (!seen[i]) {
        missing.note(out_.ids[i]);
        in_all_[i] = false;
      } else if (std::isnan(run.values[i]) != std::isnan(out_.runs[0].values[i])) {
        uncounted.note(out_.ids[i]);
        in_all_[i] = false;
      }
    }
    tell(missing, fmt::format("{} has samples that {} has not", first_name, name));
    tell(unknown, fmt::format("{} has samples that {} has not", name, first_name));
    tell(elsewhere, fmt::format("{} and {} put samples into different clusters", first_name, name));
    tell(uncounted, fmt::format("samples count in only one of {} and {}", first_name, name));
    out_.runs.push_back(std::move(run));
  }

  void drop_what_not_all_have() {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < in_all_.size(); ++i) {
      if (in_all_[i]) kept.push_back(i);
    }
    if (kept.size() == out_.samples()) return;
    const auto keep = [&](auto& values) {
      for (std::size_t i = 0; i < kept.size(); ++i) {
        if (i != kept[i]) values[i] = std::move(values[kept[i]]);  // moved onto itself, a string is emptied
      }
      values.resize(kept.size());
    };
    keep(out_.ids);
    keep(out_.cluster_of);
    for (SliceColumn& slice : out_.slices) keep(slice.values);
    for (RunSamples& run : out_.runs) {
      keep(run.values);
      keep(run.ranks);
      keep(run.confidences);
      keep(run.predictions);
    }
  }

 private:
  struct Tally {
    std::size_t count = 0;
    std::string first;
    void note(const std::string& id) {
      if (count++ == 0) first = id;
    }
  };

  void read(const fs::path& file, const std::function<void(SampleResult&&)>& sink) const {
    const auto prepare = [](SampleResult& result) {
      const std::string words = words_bucket(result.text);
      if (!words.empty()) result.slices.emplace_back(kWords, words);
      // Freed where they were made: the other thread has enough to do.
      result.text = {};
      result.targets = {};
      result.images = {};
    };
    reports::read_sample_results(*read_file(file), threads_, prepare, sink);
  }

  void tell(const Tally& tally, const std::string& what) {
    if (tally.count == 0) return;
    out_.differences.push_back(
        fmt::format("{}: {}, the first is \"{}\"", what, tally.count, printable(tally.first, 60)));
  }

  /// Runs of one split have one order: the sample after the last one is tried first.
  std::optional<std::size_t> find(const std::string& id, std::size_t next) const {
    if (next < out_.samples() && out_.ids[next] == id) return next;
    const auto found = index_.find(id);
    return found == index_.end() ? std::nullopt : std::optional(found->second);
  }

  void add_slices(const SampleResult& result) {
    const std::size_t i = out_.ids.size();
    for (const auto& [name, value] : result.slices) {
      const auto known =
          std::find_if(out_.slices.begin(), out_.slices.end(),
                       [&, &name = name](const SliceColumn& slice) { return slice.name == name; });
      SliceColumn& slice =
          known == out_.slices.end() ? out_.slices.emplace_back(SliceColumn{name, {}}) : *known;
      slice.values.resize(i + 1, SliceColumn::kNone);
      slice.values[i] = out_.strings.intern(value);
    }
  }

  [[noreturn]] static void fail_repeated(const fs::path& file, const std::string& id) {
    // The reader adds the line, and would replace another record's name.
    throw Error(ErrorCode::kData, fmt::format("sample \"{}\" stands twice", printable(id, 60)),
                {file.string(), "", std::nullopt});
  }

  ComparedSamples& out_;
  int threads_;
  std::unordered_map<std::string, std::size_t> index_;
  std::unordered_map<std::string, std::uint32_t> clusters_;
  std::vector<bool> in_all_;
};

}  // namespace

std::string words_bucket(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\r\f\v";
  std::size_t words = 0;
  for (std::size_t at = text.find_first_not_of(kSpaces); at != std::string_view::npos; ++words) {
    at = text.find_first_not_of(kSpaces, std::min(text.find_first_of(kSpaces, at), text.size()));
  }
  if (words == 0) return "";
  if (words >= 20) return "20+";
  return words < 5 ? "1-4" : words < 7 ? "5-6" : words < 10 ? "7-9" : words < 15 ? "10-14" : "15-19";
}

ComparedSamples read_compared_samples(const std::vector<FinishedRun>& runs, int threads) {
  ComparedSamples samples;
  Reader reader(samples, threads);
  reader.read_first(samples_file(runs.front()));
  for (std::size_t i = 1; i < runs.size(); ++i) {
    reader.read_other(samples_file(runs[i]), runs[i].folder.string(), runs.front().folder.string());
  }
  reader.drop_what_not_all_have();
  return samples;
}

}  // namespace bteval::app
