#include "tasks/compare_output.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.h"
#include "core/rounding.h"
#include "tasks/compare_slices.h"

namespace bteval::app {
namespace {

using reports::Align;
using reports::Table;

constexpr std::size_t kMostSliceValues = 12;

std::string number(double value) { return format_decimals(value, 2); }

std::string delta(double value) {
  if (std::isnan(value)) return "-";
  const std::string text = number(value);
  if (text == "0.00" || text == "-0.00") return "±0.00";
  return value > 0 ? "+" + text : text;
}

std::string interval(const metrics::Interval& of) {
  return std::isnan(of.low) ? "-" : fmt::format("[{}, {}]", delta(of.low), delta(of.high));
}

std::string plain_interval(const metrics::Interval& of) {
  return std::isnan(of.low) ? "-" : fmt::format("[{}, {}]", number(of.low), number(of.high));
}

std::string p_value(double p) {
  if (std::isnan(p)) return "-";
  return p < 0.0001 ? "<0.0001" : format_decimals(p, 4);
}

std::string stars(double p, double alpha) {
  if (std::isnan(p)) return "";
  return p <= alpha / 50 ? "***" : p <= alpha / 5 ? "**" : p <= alpha ? "*" : "";
}

Table ablation(const Comparison& comparison) {
  Table table{{{"run"}}, {}};
  for (const std::string& name : comparison.measures) table.columns.push_back({name, Align::kRight});
  for (const ComparedRun& run : comparison.runs) {
    std::vector<std::string>& row = table.rows.emplace_back();
    row.push_back(run.name + (run.is_reference ? " (reference)" : ""));
    for (std::size_t m = 0; m < run.values.size(); ++m) {
      std::string cell = number(run.values[m].mean);
      if (!run.is_reference) {
        const MeasureResult& result = run.measures[m];
        cell += fmt::format(" ({}){}", delta(result.paired.difference),
                            stars(result.holm_p, comparison.options.alpha));
      }
      row.push_back(std::move(cell));
    }
  }
  return table;
}

Table statistics(const Comparison& comparison) {
  const std::string level = fmt::format("{:g} % interval", 100 * (1 - comparison.options.alpha));
  Table table{{{"run"},
               {"measure"},
               {"value", Align::kRight},
               {level, Align::kRight},
               {"difference", Align::kRight},
               {level, Align::kRight},
               {"p random.", Align::kRight},
               {"p Holm", Align::kRight},
               {"p boot.", Align::kRight},
               {"p McNemar", Align::kRight},
               {"detectable", Align::kRight}},
              {}};
  for (const ComparedRun& run : comparison.runs) {
    for (std::size_t m = 0; m < run.values.size(); ++m) {
      std::vector<std::string> row = {run.name, comparison.measures[m], number(run.values[m].mean),
                                      plain_interval(run.values[m].interval)};
      if (!run.is_reference) {
        const MeasureResult& result = run.measures[m];
        for (std::string& cell :
             std::vector<std::string>{delta(result.paired.difference), interval(result.paired.interval),
                                      p_value(result.paired.randomisation_p), p_value(result.holm_p),
                                      p_value(result.paired.bootstrap_p),
                                      p_value(result.mcnemar_p.value_or(NAN)), number(result.detectable)}) {
          row.push_back(std::move(cell));
        }
      }
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table flips(const Comparison& comparison) {
  Table table{{{"run"}, {"better", Align::kRight}, {"worse", Align::kRight}, {"equal", Align::kRight}}, {}};
  for (const ComparedRun& run : comparison.runs) {
    if (run.is_reference) continue;
    table.rows.push_back({run.name, std::to_string(run.flips.better), std::to_string(run.flips.worse),
                          std::to_string(run.flips.equal)});
  }
  return table;
}

Table calibration_table(const Comparison& comparison) {
  Table table{{{"run"}, {"ECE", Align::kRight}, {"MCE", Align::kRight}, {"area under risk", Align::kRight}},
              {}};
  for (const ComparedRun& run : comparison.runs) {
    if (!run.calibration) continue;
    const RunCalibration& of = *run.calibration;
    std::vector<std::string> row = {run.name, number(100 * of.calibration.expected_error),
                                    number(100 * of.calibration.largest_error),
                                    number(100 * of.area_under_risk)};
    for (const metrics::CoveragePoint& point : of.coverage) {
      if (table.rows.empty())
        table.columns.push_back({fmt::format("at {:g} %", 100 * point.coverage), Align::kRight});
      row.push_back(number(100 * point.accuracy));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// Slices that are not shown, with the number of their values.
std::map<std::string, std::size_t> hidden_slices(const Comparison& comparison) {
  std::map<std::string, std::set<std::string>> values;
  for (const ComparedRun& run : comparison.runs) {
    for (const SliceEffect& effect : run.slices) values[effect.slice].insert(effect.value);
  }
  std::map<std::string, std::size_t> hidden;
  if (!comparison.options.by.empty()) return hidden;
  for (const auto& [slice, of_slice] : values) {
    if (of_slice.size() > kMostSliceValues) hidden[slice] = of_slice.size();
  }
  return hidden;
}

Table slices(const Comparison& comparison) {
  const auto hidden = hidden_slices(comparison);
  Table table{{{"run"},
               {"slice"},
               {"value"},
               {"samples", Align::kRight},
               {"reference", Align::kRight},
               {"difference", Align::kRight},
               {fmt::format("{:g} % interval", 100 * (1 - comparison.options.alpha)), Align::kRight},
               {"p random.", Align::kRight},
               {"p Holm", Align::kRight}},
              {}};
  for (const ComparedRun& run : comparison.runs) {
    for (const SliceEffect& effect : run.slices) {
      if (hidden.contains(effect.slice)) continue;
      table.rows.push_back(
          {run.name, effect.slice, effect.value, std::to_string(effect.samples), number(effect.paired.a),
           delta(effect.paired.difference) + stars(effect.holm_p, comparison.options.alpha),
           interval(effect.paired.interval), p_value(effect.paired.randomisation_p), p_value(effect.holm_p)});
    }
  }
  return table;
}

}  // namespace

std::vector<TitledTable> comparison_tables(const Comparison& comparison, bool calibration) {
  std::vector<TitledTable> tables;
  tables.emplace_back(fmt::format("{} {}", comparison.task, comparison.split), ablation(comparison));
  tables.emplace_back("statistics", statistics(comparison));
  tables.emplace_back("samples that flipped", flips(comparison));
  if (Table by_slice = slices(comparison); !by_slice.rows.empty())
    tables.emplace_back(fmt::format("{} by slice", comparison.sliced_measure), std::move(by_slice));
  if (calibration) {
    Table table = calibration_table(comparison);
    if (!table.rows.empty()) tables.emplace_back("calibration and accuracy at coverage", std::move(table));
  }
  return tables;
}

std::vector<std::string> comparison_notes(const Comparison& comparison) {
  const double alpha = comparison.options.alpha;
  std::vector<std::string> notes = {
      fmt::format("{} samples in {} clusters (one a{} {}); {} resamples of clusters, seed {}.",
                  comparison.samples, comparison.clusters, comparison.cluster_name == "image" ? "n" : "",
                  comparison.cluster_name, comparison.options.resamples, comparison.options.seed),
      fmt::format("* p <= {:g}, ** p <= {:g}, *** p <= {:g}: approximate randomisation by cluster, corrected "
                  "after Holm over all runs and measures of a table.",
                  alpha, alpha / 5, alpha / 50),
      "Intervals: percentile bootstrap by cluster, paired for differences. McNemar takes samples as "
      "independent. detectable: the smallest true difference found with a power of 0.8."};
  for (const auto& [slice, values] : hidden_slices(comparison)) {
    notes.push_back(fmt::format("{} has {} values: --by \"{}\" shows them.", slice, values, slice));
  }
  for (const std::string& warning : comparison.warnings) notes.push_back("not comparable: " + warning);
  for (const ComparedRun& run : comparison.runs) notes.push_back(run.name + ": " + run.signature);
  return notes;
}

std::string comparison_text(const Comparison& comparison, bool calibration) {
  std::string out;
  for (const auto& [title, table] : comparison_tables(comparison, calibration))
    out += title + "\n\n" + reports::to_text(table) + "\n";
  for (const std::string& note : comparison_notes(comparison)) out += printable(note, 4096) + "\n";
  return out;
}

std::string comparison_markdown(const Comparison& comparison, bool calibration) {
  std::string out;
  for (const auto& [title, table] : comparison_tables(comparison, calibration))
    out += "## " + title + "\n\n" + reports::to_markdown(table) + "\n";
  // In a code block nothing of a name or a signature is Markdown or HTML; nobody's line begins with a fence.
  out += "```text\n";
  for (const std::string& note : comparison_notes(comparison)) {
    const std::string line = printable(note, 4096);
    out += (line.starts_with("```") ? " " : "") + line + "\n";
  }
  return out + "```\n";
}

}  // namespace bteval::app
