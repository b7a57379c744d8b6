// From ids that are strings to positions in a data set's lists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace bteval::datasets {

/// Finds the position of an id. Safe to read from several threads.
class TextIdIndex {
 public:
  /// `file` and `key` ("pairID") are for messages.
  TextIdIndex(std::string file, std::string key) : file_(std::move(file)), key_(std::move(key)) {}

  /// Gives the id the next position, from 0. The characters must outlive the index. Error(kData) naming both
  /// records where the id has one already.
  void add(std::string_view id);

  std::optional<std::uint32_t> find(std::string_view id) const;
  std::size_t size() const { return positions_.size(); }

 private:
  std::string file_, key_;
  std::unordered_map<std::string_view, std::uint32_t> positions_;
};

}  // namespace bteval::datasets
