#include "tasks/report_page_samples.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include "core/error.h"
#include "core/hash.h"
#include "core/parallel.h"
#include "core/read_file.h"
#include "reports/sample_results.h"
#include "tasks/report_page_charts.h"

namespace bteval::app {
namespace {

using records::SampleResult;

/// Half a point of a soft accuracy is enough to be right: the page draws the line there, too.
constexpr double kRight = 0.5;

/// "214,354"
std::string grouped(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

bool belongs(const ComparedSamples& samples, std::size_t i, SampleChoice from) {
  if (from == SampleChoice::kAll) return true;
  const double reference = samples.runs[0].values[i];
  return std::any_of(samples.runs.begin(), samples.runs.end(), [&](const RunSamples& run) {
    const double value = run.values[i];
    if (std::isnan(value) || std::isnan(reference)) return false;
    return from == SampleChoice::kWrong ? value < kRight : value < reference || value > reference;
  });
}

std::string kind_of(SampleChoice from) {
  switch (from) {
    case SampleChoice::kAll:
      return "samples";
    case SampleChoice::kWrong:
      return "samples with a value below 0.5 in some run";
    case SampleChoice::kFlips:
      return "samples that the runs do not answer equally well";
  }
  return "";
}

std::string describe(std::size_t shown, std::size_t found, std::size_t all, SampleChoice from) {
  std::string text = shown == found
                         ? fmt::format("all {} {}", grouped(shown), kind_of(from))
                         : fmt::format("{} of {} {}", grouped(shown), grouped(found), kind_of(from));
  if (from != SampleChoice::kAll) text += fmt::format(" (of {} in all)", grouped(all));
  if (shown < found) text += ", chosen by a hash of their ids";
  return text;
}

/// Leaves the `limit` samples with the smallest hashes.
void draw(const ComparedSamples& samples, std::size_t limit, int threads, std::vector<std::size_t>& indices) {
  std::vector<std::pair<std::string, std::size_t>> hashed(indices.size());
  parallel_for(
      indices.size(), threads,
      [&](std::size_t i) {
        hashed[i] = {sha256(samples.ids[indices[i]]).substr(0, 15), indices[i]};
      },
      1024);
  const auto end = hashed.begin() + static_cast<std::ptrdiff_t>(limit);
  std::nth_element(hashed.begin(), end, hashed.end());
  indices.clear();
  for (auto kept = hashed.begin(); kept != end; ++kept) indices.push_back(kept->second);
  std::sort(indices.begin(), indices.end());
}

/// The column of a slice; every value has its place in `slice`.
std::vector<std::int32_t> slice_column(const ComparedSamples& samples, const SliceColumn& column,
                                       const std::vector<std::size_t>& chosen, reports::PageSlice& slice) {
  std::unordered_map<records::StringPool::Id, std::int32_t> places;
  for (const records::StringPool::Id id : slice_values(samples, column).ids) {
    places.emplace(id, static_cast<std::int32_t>(slice.values.size()));
    slice.values.emplace_back(samples.strings.text(id));
  }
  std::vector<std::int32_t> out;
  for (const std::size_t i : chosen) {
    const auto found = places.find(column.values[i]);
    out.push_back(found == places.end() ? reports::PageSamples::kNone : found->second);
  }
  return out;
}

reports::PageOutcomes outcomes(const ComparedSamples& samples, const RunSamples& run,
                               const std::vector<std::size_t>& chosen) {
  reports::PageOutcomes out;
  bool has_confidence = false, has_rank = false;
  for (const std::size_t i : chosen) {
    out.values.push_back(run.values[i]);
    out.predictions.emplace_back(samples.strings.text(run.predictions[i]));
    out.confidences.push_back(run.confidences[i]);
    out.ranks.push_back(run.ranks[i]);
    has_confidence = has_confidence || !std::isnan(run.confidences[i]);
    has_rank = has_rank || run.ranks[i] != 0;
  }
  if (!has_confidence) out.confidences.clear();
  if (!has_rank) out.ranks.clear();
  return out;
}

/// Frees in the thread that has read a line what nobody will ask for.
void keep_texts(SampleResult& sample) {
  sample.cluster = sample.prediction = {};
  sample.slices = {};
}

/// Texts, targets and images of the shown samples, which the first run's file has in this order.
void read_texts(const FinishedRun& run, int threads, PageImages& images, reports::PageSamples& out) {
  const auto file = read_file(run.folder / "samples.jsonl");
  reports::read_sample_results(*file, threads, keep_texts, [&](SampleResult&& sample) {
    const std::size_t next = out.texts.size();
    if (next == out.ids.size() || sample.id != out.ids[next]) return;
    out.texts.push_back(std::move(sample.text));
    out.targets.push_back(std::move(sample.targets));
    auto& shown = out.images.emplace_back();
    for (const std::string& path : sample.images) shown.push_back(images.index_of(path));
  });
  if (out.texts.size() != out.ids.size()) {
    throw Error(ErrorCode::kData, "has changed while it was read", {file->name(), "", std::nullopt});
  }
}

void read_refusals(const FinishedRun& run, int threads, const std::vector<std::string>& ids,
                   reports::PageOutcomes& out) {
  std::unordered_map<std::string_view, std::size_t> silent;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (out.predictions[i].empty()) silent.emplace(ids[i], i);
  }
  if (silent.empty()) return;
  const auto file = read_file(run.folder / "samples.jsonl");
  reports::read_sample_results(*file, threads, keep_texts, [&](SampleResult&& sample) {
    if (sample.refused.empty()) return;
    const auto found = silent.find(sample.id);
    if (found != silent.end()) out.refused[found->second] = std::move(sample.refused);
  });
}

}  // namespace

ChosenSamples choose_samples(const ComparedSamples& samples, SampleChoice from, std::size_t limit,
                             int threads) {
  ChosenSamples out;
  for (std::size_t i = 0; i < samples.samples(); ++i) {
    if (belongs(samples, i, from)) out.indices.push_back(i);
  }
  const std::size_t found = out.indices.size();
  if (found > limit) draw(samples, limit, threads, out.indices);
  out.description = describe(out.indices.size(), found, samples.samples(), from);
  return out;
}

std::size_t PageImages::index_of(const std::string& path) {
  const auto [found, is_new] = numbers_.try_emplace(path, paths_.size());
  if (is_new) paths_.push_back(path);
  return found->second;
}

void add_page_samples(const std::vector<FinishedRun>& runs, const ComparedSamples& samples,
                      const std::vector<std::size_t>& chosen, int threads, PageImages& images,
                      reports::PageGroup& group) {
  reports::PageSamples& out = group.samples;
  for (const std::size_t i : chosen) out.ids.push_back(samples.ids[i]);
  for (const SliceColumn& column : samples.slices) {
    reports::PageSlice& slice = group.slices.emplace_back(reports::PageSlice{column.name, {}});
    out.slices.push_back(slice_column(samples, column, chosen, slice));
  }
  read_texts(runs.front(), threads, images, out);
  for (std::size_t r = 0; r < runs.size(); ++r) {
    out.runs.push_back(outcomes(samples, samples.runs[r], chosen));
    read_refusals(runs[r], threads, out.ids, out.runs.back());
  }
}

}  // namespace bteval::app
