// An .arrow table that is hashed while it is read. Internal to the readers of tables.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "core/error.h"
#include "datasets/arrow_table.h"
#include "datasets/source.h"
#include "records/sample.h"

namespace bteval::datasets {

/// Error(kData) where the table has no rows.
class ArrowSource {
 public:
  explicit ArrowSource(const std::filesystem::path& path, const std::string& role = "table")
      : file_(role, path), table_(ArrowTable::open(file_.shared_bytes())) {
    if (table_->num_rows() == 0) {
      throw Error(ErrorCode::kData, "the table has no rows", {table_->name(), "", std::nullopt});
    }
  }

  const ArrowTable& table() const { return *table_; }
  const ArrowTable* operator->() const { return table_.get(); }

  /// An image that keeps looking into the table; the table must be among the owners.
  records::ImageRef image(std::string id, const char* column, std::size_t row) const {
    const std::span<const std::byte> bytes = table_->bytes(column, row);
    if (bytes.empty()) table_->fail(row, fmt::format("the column \"{}\" holds no image", column));
    return {std::move(id), table_->name(), bytes};
  }
  std::shared_ptr<const void> owner() const { return table_; }
  records::SourceFile source() { return file_.source(); }

 private:
  HashedFile file_;
  std::shared_ptr<const ArrowTable> table_;
};

}  // namespace bteval::datasets
