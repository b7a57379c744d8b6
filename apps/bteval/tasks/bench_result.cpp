#include "tasks/bench_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "reports/table.h"

namespace bteval::app {

double Timings::percentile(double percent) const {
  if (seconds.empty()) throw Error(ErrorCode::kInternal, "no timings");
  std::vector<double> sorted = seconds;
  std::sort(sorted.begin(), sorted.end());
  const double rank = percent / 100.0 * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(rank));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (rank - std::floor(rank)) * (sorted[above] - sorted[below]);
}

OrderedJson timings_json(const Timings& timings) {
  return {{"median_s", timings.median()},
          {"best_s", timings.best()},
          {"worst_s", timings.worst()},
          {"all_s", timings.seconds}};
}

OrderedJson ratio_json(const Timings& ratios) {
  return {{"median", ratios.median()}, {"low", ratios.best()}, {"high", ratios.worst()}};
}

std::optional<Timings> shares_of_sustained(const Timings& timings, double flop, const MachinePeak& peak) {
  if (peak.flops_beside.empty() || peak.flops_beside.size() != timings.seconds.size()) return std::nullopt;
  Timings shares;
  for (std::size_t i = 0; i < timings.seconds.size(); ++i)
    shares.seconds.push_back(flop / timings.seconds[i] / peak.flops_beside[i]);
  return shares;
}

OrderedJson stages_json(const std::vector<StageResult>& stages, const MachinePeak& peak) {
  OrderedJson json = OrderedJson::array();
  for (const StageResult& stage : stages) {
    OrderedJson entry = {{"stage", stage.name}, {"items", stage.items}, {"count", stage.count}};
    entry.update(timings_json(stage.timings));
    if (stage.flop > 0) {
      const double rate = stage.flop / stage.timings.median();
      entry["gflop"] = stage.flop * 1e-9;
      entry["gflops"] = rate * 1e-9;
      entry["gigabytes"] = stage.memory_bytes * 1e-9;
      if (peak.flops > 0) {
        entry["share_of_peak"] = rate / peak.flops;
        if (const auto shares = shares_of_sustained(stage.timings, stage.flop, peak))
          entry["share_of_sustained"] = ratio_json(*shares);
        entry["operations_floor_s"] = stage.flop / peak.flops;
        entry["uncached_bytes_s"] = stage.memory_bytes / peak.memory_bytes;
      }
    }
    json.push_back(std::move(entry));
  }
  return json;
}

std::string stages_text(const std::vector<StageResult>& stages, const MachinePeak& peak) {
  reports::Table table{{{"stage"},
                        {"items", reports::Align::kRight},
                        {""},
                        {"median ms", reports::Align::kRight},
                        {"spread ms", reports::Align::kRight},
                        {"share", reports::Align::kRight},
                        {"items/s", reports::Align::kRight},
                        {"GFLOP", reports::Align::kRight},
                        {"GFLOP/s", reports::Align::kRight},
                        {"of peak", reports::Align::kRight},
                        {"of sustained", reports::Align::kRight},
                        {"FLOP floor ms", reports::Align::kRight},
                        {"bytes ms", reports::Align::kRight}},
                       {}};
  double total = 0;
  for (const StageResult& stage : stages) total += stage.timings.median();
  for (const StageResult& stage : stages) {
    const double median = stage.timings.median();
    std::vector<std::string> row = {
        stage.name,
        fmt::format("{:.0f}", stage.count),
        stage.items,
        fmt::format("{:.2f}", median * 1e3),
        fmt::format("{:.2f} - {:.2f}", stage.timings.best() * 1e3, stage.timings.worst() * 1e3),
        fmt::format("{:.1f} %", 100.0 * median / total),
        fmt::format("{:.2f}", stage.count / median)};
    if (stage.flop > 0) {
      row.push_back(fmt::format("{:.1f}", stage.flop * 1e-9));
      row.push_back(fmt::format("{:.1f}", stage.flop / median * 1e-9));
      if (peak.flops > 0) {
        row.push_back(fmt::format("{:.1f} %", 100.0 * stage.flop / median / peak.flops));
        const auto shares = shares_of_sustained(stage.timings, stage.flop, peak);
        row.push_back(shares ? fmt::format("{:.1f} % ({:.1f} - {:.1f})", 100 * shares->median(),
                                           100 * shares->best(), 100 * shares->worst())
                             : "");
        row.push_back(fmt::format("{:.2f}", stage.flop / peak.flops * 1e3));
        row.push_back(fmt::format("{:.2f}", stage.memory_bytes / peak.memory_bytes * 1e3));
      }
    }
    table.rows.push_back(std::move(row));
  }
  return reports::to_text(table);
}

}  // namespace bteval::app
