#include "tasks/compare_measures.h"

#include <array>
#include <cmath>
#include <cstdint>

namespace bteval::app {
namespace {

constexpr std::array<std::uint32_t, 3> kDepths = {1, 5, 10};
constexpr std::array<const char*, 2> kKinds = {"image:", "caption:"};  // text retrieval, image retrieval

bool is_retrieval(const std::string& task) { return task == "flickr30k" || task == "coco"; }

/// Adds samples up to one column, with what McNemar's test needs.
class Column {
 public:
  explicit Column(std::size_t clusters) {
    for (metrics::ClusterSums* side : {&column_.a, &column_.b}) {
      side->sums.resize(clusters);
      side->counts.resize(clusters);
    }
  }

  void add(std::uint32_t cluster, double a, double b) {
    column_.a.sums[cluster] += a;
    column_.b.sums[cluster] += b;
    ++column_.a.counts[cluster];
    ++column_.b.counts[cluster];
    if ((a != 0 && a != 1) || (b != 0 && b != 1)) is_binary_ = false;
    if (a > b) ++only_a_;
    if (b > a) ++only_b_;
  }

  const metrics::PairedColumn& sums() const { return column_; }

  void finish(PairedMeasures& out) && {
    out.measures.push_back({{{out.columns.size(), 100.0}}});
    out.columns.push_back(std::move(column_));
    out.discordant.push_back(is_binary_ ? std::optional(std::pair(only_a_, only_b_)) : std::nullopt);
  }

 private:
  metrics::PairedColumn column_;
  bool is_binary_ = true;
  std::uint64_t only_a_ = 0, only_b_ = 0;
};

/// A sentence is consistent where all its examples are right (Suhr et al., 2019).
Column consistency(const metrics::PairedColumn& accuracy) {
  Column column(accuracy.a.clusters());
  for (std::uint32_t g = 0; g < accuracy.a.clusters(); ++g) {
    const std::uint32_t n = accuracy.a.counts[g];
    if (n == 0) continue;
    column.add(g, accuracy.a.sums[g] == n ? 1 : 0, accuracy.b.sums[g] == n ? 1 : 0);
  }
  return column;
}

void add_recalls(const ComparedSamples& samples, const RunSamples& a, const RunSamples& b,
                 PairedMeasures& out) {
  metrics::Measure sum;
  for (const char* kind : kKinds) {
    for (const std::uint32_t depth : kDepths) {
      Column column(samples.clusters);
      for (std::size_t i = 0; i < samples.samples(); ++i) {
        if (!samples.ids[i].starts_with(kind) || a.ranks[i] == 0 || b.ranks[i] == 0) continue;
        column.add(samples.cluster_of[i], a.ranks[i] <= depth ? 1 : 0, b.ranks[i] <= depth ? 1 : 0);
      }
      sum.terms.emplace_back(out.columns.size(), 100.0);
      std::move(column).finish(out);
    }
  }
  out.measures.push_back(std::move(sum));
  out.discordant.emplace_back();
}

}  // namespace

std::vector<std::string> measure_names(const std::string& task) {
  if (task == "nlvr2") return {"accuracy", "consistency"};
  if (!is_retrieval(task)) return {"accuracy"};
  return {"TR R@1", "TR R@5", "TR R@10", "IR R@1", "IR R@5", "IR R@10", "RSUM"};
}

PairedMeasures paired_measures(const std::string& task, const ComparedSamples& samples, std::size_t a,
                               std::size_t b) {
  const RunSamples &of_a = samples.runs[a], &of_b = samples.runs[b];
  PairedMeasures out;
  if (is_retrieval(task)) {
    add_recalls(samples, of_a, of_b, out);
    return out;
  }
  Column accuracy(samples.clusters);
  for (std::size_t i = 0; i < samples.samples(); ++i) {
    if (std::isnan(of_a.values[i]) || std::isnan(of_b.values[i])) continue;
    accuracy.add(samples.cluster_of[i], of_a.values[i], of_b.values[i]);
  }
  if (task == "nlvr2") {
    Column consistent = consistency(accuracy.sums());
    std::move(accuracy).finish(out);
    std::move(consistent).finish(out);
  } else {
    std::move(accuracy).finish(out);
  }
  return out;
}

}  // namespace bteval::app
