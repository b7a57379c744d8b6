// Any bytes as the reply of the VQA server: phases with four percentages each, or a bteval::Error of kind
// data. What is read comes back from a reply with the same numbers.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.h"
#include "parts.h"
#include "reports/server_reply.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const auto scores = reports::read_vqa_reply(input, "r.json");
    OrderedJson reply = OrderedJson::array();
    for (const auto& score : scores) {
      for (const double number : {score.yes_no, score.number, score.other, score.overall})
        fuzz::require(number >= 0 && number <= 100);
      reports::doubt_vqa_phase(score);
      reply.push_back({{score.phase,
                        {{"yes/no", score.yes_no},
                         {"number", score.number},
                         {"other", score.other},
                         {"overall", score.overall}}}});
    }
    const std::string text = OrderedJson({{"result", reply}}).dump();
    fuzz::require(reports::to_json(reports::read_vqa_reply(text, "r.json")) == reports::to_json(scores));
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kData && error.context().file == "r.json");
  }
  return 0;
}
