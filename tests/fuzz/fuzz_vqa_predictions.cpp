// Any bytes as a result file: predictions or a bteval::Error of kind data. Predictions that were read come
// back from their submission, which the check accepts unless an id stands twice.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "datasets/vqa_json.h"
#include "reports/vqa_submission.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using bteval::Bytes;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::vector<std::int64_t> ids = {1, 2};
  bteval::reports::check_vqa_submission(input, ids);
  try {
    const auto read =
        bteval::datasets::read_vqa_predictions(*Bytes::from_memory("p.json", input)).predictions;
    const std::string submission = bteval::reports::vqa_submission(read);
    const auto again =
        bteval::datasets::read_vqa_predictions(*Bytes::from_memory("s.json", submission)).predictions;
    if (again.size() != read.size()) __builtin_trap();
    std::vector<std::int64_t> own;
    for (std::size_t i = 0; i < read.size(); ++i) {
      if (again[i].question_id != read[i].question_id || again[i].answer != read[i].answer) __builtin_trap();
      own.push_back(read[i].question_id);
    }
    const bool unique = std::set<std::int64_t>(own.begin(), own.end()).size() == own.size();
    if (bteval::reports::check_vqa_submission(submission, own).ok() != unique) __builtin_trap();
  } catch (const bteval::Error& error) {
    if (error.code() != bteval::ErrorCode::kData || error.context().file != "p.json") __builtin_trap();
  }
  return 0;
}
