// Any bytes as a VQAv2 annotation file: annotations that every scorer can use, or a bteval::Error of kind
// data.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "datasets/vqa_json.h"
#include "metrics/vqa_accuracy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const auto file = bteval::datasets::read_vqa_annotations(*bteval::Bytes::from_memory("a.json", input));
    const auto& annotations = file.annotations;
    const std::vector<std::string> vocabulary = {"yes", "2", ""};
    for (const auto variant : bteval::metrics::kVqaVariants) {
      const bteval::metrics::VqaScorer scorer(annotations, variant, vocabulary);
      bteval::metrics::VqaAccuracy accuracy(annotations, variant);
      for (std::size_t i = 0; i < annotations.annotations.size(); ++i) {
        const auto answers = annotations.answers_of(annotations.annotations[i]);
        if (answers.empty()) __builtin_trap();
        const auto score = scorer.score(i, annotations.strings.text(answers.front().answer));
        if (!score) continue;
        if (*score < 0 || *score > 1) __builtin_trap();
        accuracy.add(i, *score);
      }
      accuracy.value();
    }
  } catch (const bteval::Error& error) {
    if (error.code() != bteval::ErrorCode::kData || error.context().file != "a.json") __builtin_trap();
  }
  return 0;
}
