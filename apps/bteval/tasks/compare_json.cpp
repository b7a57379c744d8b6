#include <cmath>

#include "core/version.h"
#include "tasks/compare_output.h"

namespace bteval::app {
namespace {

OrderedJson number(double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); }

OrderedJson interval(const metrics::Interval& of) {
  return OrderedJson::array({number(of.low), number(of.high)});
}

OrderedJson paired(const metrics::PairedResult& of) {
  return {{"reference", number(of.a)},
          {"value", number(of.b)},
          {"difference", number(of.difference)},
          {"interval", interval(of.interval)},
          {"standard_error", number(of.standard_error)},
          {"p_randomisation", number(of.randomisation_p)},
          {"p_bootstrap", number(of.bootstrap_p)}};
}

OrderedJson calibration(const RunCalibration& of) {
  OrderedJson bins = OrderedJson::array(), coverage = OrderedJson::array();
  for (const metrics::ReliabilityBin& bin : of.calibration.bins) {
    bins.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"count", bin.count},
                    {"mean_confidence", number(bin.mean_confidence)},
                    {"mean_value", number(bin.mean_value)}});
  }
  for (const metrics::CoveragePoint& point : of.coverage)
    coverage.push_back({{"coverage", point.coverage}, {"accuracy", number(point.accuracy)}});
  return {{"expected_error", number(of.calibration.expected_error)},
          {"largest_error", number(of.calibration.largest_error)},
          {"area_under_risk", number(of.area_under_risk)},
          {"bins", std::move(bins)},
          {"coverage", std::move(coverage)}};
}

OrderedJson run_json(const Comparison& comparison, const ComparedRun& run) {
  OrderedJson json = {{"name", run.name}, {"signature", run.signature}, {"is_reference", run.is_reference}};
  for (std::size_t m = 0; m < run.values.size(); ++m) {
    json["values"][comparison.measures[m]] = {{"value", number(run.values[m].mean)},
                                              {"interval", interval(run.values[m].interval)}};
  }
  if (!run.is_reference) {
    for (std::size_t m = 0; m < run.measures.size(); ++m) {
      const MeasureResult& result = run.measures[m];
      OrderedJson& of_measure = json["differences"][comparison.measures[m]] = paired(result.paired);
      of_measure["p_holm"] = number(result.holm_p);
      of_measure["p_mcnemar"] = number(result.mcnemar_p.value_or(NAN));
      of_measure["detectable"] = number(result.detectable);
    }
    json["flips"] = {{"better", run.flips.better}, {"worse", run.flips.worse}, {"equal", run.flips.equal}};
    json["slices"] = OrderedJson::array();
    for (const SliceEffect& effect : run.slices) {
      OrderedJson of_slice = {{"slice", effect.slice}, {"of", effect.value}, {"samples", effect.samples}};
      of_slice.update(paired(effect.paired));
      of_slice["p_holm"] = number(effect.holm_p);
      json["slices"].push_back(std::move(of_slice));
    }
  }
  if (run.calibration) json["calibration"] = calibration(*run.calibration);
  return json;
}

}  // namespace

OrderedJson comparison_json(const Comparison& comparison) {
  OrderedJson json = {{"schema", 1},
                      {"bteval", version()},
                      {"task", comparison.task},
                      {"split", comparison.split},
                      {"samples", comparison.samples},
                      {"clusters", comparison.clusters},
                      {"cluster", comparison.cluster_name},
                      {"resamples", comparison.options.resamples},
                      {"seed", comparison.options.seed},
                      {"alpha", comparison.options.alpha},
                      {"sliced_measure", comparison.sliced_measure},
                      {"warnings", comparison.warnings},
                      {"runs", OrderedJson::array()}};
  for (const ComparedRun& run : comparison.runs) json["runs"].push_back(run_json(comparison, run));
  return json;
}

}  // namespace bteval::app
