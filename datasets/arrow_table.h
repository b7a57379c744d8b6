// Tables in Arrow IPC files (https://arrow.apache.org/docs/format/Columnar.html), as ViLT, METER and
// BridgeTower's scripts write them. This header needs no Arrow; the one .cpp file behind it does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bytes.h"

namespace bteval::datasets {

/// A cell: nothing (null), bytes (binary or text) within the file, a number, or a list of cells.
struct ArrowValue {
  using Bytes = std::span<const std::byte>;
  using List = std::vector<ArrowValue>;
  std::variant<std::monostate, Bytes, std::int64_t, double, List> value;
};

/// A table, read-only. Cells are read when they are asked for; bytes stay in the mapped file. Safe to read
/// from several threads.
class ArrowTable {
 public:
  /// Whether bteval was built with Arrow.
  static bool supported();

  /// Opens a table in the IPC file or stream format. Error(kData) naming the file where it is none, or where
  /// its offsets or texts are damaged (all are checked); Error(kUsage) saying how to build with Arrow where
  /// bteval was built without.
  static std::shared_ptr<const ArrowTable> open(std::shared_ptr<const Bytes> file);

  virtual ~ArrowTable() = default;
  ArrowTable(const ArrowTable&) = delete;
  ArrowTable& operator=(const ArrowTable&) = delete;

  const std::string& name() const { return name_; }
  std::size_t num_rows() const { return num_rows_; }
  virtual bool has_column(std::string_view column) const = 0;

  // A cell as what it has to be. Error(kData) naming file, row and column where there is no such column, or
  // it holds something else. Lists that are null are empty.
  std::span<const std::byte> bytes(std::string_view column, std::size_t row) const;
  std::string text(std::string_view column, std::size_t row) const;
  std::int64_t integer(std::string_view column, std::size_t row) const;
  std::vector<std::string> texts(std::string_view column, std::size_t row) const;
  std::vector<std::int64_t> integers(std::string_view column, std::size_t row) const;
  std::vector<std::vector<std::string>> text_lists(std::string_view column, std::size_t row) const;
  std::vector<std::vector<double>> number_lists(std::string_view column, std::size_t row) const;

  /// Throws Error(kData) for a row.
  [[noreturn]] void fail(std::size_t row, const std::string& message) const;

 protected:
  ArrowTable() = default;
  /// Requires row < num_rows(). Throws as the others do.
  virtual ArrowValue cell(std::string_view column, std::size_t row) const = 0;

  std::string name_;
  std::size_t num_rows_ = 0;

 private:
  ArrowValue::List list(std::string_view column, std::size_t row) const;
  [[noreturn]] void fail_type(std::string_view column, std::size_t row, const char* wanted) const;
};

}  // namespace bteval::datasets
