// The JSON header of a safetensors file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bteval::checkpoint {

struct SafetensorsEntry {
  std::optional<std::string> dtype;
  std::optional<std::vector<std::uint64_t>> shape;
  std::optional<std::vector<std::uint64_t>> data_offsets;
};

struct SafetensorsHeader {
  std::map<std::string, SafetensorsEntry> entries;
  std::map<std::string, std::string> metadata;
};

/// Parses the header's JSON event by event, because a parser into a tree would silently let the last of two
/// equal keys win. `name` is the file's, `base` the header's offset in it. Members of a tensor that the
/// format does not define are skipped, as the reference implementation does. Error(kCheckpoint) where it is
/// malformed.
SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& name,
                                           std::uint64_t base);

}  // namespace bteval::checkpoint
