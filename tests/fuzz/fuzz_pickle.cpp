// Seeds: data.pkl of the archives in tests/golden/data/checkpoint.
#include <cstddef>
#include <cstdint>

#include "checkpoint/pickle.h"
#include "checkpoint/pickle_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto document = checkpoint::parse_pickle(text, "fuzz");
    checkpoint::pickle_to_json(*document.root).dump();
  } catch (const Error&) {
    // A refusal: the only exception that a reader may throw.
  }
  return 0;
}
