#include "tasks/compare_flips.h"

#include <cmath>
#include <string>

#include "core/atomic_file.h"
#include "core/json.h"
#include "core/read_file.h"
#include "reports/sample_results.h"

namespace bteval::app {
namespace {

OrderedJson outcome(const ComparedSamples& samples, std::size_t run, std::size_t i) {
  const RunSamples& of_run = samples.runs[run];
  OrderedJson json = {{"value", of_run.values[i]},
                      {"prediction", std::string(samples.strings.text(of_run.predictions[i]))}};
  if (of_run.ranks[i] != 0) json["rank"] = of_run.ranks[i];
  return json;
}

std::string line_of(const records::SampleResult& sample, const Comparison& comparison,
                    const ComparedSamples& samples, std::size_t run, std::size_t i) {
  const bool better = samples.runs[run].values[i] > samples.runs[0].values[i];
  OrderedJson json = {{"id", sample.id},
                      {"run", comparison.runs[run].name},
                      {"flip", better ? "better" : "worse"},
                      {"reference", outcome(samples, 0, i)},
                      {"other", outcome(samples, run, i)},
                      {"cluster", sample.cluster},
                      {"targets", sample.targets},
                      {"text", sample.text},
                      {"images", sample.images}};
  json["slices"] = OrderedJson::object();
  for (const auto& [name, value] : sample.slices) json["slices"][name] = value;
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace

void write_flips(const std::filesystem::path& file, const std::vector<FinishedRun>& runs,
                 const Comparison& comparison, const ComparedSamples& samples) {
  AtomicFile out(file);
  std::size_t i = 0;  // the compared samples are a part of the file's, in its order
  const auto text = read_file(runs.front().folder / "samples.jsonl");
  reports::read_sample_results(*text, [&](records::SampleResult&& sample) {
    if (i == samples.samples() || sample.id != samples.ids[i]) return;
    for (std::size_t run = 1; run < samples.runs.size(); ++run) {
      const double a = samples.runs[0].values[i], b = samples.runs[run].values[i];
      if (a < b || a > b) out.write(line_of(sample, comparison, samples, run, i));
    }
    ++i;
  });
  out.commit();
}

}  // namespace bteval::app
