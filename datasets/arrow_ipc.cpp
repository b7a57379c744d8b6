// The only file that sees Apache Arrow's headers.
#include "core/error.h"
#include "datasets/arrow_table.h"
#include "datasets/file_content.h"

#ifdef BTEVAL_HAVE_ARROW

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <utility>

namespace bteval::datasets {
namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& message) {
  throw Error(ErrorCode::kData, message, {file, "", std::nullopt});
}

void check(const arrow::Status& status, const std::string& file, const char* what) {
  if (!status.ok()) refuse(file, fmt::format("{}: {}", what, printable(status.ToString(), 300)));
}

template <typename T>
T check(arrow::Result<T> result, const std::string& file, const char* what) {
  check(result.status(), file, what);
  return std::move(result).ValueUnsafe();
}

/// Tables that lie in the file as they are need next to no memory; compressed ones say themselves how much
/// they need, so that a small file could ask for any amount.
class BoundedMemory final : public arrow::ProxyMemoryPool {
 public:
  explicit BoundedMemory(std::size_t file_size)
      : arrow::ProxyMemoryPool(arrow::default_memory_pool()),
        limit_(static_cast<std::int64_t>(kAlways + kTimesFileSize * file_size)) {}

  using arrow::ProxyMemoryPool::Allocate;
  using arrow::ProxyMemoryPool::Reallocate;
  arrow::Status Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override {
    if (size > limit_ - bytes_allocated()) return too_much();
    return arrow::ProxyMemoryPool::Allocate(size, alignment, out);
  }
  arrow::Status Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment,
                           std::uint8_t** pointer) override {
    if (new_size - old_size > limit_ - bytes_allocated()) return too_much();
    return arrow::ProxyMemoryPool::Reallocate(old_size, new_size, alignment, pointer);
  }

 private:
  static constexpr std::size_t kAlways = std::size_t{64} << 20, kTimesFileSize = 16;

  arrow::Status too_much() const {
    return arrow::Status::OutOfMemory("its content takes more than ", limit_, " bytes");
  }

  std::int64_t limit_;
};

template <typename Array>
ArrowValue bytes_of(const arrow::Array& array, std::int64_t i) {
  const std::string_view view = static_cast<const Array&>(array).GetView(i);
  return {std::as_bytes(std::span(view.data(), view.size()))};
}

template <typename Array>
ArrowValue number_of(const arrow::Array& array, std::int64_t i) {
  return {static_cast<std::int64_t>(static_cast<const Array&>(array).Value(i))};
}

ArrowValue value_of(const arrow::Array& array, std::int64_t i);

template <typename Array>
ArrowValue list_of(const arrow::Array& array, std::int64_t i) {
  const auto& list = static_cast<const Array&>(array);
  ArrowValue::List items;
  items.reserve(static_cast<std::size_t>(list.value_length(i)));
  for (std::int64_t k = 0; k < static_cast<std::int64_t>(list.value_length(i)); ++k) {
    items.push_back(value_of(*list.values(), static_cast<std::int64_t>(list.value_offset(i)) + k));
  }
  return {std::move(items)};
}

ArrowValue value_of(const arrow::Array& array, std::int64_t i) {
  if (array.IsNull(i)) return {};
  switch (array.type_id()) {
    case arrow::Type::BINARY:
    case arrow::Type::STRING:
      return bytes_of<arrow::BinaryArray>(array, i);
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::LARGE_STRING:
      return bytes_of<arrow::LargeBinaryArray>(array, i);
    case arrow::Type::BOOL:
      return number_of<arrow::BooleanArray>(array, i);
    case arrow::Type::INT8:
      return number_of<arrow::Int8Array>(array, i);
    case arrow::Type::INT16:
      return number_of<arrow::Int16Array>(array, i);
    case arrow::Type::INT32:
      return number_of<arrow::Int32Array>(array, i);
    case arrow::Type::INT64:
      return number_of<arrow::Int64Array>(array, i);
    case arrow::Type::UINT8:
      return number_of<arrow::UInt8Array>(array, i);
    case arrow::Type::UINT16:
      return number_of<arrow::UInt16Array>(array, i);
    case arrow::Type::UINT32:
      return number_of<arrow::UInt32Array>(array, i);
    case arrow::Type::FLOAT:
      return {static_cast<double>(static_cast<const arrow::FloatArray&>(array).Value(i))};
    case arrow::Type::DOUBLE:
      return {static_cast<const arrow::DoubleArray&>(array).Value(i)};
    case arrow::Type::LIST:
      return list_of<arrow::ListArray>(array, i);
    case arrow::Type::LARGE_LIST:
      return list_of<arrow::LargeListArray>(array, i);
    default:
      throw Error(ErrorCode::kData, fmt::format("has the Arrow type {}, which no writer of these tables uses",
                                                array.type()->ToString()));
  }
}

class IpcTable final : public ArrowTable {
 public:
  explicit IpcTable(std::shared_ptr<const Bytes> file) : file_(std::move(file)), memory_(file_->size()) {
    name_ = file_->name();
    const auto buffer = std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(file_->data()),
                                                        static_cast<std::int64_t>(file_->size()));
    const auto input = std::make_shared<arrow::io::BufferReader>(buffer);
    arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
    options.use_threads = false;
    options.memory_pool = &memory_;
    if (file_->text().starts_with("ARROW1")) {
      read_file(input, options);
    } else {
      read_stream(input, options);
    }
    for (const auto& batch : batches_) {
      // Offsets and texts come from a file that anybody may have written. Image bytes are not touched.
      check(batch->ValidateFull(), name_, "the Arrow table is damaged");
      // Each row of a table that anybody uses takes some bytes; columns of nulls alone take none.
      if (static_cast<std::size_t>(batch->num_rows()) > file_->size() - num_rows_)
        refuse(name_, fmt::format("has more rows than the file has bytes ({})", file_->size()));
      num_rows_ += static_cast<std::size_t>(batch->num_rows());
      ends_.push_back(num_rows_);
    }
  }

  bool has_column(std::string_view column) const override {
    return schema_->GetFieldIndex(std::string(column)) >= 0;
  }

 private:
  void read_file(const std::shared_ptr<arrow::io::BufferReader>& input,
                 const arrow::ipc::IpcReadOptions& options) {
    const auto reader =
        check(arrow::ipc::RecordBatchFileReader::Open(input, options), name_, "is no complete Arrow file");
    schema_ = reader->schema();
    for (int i = 0; i < reader->num_record_batches(); ++i) {
      batches_.push_back(check(reader->ReadRecordBatch(i), name_, "the Arrow file is damaged"));
    }
  }

  void read_stream(const std::shared_ptr<arrow::io::BufferReader>& input,
                   const arrow::ipc::IpcReadOptions& options) {
    const auto reader = check(arrow::ipc::RecordBatchStreamReader::Open(input, options), name_,
                              "is neither an Arrow file nor an Arrow stream");
    schema_ = reader->schema();
    for (;;) {
      std::shared_ptr<arrow::RecordBatch> batch;
      check(reader->ReadNext(&batch), name_, "the Arrow stream is damaged");
      if (batch == nullptr) return;
      batches_.push_back(std::move(batch));
    }
  }

  ArrowValue cell(std::string_view column, std::size_t row) const override {
    const int index = schema_->GetFieldIndex(std::string(column));
    if (index < 0) {
      fail(row, fmt::format("has no column \"{}\"; the columns are {}", column,
                            printable(fmt::format("{}", fmt::join(schema_->field_names(), ", ")))));
    }
    const auto end = std::upper_bound(ends_.begin(), ends_.end(), row);
    const auto batch = static_cast<std::size_t>(end - ends_.begin());
    const std::size_t first = batch == 0 ? 0 : ends_[batch - 1];
    try {
      return value_of(*batches_[batch]->column(index), static_cast<std::int64_t>(row - first));
    } catch (const Error& error) {
      fail(row, fmt::format("the column \"{}\" {}", column, error.message()));
    }
  }

  std::shared_ptr<const Bytes> file_;
  BoundedMemory memory_;  // outlives what is made with it
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  std::vector<std::size_t> ends_;  // by batch: rows up to its end
};

}  // namespace

bool ArrowTable::supported() { return true; }

std::shared_ptr<const ArrowTable> ArrowTable::open(std::shared_ptr<const Bytes> file) {
  const FileContent content = file_content(file->span().first(std::min<std::size_t>(file->size(), 512)));
  if (content != FileContent::kUnknown && !file->text().starts_with("ARROW1")) {
    refuse(file->name(), fmt::format("is no Arrow table but {}", content_name(content)));
  }
  return std::make_shared<const IpcTable>(std::move(file));
}

}  // namespace bteval::datasets

#else

namespace bteval::datasets {

bool ArrowTable::supported() { return false; }

std::shared_ptr<const ArrowTable> ArrowTable::open(std::shared_ptr<const Bytes> file) {
  throw Error(ErrorCode::kUsage,
              "is an Arrow table, and this bteval was built without Apache Arrow: pip install pyarrow, then "
              "configure it again with -DBTEVAL_WITH_ARROW=ON",
              {file->name(), "", std::nullopt});
}

}  // namespace bteval::datasets

#endif
