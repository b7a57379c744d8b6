// Seeds: tests/golden/data/checkpoint/*.safetensors.
#include <cstddef>
#include <cstdint>

#include "checkpoint/safetensors.h"
#include "checkpoint/tensor_copy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval;
  try {
    const auto bytes =
        Bytes::from_memory("fuzz", std::string_view(reinterpret_cast<const char*>(data), size));
    for (const auto& [name, view] : checkpoint::read_safetensors(bytes).tensors) {
      checkpoint::contiguous_bytes(view);  // touches every byte that the view claims
    }
  } catch (const Error&) {
    // A refusal: the only exception that a reader may throw.
  }
  return 0;
}
