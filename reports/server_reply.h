// What the VQA evaluation server (EvalAI challenge 830) answers to a submission.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace bteval::reports {

/// The four numbers of one phase, in per cent.
struct VqaPhaseScore {
  std::string phase;  ///< "test-dev", "test-standard"
  double yes_no = 0, number = 0, other = 0, overall = 0;
};

/// Reads `[{"test-dev": {"yes/no": N, "number": N, "other": N, "overall": N}}, {"test-standard": {…}}]`, one
/// of its objects, or the whole reply around them ("result": […]). Numbers may be strings of digits.
/// Error(kData) naming `name` and the phase where a number is missing, no number or outside 0 to 100, where a
/// phase stands twice, or where there is none.
std::vector<VqaPhaseScore> read_vqa_reply(std::string_view text, const std::string& name);

/// Where a phase's overall is not the mean that its three parts give: what they do give and by how much it
/// is off; nothing where they fit, or for a phase whose shares of answer types are not known. On
/// test-standard the shares are 0.41485 yes/no, 0.10966 number and 0.47548 other: published rows satisfy
/// them to within 0.005, and rounding of the parts adds as much again.
std::optional<std::string> doubt_vqa_phase(const VqaPhaseScore& score);

/// [{"phase", "yes/no", "number", "other", "overall"}].
OrderedJson to_json(const std::vector<VqaPhaseScore>& scores);

}  // namespace bteval::reports
