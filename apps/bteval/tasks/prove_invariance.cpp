#include "tasks/prove_invariance.h"

#include <algorithm>

#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "reports/table.h"
#include "tasks/run_differences.h"

namespace bteval::app {

namespace fs = std::filesystem;

namespace {

struct Comparison {
  InvarianceRun a, b;
  RunDifferences differences;

  bool same_batch() const { return a.batch_size == b.batch_size; }
  bool holds() const { return same_batch() ? differences.all.empty() : !differences.answers_differ(); }
};

void make_run(const InvarianceRun& run, const MakeRun& make) {
  const int status = make(run);
  // 6: finished, with samples that have no image; in every run the same ones.
  if (status == 0 || status == exit_status(ErrorCode::kRefused)) return;
  if (status == exit_status(ErrorCode::kInterrupted))
    throw Error(ErrorCode::kInterrupted, "interrupted; the same command goes on from there");
  throw Error(ErrorCode::kInternal, fmt::format("a run of the proof ended with exit status {}", status),
              {run.out.string(), "", std::nullopt});
}

std::uint32_t batch_size_of(const fs::path& run) {
  const std::string file = (run / "manifest.json").string();
  const Json options = json_member<Json>(read_json(file), "options", file, "manifest");
  return json_member<std::uint32_t>(options, "batch_size", file, "options");
}

std::string describe(const InvarianceRun& run) {
  return fmt::format("{} process{}, batch {}", run.processes, run.processes == 1 ? "" : "es", run.batch_size);
}

OrderedJson to_json(const Comparison& comparison) {
  OrderedJson differences = OrderedJson::array();
  for (const RunDifference& one : comparison.differences.all) {
    OrderedJson entry = {
        {"file", one.file}, {"sample", one.sample}, {"field", one.field}, {"a", one.a}, {"b", one.b}};
    if (one.size) entry["size"] = *one.size;
    differences.push_back(std::move(entry));
  }
  const auto run = [](const InvarianceRun& of) {
    return OrderedJson{
        {"processes", of.processes}, {"batch_size", of.batch_size}, {"run", of.out.filename().string()}};
  };
  return {{"a", run(comparison.a)},
          {"b", run(comparison.b)},
          {"files", comparison.differences.files},
          {"lines", comparison.differences.lines},
          {"holds", comparison.holds()},
          {"differences", differences}};
}

void print(const std::vector<Comparison>& comparisons) {
  reports::Table table{
      {{"a"}, {"b"}, {"answers that differ"}, {"floats that differ"}, {"largest"}, {"holds"}}, {}};
  for (const Comparison& one : comparisons) {
    double largest = 0;
    std::size_t floats = 0;
    for (const RunDifference& difference : one.differences.all) {
      if (!difference.size) continue;
      ++floats;
      largest = std::max(largest, *difference.size);
    }
    table.rows.push_back({describe(one.a), describe(one.b),
                          std::to_string(one.differences.all.size() - floats), std::to_string(floats),
                          floats == 0 ? "" : fmt::format("{:.3g}", largest), one.holds() ? "yes" : "NO"});
  }
  fmt::print("{}", reports::to_text(table));
}

}  // namespace

bool prove_invariance(const fs::path& out, std::uint32_t processes, const MakeRun& make) {
  const auto folder = [&](const char* batch, std::uint32_t count) {
    return out / fmt::format("{}-batch-{}", batch, count);
  };
  std::vector<InvarianceRun> runs = {{1, 0, folder("whole", 1)}, {processes, 0, folder("whole", processes)}};
  make_run(runs.front(), make);
  const std::uint32_t batch = batch_size_of(runs.front().out), half = std::max(1U, batch / 2);
  for (InvarianceRun& run : runs) run.batch_size = batch;
  runs.push_back({1, half, folder("half", 1)});
  runs.push_back({processes, half, folder("half", processes)});
  for (std::size_t i = 1; i < runs.size(); ++i) make_run(runs[i], make);

  std::vector<Comparison> comparisons;
  for (const auto& [a, b] : {std::pair(0, 1), std::pair(2, 3), std::pair(0, 2)}) {
    comparisons.push_back({runs[static_cast<std::size_t>(a)], runs[static_cast<std::size_t>(b)], {}});
    comparisons.back().differences = compare_runs(comparisons.back().a.out, comparisons.back().b.out);
  }
  const bool holds = std::ranges::all_of(comparisons, [](const Comparison& one) { return one.holds(); });
  OrderedJson document = {{"schema", "bteval-invariance"}, {"version", 1}, {"holds", holds}};
  for (const Comparison& one : comparisons) document["comparisons"].push_back(to_json(one));
  write_file_atomic(out / "invariance.json",
                    document.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
  print(comparisons);
  return holds;
}

}  // namespace bteval::app
