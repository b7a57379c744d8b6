#include "datasets/vqa_alignment.h"

#include "core/error.h"
#include "datasets/id_index.h"

namespace bteval::datasets {
namespace {

// The first few of the ids that something is wrong with.
class Examples {
 public:
  void add(std::int64_t id) {
    if (count_ < 3) text_ += fmt::format("{}{}", count_ == 0 ? "" : ", ", id);
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

VqaAlignment align_vqa_predictions(std::span<const std::int64_t> question_ids,
                                   const VqaPredictionFile& predictions, const std::string& name,
                                   bool allow_partial) {
  std::vector<std::int64_t> ids;
  ids.reserve(predictions.predictions.size());
  for (const records::VqaPrediction& prediction : predictions.predictions)
    ids.push_back(prediction.question_id);
  const IdIndex index(ids, name, "question_id");

  VqaAlignment out;
  out.prediction_of_question.reserve(question_ids.size());
  std::vector<bool> used(ids.size());
  Examples missing;
  for (const std::int64_t id : question_ids) {
    const auto found = index.find(id);
    out.prediction_of_question.push_back(found);
    if (found) {
      used[*found] = true;
      ++out.answered;
    } else {
      missing.add(id);
    }
  }
  Examples unknown;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) unknown.add(ids[i]);
  }
  out.missing = missing.count();
  out.unknown = unknown.count();

  const auto fail = [&](const std::string& message) {
    throw Error(ErrorCode::kData, message, {name, "", std::nullopt});
  };
  if (out.answered == 0) {
    fail(fmt::format("none of its {} predictions is for one of the {} questions", ids.size(),
                     question_ids.size()));
  }
  if (allow_partial || (out.missing == 0 && out.unknown == 0)) return out;
  std::string message;
  if (out.missing > 0) {
    message = fmt::format("{} of {} questions have no prediction (question_id {})", out.missing,
                          question_ids.size(), missing.text());
    if (predictions.refused > 0)
      message += fmt::format(", {} of them because the run refused them", predictions.refused);
  }
  if (out.unknown > 0) {
    message += fmt::format("{}{} predictions are for unknown questions (question_id {})",
                           message.empty() ? "" : "; ", out.unknown, unknown.text());
  }
  fail(message);
  return out;
}

}  // namespace bteval::datasets
