// Any bytes as an answer vocabulary (JSON and text) and as a label map: each answer once, with its label, or
// a bteval::Error. What is read comes back from a JSON list of it.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.h"
#include "datasets/vqa_vocabulary.h"
#include "parts.h"
#include "tasks/label_map.h"

namespace {

using namespace bteval;

void check_vocabulary(const char* name, std::string_view input) {
  try {
    const auto vocabulary = datasets::AnswerVocabulary::parse(*Bytes::from_memory(name, input));
    fuzz::require(vocabulary.size() > 0);
    for (std::uint32_t label = 0; label < vocabulary.size(); ++label)
      fuzz::require(vocabulary.label(vocabulary.answer(label)) == label);
    const std::string list = Json(vocabulary.answers()).dump();
    const auto again = datasets::AnswerVocabulary::parse(*Bytes::from_memory("again.json", list));
    // A list of two answers that are objects themselves would be another form; strings never are.
    fuzz::require(again.answers() == vocabulary.answers() && again.sha256() == vocabulary.sha256());
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kData && error.context().file == name);
  }
}

void check_label_map(std::string_view input) {
  static constexpr std::array<std::string_view, 3> kNames = {"contradiction", "neutral", "entailment"};
  try {
    checkpoint::Checkpoint opened;
    opened.config = parse_json(input, "config.json", ErrorCode::kCheckpoint);
    opened.config_source = "config.json";
    const auto map = app::choose_label_map({}, opened, kNames);
    fuzz::require(map.class_of_label.size() == kNames.size());
    std::uint32_t seen = 0;
    for (const std::uint32_t label : map.class_of_label) seen |= 1U << label;
    fuzz::require(seen == 7);
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kCheckpoint || error.code() == ErrorCode::kData);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_vocabulary("v.json", input);
  check_vocabulary("v.txt", input);
  check_label_map(input);
  return 0;
}
