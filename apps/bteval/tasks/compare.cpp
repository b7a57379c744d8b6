#include "tasks/compare.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"
#include "core/parallel.h"
#include "metrics/detectable_difference.h"
#include "metrics/holm.h"
#include "metrics/mcnemar.h"
#include "tasks/compare_calibration.h"
#include "tasks/compare_checks.h"
#include "tasks/compare_flips.h"
#include "tasks/compare_measures.h"
#include "tasks/compare_samples.h"
#include "tasks/compare_slices.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

constexpr std::array<double, 5> kCoverages = {0.2, 0.4, 0.6, 0.8, 0.9};

/// Folder and name of every run, the reference first.
std::vector<std::pair<fs::path, std::string>> ordered_runs(const CompareOptions& options) {
  std::vector<std::pair<fs::path, std::string>> runs;
  for (std::size_t i = 0; i < options.runs.size(); ++i) {
    runs.emplace_back(options.runs[i], options.names.empty() ? run_name(options.runs[i]) : options.names[i]);
  }
  if (options.reference.empty()) return runs;
  const auto found = std::find_if(runs.begin(), runs.end(), [&](const auto& run) {
    return run.second == options.reference ||
           run.first.lexically_normal() == fs::path(options.reference).lexically_normal();
  });
  if (found == runs.end()) {
    throw Error(ErrorCode::kUsage,
                fmt::format("--reference {}: is none of the compared runs", printable(options.reference)));
  }
  std::rotate(runs.begin(), found, found + 1);
  return runs;
}

void require_comparable(const std::vector<std::string>& problems, bool force, Comparison& out) {
  if (problems.empty()) return;
  if (force) {
    out.warnings.insert(out.warnings.end(), problems.begin(), problems.end());
    return;
  }
  std::string all;
  for (const std::string& problem : problems) all += (all.empty() ? "" : "; ") + problem;
  throw Error(ErrorCode::kData, fmt::format("the runs are not comparable (--force compares them all the "
                                            "same): {}",
                                            all));
}

FlipCounts count_flips(const RunSamples& a, const RunSamples& b) {
  FlipCounts counts;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    if (std::isnan(a.values[i]) || std::isnan(b.values[i])) continue;
    ++(b.values[i] > a.values[i] ? counts.better : b.values[i] < a.values[i] ? counts.worse : counts.equal);
  }
  return counts;
}

std::optional<RunCalibration> calibrate(const RunSamples& run) {
  const auto samples = confident_samples(run);
  if (!samples) return std::nullopt;
  const metrics::CoverageCurve curve(samples->confidences, samples->values);
  RunCalibration result{
      metrics::calibration(samples->confidences, samples->values), {}, curve.area_under_risk()};
  for (const double coverage : kCoverages) result.coverage.push_back({coverage, curve.accuracy_at(coverage)});
  return result;
}

void compare_with_reference(const ComparedSamples& samples, std::size_t b, Comparison& out,
                            const metrics::ComparisonOptions& options) {
  const PairedMeasures paired = paired_measures(out.task, samples, 0, b);
  const auto results = metrics::compare_paired(paired.columns, paired.measures, options);
  ComparedRun &reference = out.runs[0], &run = out.runs[b];
  reference.values.clear();
  for (std::size_t m = 0; m < results.size(); ++m) {
    MeasureResult result{
        results[m], std::nullopt, 1,
        metrics::minimal_detectable_difference(results[m].standard_error, out.options.alpha)};
    if (const auto& counts = paired.discordant[m])
      result.mcnemar_p = metrics::mcnemar_exact(counts->first, counts->second).p_value;
    run.measures.push_back(result);
    reference.values.push_back({results[m].a, results[m].a_interval, 0});
    run.values.push_back({results[m].b, results[m].b_interval, 0});
  }
  run.flips = count_flips(samples.runs[0], samples.runs[b]);
  run.slices = slice_effects(samples, b, out.options.by, options);
}

/// One family for the table, one for the slices: each is looked at as a whole.
void correct(Comparison& out) {
  std::vector<double> of_measures, of_slices;
  for (const ComparedRun& run : out.runs) {
    for (const MeasureResult& result : run.measures) of_measures.push_back(result.paired.randomisation_p);
    for (const SliceEffect& effect : run.slices) of_slices.push_back(effect.paired.randomisation_p);
  }
  of_measures = metrics::holm_adjusted(of_measures);
  of_slices = metrics::holm_adjusted(of_slices);
  auto measure = of_measures.begin(), slice = of_slices.begin();
  for (ComparedRun& run : out.runs) {
    for (MeasureResult& result : run.measures) result.holm_p = *measure++;
    for (SliceEffect& effect : run.slices) effect.holm_p = *slice++;
  }
}

}  // namespace

void CompareOptions::validate() const {
  const auto require = [](bool holds, const std::string& message) {
    if (!holds) throw Error(ErrorCode::kUsage, message);
  };
  require(runs.size() >= 2, "compare wants two runs or more");
  require(names.empty() || names.size() == runs.size(),
          fmt::format("--name: {} names for {} runs", names.size(), runs.size()));
  require(resamples >= 100 && resamples <= 10'000'000,
          fmt::format("--resamples lies between 100 and 10000000, not {}", resamples));
  require(alpha > 0 && alpha < 1, fmt::format("--alpha lies between 0 and 1, not {}", alpha));
  require(threads >= 0, fmt::format("--threads is 0 or more, not {}", threads));
}

Comparison compare_runs(const CompareOptions& options) {
  options.validate();
  Comparison out;
  out.options = options;
  std::vector<FinishedRun> runs;
  std::vector<std::string> problems;
  for (const auto& [folder, name] : ordered_runs(options)) {
    runs.push_back(open_finished_run(folder));
    const std::string manifest = (folder / "manifest.json").string();
    ComparedRun& run = out.runs.emplace_back();
    run.name = name;
    run.signature = json_member<std::string>(runs.back().manifest, "signature", manifest, "manifest");
    run.is_reference = runs.size() == 1;
    if (run.is_reference) continue;
    const auto found = comparability_problems(runs.front(), runs.back());
    problems.insert(problems.end(), found.begin(), found.end());
  }
  require_comparable(problems, options.force, out);
  out.task = runs.front().task;
  out.split = runs.front().split;
  out.cluster_name = out.task == "nlvr2" ? "sentence" : "image";
  for (const FinishedRun& run : runs) {
    if (run.task != out.task && measure_names(run.task) != measure_names(out.task)) {
      throw Error(ErrorCode::kData,
                  fmt::format("runs of {} and {} have no common measure", out.task, run.task));
    }
  }

  const ComparedSamples samples = read_compared_samples(runs, options.threads);
  require_comparable(samples.differences, options.force, out);
  require_slices(samples, options.by);
  out.measures = measure_names(out.task);
  out.sliced_measure = out.measures.size() > 2 ? "R@1" : out.measures.front();
  std::vector<bool> seen(samples.clusters);
  for (std::size_t i = 0; i < samples.samples(); ++i) {
    if (std::isnan(samples.runs[0].values[i])) continue;
    ++out.samples;
    if (!seen[samples.cluster_of[i]]) ++out.clusters;
    seen[samples.cluster_of[i]] = true;
  }
  if (out.samples == 0) {
    throw Error(ErrorCode::kData,
                "no sample has a value: the split has no labels, or the runs no common sample",
                {runs.front().folder.string(), "", std::nullopt});
  }

  const metrics::ComparisonOptions statistics{
      {options.resamples, options.seed, options.threads}, 1 - options.alpha, true};
  for (std::size_t b = 1; b < runs.size(); ++b) compare_with_reference(samples, b, out, statistics);
  parallel_for(runs.size(), options.threads,
               [&](std::size_t i) { out.runs[i].calibration = calibrate(samples.runs[i]); });
  correct(out);
  if (!options.flips.empty()) write_flips(options.flips, runs, out, samples);
  return out;
}

}  // namespace bteval::app
