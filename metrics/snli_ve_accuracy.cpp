#include "metrics/snli_ve_accuracy.h"

#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "metrics/share.h"

namespace bteval::metrics {

using records::SnliVeClass;

void SnliVeAccuracy::add(SnliVeClass gold, std::optional<SnliVeClass> predicted) {
  const std::size_t column = predicted ? static_cast<std::size_t>(*predicted) : kClasses;
  ++counts_.at(static_cast<std::size_t>(gold)).at(column);
}

void SnliVeAccuracy::merge(const SnliVeAccuracy& other) {
  for (std::size_t row = 0; row < kClasses; ++row) {
    for (std::size_t column = 0; column <= kClasses; ++column)
      counts_[row][column] += other.counts_[row][column];
  }
}

std::int64_t SnliVeAccuracy::count() const {
  std::int64_t sum = 0;
  for (const auto& row : counts_) sum = std::accumulate(row.begin(), row.end(), sum);
  return sum;
}

records::Score SnliVeAccuracy::value() const {
  std::array<std::int64_t, kClasses> gold = {};
  std::array<std::int64_t, kClasses> predicted = {};
  std::int64_t correct = 0;
  std::int64_t missing = 0;
  for (std::size_t row = 0; row < kClasses; ++row) {
    gold[row] = std::accumulate(counts_[row].begin(), counts_[row].end(), std::int64_t{0});
    for (std::size_t column = 0; column < kClasses; ++column) predicted[column] += counts_[row][column];
    correct += counts_[row][row];
    missing += counts_[row][kClasses];
  }

  records::ScoreGroup recall{"accuracy by class", {}};
  records::ScoreGroup precision{"precision by class", {}};
  records::ScoreGroup f1{"F1 by class", {}};
  double f1_sum = 0;
  int f1_classes = 0;
  for (std::size_t i = 0; i < kClasses; ++i) {
    const std::string name(records::kSnliVeClassNames[i]);
    const std::int64_t hits = counts_[i][i];
    recall.values.push_back(share(name, hits, gold[i]));
    precision.values.push_back(share(name, hits, predicted[i]));
    // gold = tp + fn and predicted = tp + fp.
    const double value = percent_of(2 * hits, gold[i] + predicted[i]);
    f1.values.push_back({name, value, gold[i]});
    if (gold[i] + predicted[i] > 0) {
      f1_sum += value;
      ++f1_classes;
    }
  }
  const double macro = f1_classes == 0 ? std::numeric_limits<double>::quiet_NaN() : f1_sum / f1_classes;

  records::CountMatrix matrix{"confusion matrix", "gold", "predicted", {}, {}, {}};
  const std::size_t columns = kClasses + (missing > 0 ? 1 : 0);
  for (std::size_t row = 0; row < kClasses; ++row) {
    matrix.rows.emplace_back(records::kSnliVeClassNames[row]);
    matrix.columns.emplace_back(records::kSnliVeClassNames[row]);
    for (std::size_t column = 0; column < columns; ++column) matrix.counts.push_back(counts_[row][column]);
  }
  if (missing > 0) matrix.columns.emplace_back("none");
  return {"SNLI-VE accuracy",
          "standard",
          share("overall", correct, count()),
          {std::move(recall), std::move(precision), std::move(f1), {"macro", {{"F1", macro, count()}}}},
          {std::move(matrix)}};
}

}  // namespace bteval::metrics
