// Accuracy and consistency of NLVR2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "records/nlvr2.h"
#include "records/score.h"

namespace bteval::metrics {

/// Collects which examples are right. Accuracy is the share of right ones; consistency the share of groups
/// (one sentence with its image pairs) in which every example that counts is right (nlvr2/eval/metrics.py of
/// lil-lab/nlvr). Both are counts until the value is asked for, so that the order of adding does not matter.
class Nlvr2Accuracy {
 public:
  /// `labels` must outlive the object.
  explicit Nlvr2Accuracy(const records::Nlvr2Labels& labels);

  /// Notes a prediction for labels.labels[example]. Error(kInternal) where it has one already or the example
  /// has no label.
  void add(std::size_t example, bool prediction);
  /// Notes that there is no prediction, which is wrong.
  void add_wrong(std::size_t example);
  /// Takes over the examples of another shard of the same labels. Error(kInternal) where one example is in
  /// both.
  void merge(const Nlvr2Accuracy& other);

  /// Number of examples that count.
  std::int64_t count() const;

  /// Unrounded percentages: overall accuracy; groups "consistency" ("overall" and each subset),
  /// "accuracy of subsets" and "accuracy by reasoning category", those that there are. A subset's consistency
  /// is the one of its own examples, as if its file were scored alone. `correct` / `count` is the official
  /// scorer's number, 100 * (correct / count) ours. NaN where nothing counts.
  records::Score value() const;

 private:
  enum class State : std::uint8_t { kNone, kWrong, kRight };

  void set(std::size_t example, State state);

  const records::Nlvr2Labels* labels_;
  std::vector<State> states_;
};

}  // namespace bteval::metrics
