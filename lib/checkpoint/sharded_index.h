// model.safetensors.index.json and pytorch_model.bin.index.json: which shard holds which tensor.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bteval::checkpoint {

struct ShardedIndex {
  std::map<std::string, std::vector<std::string>>
      shards;  ///< file name (no folders) to its tensors' names, sorted
};

/// Error(kCheckpoint) naming `name` where the JSON is malformed, has no "weight_map", or a shard's name would
/// lead out of the folder.
ShardedIndex parse_sharded_index(std::string_view text, const std::string& name);

}  // namespace bteval::checkpoint
