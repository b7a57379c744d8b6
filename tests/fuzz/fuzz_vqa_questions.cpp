// Any bytes as a VQAv2 question file: questions or a bteval::Error of kind data, nothing else. What is
// accepted is JSON by the other parser, too, and no question is empty.
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "datasets/vqa_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const auto file = bteval::datasets::read_vqa_questions(*bteval::Bytes::from_memory("q.json", input));
    for (const auto& question : file.questions) {
      if (question.question.empty()) __builtin_trap();
    }
  } catch (const bteval::Error& error) {
    if (error.code() != bteval::ErrorCode::kData || error.context().file != "q.json") __builtin_trap();
  }
  return 0;
}
