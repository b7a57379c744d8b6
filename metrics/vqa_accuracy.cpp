#include "metrics/vqa_accuracy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"

namespace bteval::metrics {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Mean {
  double sum = 0;
  std::int64_t count = 0;

  void add(double score) {
    sum += score;
    ++count;
  }
  // The order of operations is the official scorer's: 100 * sum / count.
  double percent() const { return count == 0 ? kNone : 100 * sum / static_cast<double>(count); }
};

records::ScoreGroup to_group(const char* name, const std::vector<Mean>& means,
                             const records::StringPool& strings) {
  records::ScoreGroup group{name, {}};
  for (std::size_t id = 0; id < means.size(); ++id) {
    if (means[id].count == 0) continue;
    group.values.push_back({std::string(strings.text(static_cast<records::StringPool::Id>(id))),
                            means[id].percent(), means[id].count});
  }
  std::sort(group.values.begin(), group.values.end(),
            [](const records::ScoreValue& a, const records::ScoreValue& b) { return a.name < b.name; });
  return group;
}

}  // namespace

VqaAccuracy::VqaAccuracy(const records::VqaAnnotations& annotations, VqaVariant variant)
    : annotations_(&annotations), variant_(variant), scores_(annotations.annotations.size(), kNone) {}

void VqaAccuracy::add(std::size_t index, double score) {
  double& slot = scores_.at(index);
  if (!std::isnan(slot)) throw Error(ErrorCode::kInternal, fmt::format("question {} is scored twice", index));
  slot = score;
}

void VqaAccuracy::merge(const VqaAccuracy& other) {
  if (other.annotations_ != annotations_ || other.variant_ != variant_) {
    throw Error(ErrorCode::kInternal, "scores of different annotations or variants cannot be merged");
  }
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    if (!std::isnan(other.scores_[i])) add(i, other.scores_[i]);
  }
}

std::optional<double> VqaAccuracy::score(std::size_t index) const {
  const double score = scores_.at(index);
  return std::isnan(score) ? std::nullopt : std::optional(score);
}

std::size_t VqaAccuracy::count() const {
  return static_cast<std::size_t>(
      std::count_if(scores_.begin(), scores_.end(), [](double score) { return !std::isnan(score); }));
}

records::Score VqaAccuracy::value() const {
  Mean overall;
  std::vector<Mean> by_answer_type(annotations_->strings.size());
  std::vector<Mean> by_question_type(annotations_->strings.size());
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    if (std::isnan(scores_[i])) continue;
    const records::VqaAnnotation& annotation = annotations_->annotations[i];
    overall.add(scores_[i]);
    by_answer_type[annotation.answer_type].add(scores_[i]);
    by_question_type[annotation.question_type].add(scores_[i]);
  }
  return {"VQA accuracy",
          std::string(vqa_variant_name(variant_)),
          {"overall", overall.percent(), overall.count},
          {to_group("by answer type", by_answer_type, annotations_->strings),
           to_group("by question type", by_question_type, annotations_->strings)}};
}

}  // namespace bteval::metrics
