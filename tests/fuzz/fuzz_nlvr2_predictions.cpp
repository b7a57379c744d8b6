// Any bytes as predictions for NLVR2: predictions or a bteval::Error of kind data. What was read comes back
// from its submission, which the check accepts unless an identifier stands twice or has odd characters.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "datasets/nlvr2_predictions.h"
#include "reports/nlvr2_submission.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using bteval::Bytes;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> ids = {"dev-1-0-0", "dev-1-1-0"};
  bteval::reports::check_nlvr2_submission(input, ids);
  try {
    const auto read =
        bteval::datasets::read_nlvr2_predictions(*Bytes::from_memory("p.csv", input)).predictions;
    std::set<std::string> own;
    bool plain = !read.empty();
    for (const auto& prediction : read) {
      own.insert(prediction.identifier);
      plain &= !prediction.identifier.empty() &&
               prediction.identifier.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") ==
                   std::string::npos;
    }
    if (!plain) return 0;
    const std::string submission = bteval::reports::nlvr2_submission(read);
    const auto again =
        bteval::datasets::read_nlvr2_predictions(*Bytes::from_memory("s.csv", submission)).predictions;
    if (again.size() != read.size()) __builtin_trap();
    for (std::size_t i = 0; i < read.size(); ++i) {
      if (again[i].identifier != read[i].identifier || again[i].prediction != read[i].prediction)
        __builtin_trap();
    }
    const std::vector<std::string> expected(own.begin(), own.end());
    const bool unique = own.size() == read.size();
    if (bteval::reports::check_nlvr2_submission(submission, expected).ok() != unique) __builtin_trap();
  } catch (const bteval::Error& error) {
    if (error.code() != bteval::ErrorCode::kData || error.context().file != "p.csv") __builtin_trap();
  }
  return 0;
}
