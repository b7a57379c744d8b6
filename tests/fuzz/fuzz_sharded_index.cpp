// Any bytes as an index of shards: names of files in the same folder, or a bteval::Error of kind checkpoint.
// What is accepted gives the same index when it is written again.
#include <cstdint>
#include <string>
#include <string_view>

#include "checkpoint/sharded_index.h"
#include "core/json.h"
#include "parts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const auto index = checkpoint::parse_sharded_index(input, "i.json");
    Json map = Json::object();
    for (const auto& [shard, tensors] : index.shards) {
      fuzz::require(!shard.empty() && shard != "." && shard != ".." && shard.find('/') == std::string::npos &&
                    !tensors.empty());
      for (const std::string& tensor : tensors) map[tensor] = shard;
    }
    const std::string written = Json({{"weight_map", map}}).dump();
    fuzz::require(checkpoint::parse_sharded_index(written, "i.json").shards == index.shards);
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kCheckpoint && error.context().file == "i.json");
  }
  return 0;
}
