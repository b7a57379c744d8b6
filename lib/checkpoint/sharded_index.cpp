#include "checkpoint/sharded_index.h"

#include "core/json.h"

namespace bteval::checkpoint {

ShardedIndex parse_sharded_index(std::string_view text, const std::string& name) {
  const auto fail = [&](const std::string& message, const std::string& record = "") {
    throw Error(ErrorCode::kCheckpoint, message, {name, record, std::nullopt});
  };
  const Json json = parse_json(text, name, ErrorCode::kCheckpoint);
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) {
    fail("has no \"weight_map\": it is no index of shards (for a Hugging Face model, name its folder)");
  }
  ShardedIndex index;
  for (const auto& [tensor, shard] : json["weight_map"].items()) {
    const std::string record = "tensor " + tensor;
    if (!shard.is_string()) fail("its shard is not a string", record);
    const auto file = shard.get<std::string>();
    if (file.empty() || file == "." || file == ".." || file.find('/') != std::string::npos ||
        file.find('\0') != std::string::npos) {
      fail(fmt::format("its shard '{}' is not the name of a file in this folder", printable(file)), record);
    }
    index.shards[file].push_back(tensor);
  }
  if (index.shards.empty()) fail("its \"weight_map\" is empty");
  return index;
}

}  // namespace bteval::checkpoint
