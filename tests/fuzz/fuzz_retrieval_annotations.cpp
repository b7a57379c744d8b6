// Any bytes as captions of images: captions of existing images whose names stay in their folder, or a
// bteval::Error of kind data that names the file, nothing else.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "datasets/retrieval_json.h"
#include "datasets/retrieval_names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static const std::vector<std::string> kSplits = {"test"};
  try {
    const auto file =
        bteval::datasets::read_retrieval_annotations(*bteval::Bytes::from_memory("a.json", input), kSplits);
    std::vector<bool> has_caption(file.images.size());
    for (const auto& caption : file.captions) has_caption.at(caption.image) = true;
    for (const bool has : has_caption) {
      if (!has) __builtin_trap();
    }
    for (const auto& image : file.images) {
      if (!image.path.empty() && bteval::datasets::image_path_fault(image.path) != nullptr) __builtin_trap();
    }
  } catch (const bteval::Error& error) {
    if (error.code() != bteval::ErrorCode::kData || error.context().file != "a.json") __builtin_trap();
  }
  return 0;
}
