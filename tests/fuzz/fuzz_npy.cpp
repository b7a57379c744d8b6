// Any bytes as a NumPy array file: a view that lies inside the bytes, or a bteval::Error of kind checkpoint
// that names the file, nothing else.
#include <cstdint>
#include <string_view>

#include "checkpoint/npy.h"
#include "checkpoint/tensor_copy.h"
#include "core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes =
      bteval::Bytes::from_memory("a.npy", std::string_view(reinterpret_cast<const char*>(data), size));
  try {
    const auto view = bteval::checkpoint::read_npy(bytes);
    if (bteval::checkpoint::contiguous_bytes(view).size() > size) __builtin_trap();
  } catch (const bteval::Error& error) {
    if (error.code() != bteval::ErrorCode::kCheckpoint || error.context().file != "a.npy") __builtin_trap();
  }
  return 0;
}
