// Shapes of a checkpoint's parameters under canonical names: what sizes are read from.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "model/config.h"

namespace bteval::model {

class ShapeTable {
 public:
  ShapeTable(const checkpoint::Checkpoint& checkpoint, Family family);

  bool has(const std::string& name) const { return shapes_.contains(name); }
  bool has_prefix(const std::string& prefix) const;
  /// Whether any name contains `part`.
  bool mentions(const std::string& part) const;

  /// One dimension of a parameter of `rank` dimensions. Where it is absent, of another rank, not positive
  /// or above 2^31, that is noted for finish() and the size is 0.
  std::int64_t size(const std::string& name, std::size_t rank, std::size_t dimension);

  /// How many of prefix0., prefix1., … follow each other without a gap.
  std::int64_t count_layers(const std::string& prefix) const;

  /// Error(kCheckpoint) naming every parameter that size() could not read a size from.
  void finish() const;

 private:
  std::string file_;
  std::map<std::string, std::vector<std::int64_t>> shapes_;
  std::vector<std::string> faults_;
};

}  // namespace bteval::model
