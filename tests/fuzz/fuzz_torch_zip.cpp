// Seeds: tests/golden/data/checkpoint/*.ckpt and *.bin.
#include <cstddef>
#include <cstdint>

#include "checkpoint/tensor_copy.h"
#include "checkpoint/torch_zip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval;
  try {
    const auto bytes =
        Bytes::from_memory("fuzz", std::string_view(reinterpret_cast<const char*>(data), size));
    for (const auto& [name, view] : checkpoint::read_torch_zip(bytes).tensors) {
      if (view.numel() < 4096) checkpoint::contiguous_bytes(view);
    }
  } catch (const Error&) {
    // A refusal: the only exception that a reader may throw.
  }
  return 0;
}
