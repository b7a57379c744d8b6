// The result file that the VQA evaluation server takes (EvalAI challenge 830).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "records/vqa.h"

namespace bteval::reports {

/// The JSON list `[{"question_id":1,"answer":"yes"},…]` on one line, UTF-8, in the order of `predictions`:
/// the same predictions give the same bytes. Error(kInternal) for an answer that is not UTF-8.
std::string vqa_submission(std::span<const records::VqaPrediction> predictions);

/// What is known about a submission before anybody uploads it.
struct VqaSubmissionCheck {
  std::uint64_t predictions = 0;
  std::uint64_t empty_answers = 0;              ///< legal, but rarely meant
  std::uint64_t answers_out_of_vocabulary = 0;  ///< 0 without a vocabulary
  std::vector<std::string> problems;  ///< each makes the server reject the file, or score it wrongly

  bool ok() const { return problems.empty(); }
};

/// Checks the text of a result file as the server would: a JSON list and no JSON lines, objects with an
/// integer `question_id` and a string `answer` (other members are ignored), the ids exactly those of the
/// question file (both the test-dev and the test-standard phase want all of test2015), none twice. Never
/// throws for a bad file: everything found is in `problems`, each kind once with a count and its first
/// examples.
VqaSubmissionCheck check_vqa_submission(std::string_view text, std::span<const std::int64_t> question_ids,
                                        const std::unordered_set<std::string>& vocabulary = {});

}  // namespace bteval::reports
