// Counts, over a matrix that comes in blocks of rows, how many scores are above or level with each row's and
// each column's target: private to the ranking of dense scores.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "metrics/retrieval_ranks.h"

namespace bteval::metrics {

/// The best right answer of each query of one direction.
template <typename T>
struct RankTargets {
  std::vector<T> value;
  std::vector<std::uint32_t> index;  ///< of the first answer with that value
  std::vector<std::uint32_t> equal;  ///< right answers with that value, which must not count as tied

  explicit RankTargets(std::size_t queries) : value(queries), index(queries), equal(queries) {}

  /// Answers of one query must come in ascending order of their indices.
  void add(std::size_t query, std::uint32_t answer, T score) {
    if (equal[query] > 0 && !(score > value[query])) {
      equal[query] += score == value[query] ? 1 : 0;
      return;
    }
    value[query] = score;
    index[query] = answer;
    equal[query] = 1;
  }
};

/// One thread's share of the counting. Rows and columns are queries, and candidates for each other.
template <typename T>
class RankCounting {
 public:
  RankCounting(const RankTargets<T>& rows, const RankTargets<T>& columns)
      : rows_(rows),
        columns_(columns),
        above_(columns.value.size()),
        tied_(above_.size()),
        before_(above_.size()) {}

  /// Takes `count` complete rows; writes their ranks to `row_ranks`, which has one element for each row of
  /// the matrix. Columns are taken in blocks whose counters stay in the first-level cache.
  void add_rows(std::uint32_t first_row, std::uint32_t count, const T* data,
                std::span<RankCounts> row_ranks) {
    const std::size_t columns = above_.size();
    for (std::uint32_t row = first_row; row < first_row + count; ++row) row_ranks[row] = {};
    for (std::size_t begin = 0; begin < columns; begin += kColumnBlock) {
      const std::size_t size = std::min(kColumnBlock, columns - begin);
      for (std::uint32_t i = 0; i < count; ++i) {
        add_segment(first_row + i, begin, size, data + i * columns + begin, row_ranks[first_row + i]);
      }
    }
    for (std::uint32_t row = first_row; row < first_row + count; ++row)
      row_ranks[row].tied -= rows_.equal[row];
  }

  /// Adds this thread's counts of columns; every row must have been added to one of the threads' objects, and
  /// finish_columns() called after the last.
  void merge_into(std::span<RankCounts> column_ranks) const {
    for (std::size_t i = 0; i < above_.size(); ++i) {
      column_ranks[i].above += above_[i];
      column_ranks[i].tied += tied_[i];
      column_ranks[i].tied_before += before_[i];
    }
  }
  static void finish_columns(const RankTargets<T>& columns, std::span<RankCounts> column_ranks) {
    for (std::size_t i = 0; i < column_ranks.size(); ++i) column_ranks[i].tied -= columns.equal[i];
  }

  /// Row and column of the first NaN, or {-1, -1}.
  std::pair<std::int64_t, std::int64_t> nan() const { return nan_; }

 private:
  static constexpr std::size_t kColumnBlock = 1024;

  void add_segment(std::uint32_t row, std::size_t begin, std::size_t size, const T* data, RankCounts& ranks) {
    const T row_target = rows_.value[row];
    const T* __restrict scores = data;
    const T* __restrict targets = columns_.value.data() + begin;
    const std::uint32_t* __restrict target_rows = columns_.index.data() + begin;
    std::uint32_t* __restrict above = above_.data() + begin;
    std::uint32_t* __restrict tied = tied_.data() + begin;
    std::uint32_t* __restrict before = before_.data() + begin;
    std::uint32_t row_above = 0;
    std::uint32_t row_tied = 0;
    std::uint32_t nans = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const T score = scores[i];
      const std::uint32_t level = score == targets[i] ? 1 : 0;
      above[i] += score > targets[i] ? 1 : 0;
      tied[i] += level;
      before[i] += level & (row < target_rows[i] ? 1U : 0U);
      row_above += score > row_target ? 1 : 0;
      row_tied += score == row_target ? 1 : 0;
      nans += score != score ? 1 : 0;
    }
    ranks.above += row_above;
    ranks.tied += row_tied;
    if (row_tied > 0 && begin < rows_.index[row]) {
      const std::size_t end = std::min<std::size_t>(size, rows_.index[row] - begin);
      ranks.tied_before += static_cast<std::uint32_t>(std::count(scores, scores + end, row_target));
    }
    if (nans > 0) note_nan(row, begin, size, data);
  }

  void note_nan(std::uint32_t row, std::size_t begin, std::size_t size, const T* data) {
    const T* found = std::find_if(data, data + size, [](T score) { return std::isnan(score); });
    const std::pair<std::int64_t, std::int64_t> where(row, begin + static_cast<std::size_t>(found - data));
    if (nan_.first < 0 || where < nan_) nan_ = where;
  }

  const RankTargets<T>& rows_;
  const RankTargets<T>& columns_;
  std::vector<std::uint32_t> above_, tied_, before_;  // by column
  std::pair<std::int64_t, std::int64_t> nan_ = {-1, -1};
};

/// Error(kData) naming image and caption.
[[noreturn]] void throw_nan(std::int64_t image, std::int64_t caption);

/// All cores for 0, and never more threads than blocks of work.
unsigned thread_count(unsigned asked, std::size_t blocks);

/// Runs work(0) … work(count - 1), each on a thread of its own; rethrows what one throws.
void run_threads(unsigned count, const std::function<void(unsigned)>& work);

}  // namespace bteval::metrics
