// The finished parts of a retrieval run in its journal.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "core/journal.h"
#include "engine/retrieval_runner.h"

namespace bteval::app {

/// Keeps a reference to the journal. Parts that were found are in memory until they are taken.
class RetrievalParts : public engine::PartStore {
 public:
  explicit RetrievalParts(Journal& journal) : journal_(journal) {}

  /// Reads the journal's parts and returns their number. Error(kData) where a record is damaged.
  std::size_t load();
  std::size_t num_finished() const { return num_finished_; }

  /// Adds a part that another stage of this run will take; one that is there already is the same.
  void keep(engine::RetrievalStage stage, std::uint64_t part, std::vector<float> values);

  bool has(engine::RetrievalStage stage, std::uint64_t part) const override;
  std::vector<float> take(engine::RetrievalStage stage, std::uint64_t part) override;
  void add(engine::RetrievalStage stage, std::uint64_t part, std::span<const float> values) override;

 private:
  Journal& journal_;
  std::map<std::pair<engine::RetrievalStage, std::uint64_t>, std::vector<float>> found_;
  std::size_t num_finished_ = 0;
};

}  // namespace bteval::app
