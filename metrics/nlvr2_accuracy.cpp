#include "metrics/nlvr2_accuracy.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "core/error.h"
#include "metrics/share.h"

namespace bteval::metrics {
namespace {

using records::Nlvr2Labels;
using records::SampleSubset;
using records::ScoreValue;

// Examples and groups of a split or of a part of it.
class Counter {
 public:
  explicit Counter(const Nlvr2Labels& labels) : labels_(labels), groups_(labels.num_groups) {}

  void add(std::size_t example, bool right) {
    ++examples_;
    if (right) ++right_examples_;
    Group& group = groups_[labels_.group_of_example[example]];
    group.seen = true;
    group.wrong |= !right;
  }
  ScoreValue accuracy(std::string name) const { return share(std::move(name), right_examples_, examples_); }
  ScoreValue consistency(std::string name) const {
    const auto seen = std::count_if(groups_.begin(), groups_.end(), [](const Group& g) { return g.seen; });
    const auto right =
        std::count_if(groups_.begin(), groups_.end(), [](const Group& g) { return g.seen && !g.wrong; });
    return share(std::move(name), right, seen);
  }

 private:
  struct Group {
    bool seen = false;
    bool wrong = false;
  };

  const Nlvr2Labels& labels_;
  std::int64_t examples_ = 0;
  std::int64_t right_examples_ = 0;
  std::vector<Group> groups_;
};

}  // namespace

Nlvr2Accuracy::Nlvr2Accuracy(const Nlvr2Labels& labels)
    : labels_(&labels), states_(labels.labels.size(), State::kNone) {}

void Nlvr2Accuracy::set(std::size_t example, State state) {
  State& slot = states_.at(example);
  if (slot != State::kNone) {
    throw Error(ErrorCode::kInternal, fmt::format("example {} is scored twice", example));
  }
  if (!labels_->labels[example]) {
    throw Error(ErrorCode::kInternal, fmt::format("example {} has no label", example));
  }
  slot = state;
}

void Nlvr2Accuracy::add(std::size_t example, bool prediction) {
  set(example, labels_->labels.at(example) == prediction ? State::kRight : State::kWrong);
}

void Nlvr2Accuracy::add_wrong(std::size_t example) { set(example, State::kWrong); }

void Nlvr2Accuracy::merge(const Nlvr2Accuracy& other) {
  if (other.labels_ != labels_)
    throw Error(ErrorCode::kInternal, "scores of different labels cannot be merged");
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (other.states_[i] != State::kNone) set(i, other.states_[i]);
  }
}

std::int64_t Nlvr2Accuracy::count() const {
  return std::count_if(states_.begin(), states_.end(), [](State state) { return state != State::kNone; });
}

records::Score Nlvr2Accuracy::value() const {
  const auto add_to = [&](Counter& counter, std::size_t example) {
    if (states_[example] != State::kNone) counter.add(example, states_[example] == State::kRight);
  };
  const auto count_subset = [&](const SampleSubset& subset) {
    Counter counter(*labels_);
    for (const std::uint32_t example : subset.samples) add_to(counter, example);
    return counter;
  };
  Counter all(*labels_);
  for (std::size_t i = 0; i < states_.size(); ++i) add_to(all, i);

  records::ScoreGroup consistency{"consistency", {all.consistency("overall")}};
  records::ScoreGroup subsets{"accuracy of subsets", {}};
  for (const SampleSubset& subset : labels_->subsets) {
    const Counter counter = count_subset(subset);
    consistency.values.push_back(counter.consistency(subset.name));
    subsets.values.push_back(counter.accuracy(subset.name));
  }
  records::ScoreGroup categories{"accuracy by reasoning category", {}};
  for (const SampleSubset& category : labels_->categories) {
    categories.values.push_back(count_subset(category).accuracy(category.name));
  }
  records::Score score{"NLVR2 accuracy", "official", all.accuracy("overall"), {std::move(consistency)}};
  if (!subsets.values.empty()) score.groups.push_back(std::move(subsets));
  if (!categories.values.empty()) score.groups.push_back(std::move(categories));
  return score;
}

}  // namespace bteval::metrics
