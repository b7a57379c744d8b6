#include "model/shape_table.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "model/key_map.h"

namespace bteval::model {
namespace {

/// No model is near it, and products of two sizes still fit 64 bits. An empty tensor may claim any size.
constexpr std::int64_t kMaxSize = std::numeric_limits<std::int32_t>::max();

}  // namespace

ShapeTable::ShapeTable(const checkpoint::Checkpoint& checkpoint, Family family)
    : file_(checkpoint.path.string()) {
  for (const auto& [name, view] : checkpoint.tensors) {
    if (const auto key = canonical_key(family, name)) shapes_.emplace(key->name, view.shape);
  }
}

bool ShapeTable::has_prefix(const std::string& prefix) const {
  const auto found = shapes_.lower_bound(prefix);
  return found != shapes_.end() && found->first.starts_with(prefix);
}

bool ShapeTable::mentions(const std::string& part) const {
  return std::any_of(shapes_.begin(), shapes_.end(),
                     [&](const auto& entry) { return entry.first.find(part) != std::string::npos; });
}

std::int64_t ShapeTable::size(const std::string& name, std::size_t rank, std::size_t dimension) {
  const auto found = shapes_.find(name);
  if (found == shapes_.end()) {
    faults_.push_back("no " + name);
    return 0;
  }
  if (found->second.size() != rank || found->second[dimension] <= 0 || found->second[dimension] > kMaxSize) {
    faults_.push_back(
        fmt::format("{} [{}], where {} dimensions belong", name, fmt::join(found->second, ", "), rank));
    return 0;
  }
  return found->second[dimension];
}

std::int64_t ShapeTable::count_layers(const std::string& prefix) const {
  std::int64_t count = 0;
  while (has_prefix(fmt::format("{}{}.", prefix, count))) ++count;
  return count;
}

void ShapeTable::finish() const {
  if (faults_.empty()) return;
  throw Error(
      ErrorCode::kCheckpoint,
      fmt::format("the model's sizes cannot be read from its parameters: {}", fmt::join(faults_, "; ")),
      {file_, "", std::nullopt});
}

}  // namespace bteval::model
