#include "datasets/id_alignment.h"

#include <utility>

#include "core/error.h"

namespace bteval::datasets {
namespace {

// The first few of the ids that something is wrong with.
class Examples {
 public:
  void add(const std::string& id) {
    if (count_ < 3) text_ += (count_ == 0 ? "" : ", ") + id;
    if (count_ == 3) text_ += ", …";
    ++count_;
  }
  std::uint64_t count() const { return count_; }
  const std::string& text() const { return text_; }

 private:
  std::uint64_t count_ = 0;
  std::string text_;
};

}  // namespace

IdAlignment align_ids(std::vector<std::optional<std::uint32_t>> prediction_of_sample,
                      const AlignmentSides& sides, AlignmentRules rules) {
  IdAlignment out;
  out.prediction_of_sample = std::move(prediction_of_sample);
  const std::size_t num_samples = out.prediction_of_sample.size();
  std::vector<bool> used(sides.num_predictions);
  Examples missing;
  for (std::size_t i = 0; i < num_samples; ++i) {
    if (const auto position = out.prediction_of_sample[i]) {
      used[*position] = true;
      ++out.answered;
    } else {
      missing.add(sides.sample_id(i));
    }
  }
  Examples unknown;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) unknown.add(sides.prediction_id(i));
  }
  out.missing = missing.count();
  out.unknown = unknown.count();

  const auto fail = [&](const std::string& message) {
    throw Error(ErrorCode::kData, message, {sides.file, "", std::nullopt});
  };
  if (out.answered == 0) {
    fail(fmt::format("none of its {} predictions is for one of the {} {}", sides.num_predictions, num_samples,
                     sides.samples));
  }
  std::string message;
  if (out.missing > 0 && !rules.allow_missing) {
    message = fmt::format("{} of {} {} have no prediction ({} {})", out.missing, num_samples, sides.samples,
                          sides.key, missing.text());
    if (sides.refused > 0) message += fmt::format(", {} of them because the run refused them", sides.refused);
  }
  if (out.unknown > 0 && !rules.allow_unknown) {
    message += fmt::format("{}{} predictions are for unknown {} ({} {})", message.empty() ? "" : "; ",
                           out.unknown, sides.samples, sides.key, unknown.text());
  }
  if (!message.empty()) fail(message);
  return out;
}

IdAlignment align_ids(const records::SampleSet& samples, const TextIdIndex& index,
                      const AlignmentSides& sides, AlignmentRules rules) {
  std::vector<std::optional<std::uint32_t>> found;
  found.reserve(samples.samples.size());
  for (const records::Sample& sample : samples.samples) found.push_back(index.find(sample.id));
  return align_ids(std::move(found), sides, rules);
}

}  // namespace bteval::datasets
