// Any bytes as an NLVR2 annotation file and as a category file: records or a bteval::Error of kind data,
// nothing else. Image names that come out never leave a folder.
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "datasets/nlvr2_categories.h"
#include "datasets/nlvr2_json.h"

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

template <typename Read>
void check(const Read& read) {
  try {
    read();
  } catch (const bteval::Error& error) {
    require(error.code() == bteval::ErrorCode::kData && error.context().file == "dev.json");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto bytes = bteval::Bytes::from_memory("dev.json", input);
  check([&] {
    for (const auto& record : bteval::datasets::read_nlvr2(*bytes)) {
      const auto identifier = bteval::datasets::parse_nlvr2_identifier(record.identifier);
      require(identifier.has_value() && !record.sentence.empty());
      require(identifier->image_name(0).find_first_of("/.") == std::string::npos);
      require(record.directory.find_first_not_of("0123456789") == std::string::npos);
    }
  });
  check([&] {
    for (const auto& entry : bteval::datasets::read_nlvr2_categories(*bytes))
      require(!entry.category.empty());
  });
  return 0;
}
