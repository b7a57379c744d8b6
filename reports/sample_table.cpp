// The only file of this folder that sees Apache Arrow's headers.
#include "reports/sample_table.h"

#include "core/error.h"

#ifdef BTEVAL_HAVE_ARROW

#include <arrow/builder.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/table_builder.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <span>
#include <utility>

#include "core/atomic_file.h"

#ifdef BTEVAL_HAVE_PARQUET
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>
#endif

namespace bteval::reports {
namespace {

constexpr std::int64_t kBatchRows = 8192;
constexpr std::size_t kFixedColumns = 10;

/// Arrow's view of a file of ours. Errors of ours do not pass through Arrow's code, but behind it.
class AtomicStream final : public arrow::io::OutputStream {
 public:
  explicit AtomicStream(const std::filesystem::path& path) : file_(path) {}

  arrow::Status Write(const void* data, std::int64_t size) override {
    try {
      file_.write(std::span(static_cast<const std::byte*>(data), static_cast<std::size_t>(size)));
    } catch (...) {
      failure_ = std::current_exception();
      return arrow::Status::IOError("not written");
    }
    position_ += size;
    return arrow::Status::OK();
  }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<std::int64_t> Tell() const override { return position_; }

  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
  std::int64_t position_ = 0;
  bool closed_ = false;
  std::exception_ptr failure_;
};

/// Where record batches go: one class a format.
class BatchSink {
 public:
  virtual ~BatchSink() = default;
  virtual arrow::Status write(const arrow::RecordBatch& batch) = 0;
  virtual arrow::Status close() = 0;
};

class IpcSink final : public BatchSink {
 public:
  explicit IpcSink(std::shared_ptr<arrow::ipc::RecordBatchWriter> writer) : writer_(std::move(writer)) {}
  arrow::Status write(const arrow::RecordBatch& batch) override { return writer_->WriteRecordBatch(batch); }
  arrow::Status close() override { return writer_->Close(); }

 private:
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

#ifdef BTEVAL_HAVE_PARQUET

class ParquetSink final : public BatchSink {
 public:
  explicit ParquetSink(std::unique_ptr<parquet::arrow::FileWriter> writer) : writer_(std::move(writer)) {}
  arrow::Status write(const arrow::RecordBatch& batch) override { return writer_->WriteRecordBatch(batch); }
  arrow::Status close() override { return writer_->Close(); }

 private:
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
};

arrow::Result<std::unique_ptr<BatchSink>> parquet_sink(const std::shared_ptr<arrow::Schema>& schema,
                                                       const std::shared_ptr<AtomicStream>& stream) {
  parquet::WriterProperties::Builder properties;
  if (arrow::util::Codec::IsAvailable(arrow::Compression::ZSTD))
    properties.compression(arrow::Compression::ZSTD);
  // Arrow's schema carries the metadata, and that rank is unsigned.
  const auto of_arrow = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  ARROW_ASSIGN_OR_RAISE(auto writer, parquet::arrow::FileWriter::Open(*schema, arrow::default_memory_pool(),
                                                                      stream, properties.build(), of_arrow));
  return std::make_unique<ParquetSink>(std::move(writer));
}

#else

arrow::Result<std::unique_ptr<BatchSink>> parquet_sink(const std::shared_ptr<arrow::Schema>&,
                                                       const std::shared_ptr<AtomicStream>&) {
  return arrow::Status::NotImplemented("built without Parquet");
}

#endif

std::shared_ptr<arrow::Schema> schema_of(const SampleTableOptions& options) {
  const auto text = arrow::utf8(), texts = arrow::list(arrow::utf8());
  arrow::FieldVector fields = {
      arrow::field("id", text, false),         arrow::field("cluster", text, false),
      arrow::field("value", arrow::float64()), arrow::field("confidence", arrow::float32()),
      arrow::field("rank", arrow::uint32()),   arrow::field("prediction", text),
      arrow::field("refused", text),           arrow::field("targets", texts, false),
      arrow::field("text", text, false),       arrow::field("images", texts, false)};
  for (const std::string& slice : options.slices) fields.push_back(arrow::field("slices." + slice, text));
  const auto metadata = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [key, value] : options.metadata) metadata->Append(key, value);
  return arrow::schema(std::move(fields), metadata);
}

class ArrowWriter final : public SampleTableWriter {
 public:
  explicit ArrowWriter(const SampleTableOptions& options)
      : path_(options.file.string()),
        slices_(options.slices),
        schema_(schema_of(options)),
        stream_(std::make_shared<AtomicStream>(options.file)) {
    if (options.format == SampleTableFormat::kParquet) {
      sink_ = check(parquet_sink(schema_, stream_));
    } else {
      sink_ = std::make_unique<IpcSink>(check(arrow::ipc::MakeFileWriter(stream_, schema_)));
    }
    builder_ = check(arrow::RecordBatchBuilder::Make(schema_, arrow::default_memory_pool(), kBatchRows));
  }

  void add(const records::SampleResult& result) override {
    const bool is_refused = !result.refused.empty();
    check(column<arrow::StringBuilder>(0).Append(result.id));
    check(column<arrow::StringBuilder>(1).Append(result.cluster));
    append<arrow::DoubleBuilder>(2, result.value);
    append<arrow::FloatBuilder>(3, result.confidence);
    append<arrow::UInt32Builder>(4, result.rank);
    append_text(5, result.prediction, !is_refused);
    append_text(6, result.refused, is_refused);
    append_list(7, result.targets);
    check(column<arrow::StringBuilder>(8).Append(result.text));
    append_list(9, result.images);
    for (std::size_t i = 0; i < slices_.size(); ++i) {
      const auto found =
          std::ranges::find(result.slices, slices_[i], &std::pair<std::string, std::string>::first);
      const bool has = found != result.slices.end();
      append_text(kFixedColumns + i, has ? found->second : std::string(), has);
    }
    if (++rows_ == kBatchRows) flush();
  }

  void commit() override {
    if (rows_ > 0) flush();
    check(sink_->close());
    stream_->commit();
  }

 private:
  void check(const arrow::Status& status) const {
    if (status.ok()) return;
    stream_->rethrow_failure();
    throw Error(ErrorCode::kData, fmt::format("cannot be written: {}", printable(status.ToString(), 300)),
                {path_, "", std::nullopt});
  }
  template <typename T>
  T check(arrow::Result<T> result) const {
    check(result.status());
    return std::move(result).ValueUnsafe();
  }

  template <typename Builder>
  Builder& column(std::size_t index) {
    return *builder_->GetFieldAs<Builder>(static_cast<int>(index));
  }
  template <typename Builder, typename Value>
  void append(std::size_t index, const std::optional<Value>& value) {
    Builder& builder = column<Builder>(index);
    check(value ? builder.Append(*value) : builder.AppendNull());
  }
  void append_text(std::size_t index, const std::string& text, bool is_there) {
    auto& builder = column<arrow::StringBuilder>(index);
    check(is_there ? builder.Append(text) : builder.AppendNull());
  }
  void append_list(std::size_t index, const std::vector<std::string>& texts) {
    auto& builder = column<arrow::ListBuilder>(index);
    check(builder.Append());
    for (const std::string& text : texts)
      check(static_cast<arrow::StringBuilder&>(*builder.value_builder()).Append(text));
  }

  void flush() {
    check(sink_->write(*check(builder_->Flush())));
    rows_ = 0;
  }

  std::string path_;
  std::vector<std::string> slices_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<AtomicStream> stream_;
  std::unique_ptr<BatchSink> sink_;
  std::unique_ptr<arrow::RecordBatchBuilder> builder_;
  std::int64_t rows_ = 0;
};

}  // namespace

bool can_write_sample_table(SampleTableFormat format) {
#ifdef BTEVAL_HAVE_PARQUET
  return format == SampleTableFormat::kArrow || format == SampleTableFormat::kParquet;
#else
  return format == SampleTableFormat::kArrow;
#endif
}

std::unique_ptr<SampleTableWriter> open_sample_table(const SampleTableOptions& options) {
  if (!can_write_sample_table(options.format)) {
    throw Error(ErrorCode::kUsage,
                "this bteval was built with an Apache Arrow that has no Parquet: take --format arrow, or pip "
                "install pyarrow and configure bteval again with -DBTEVAL_ARROW=DIR");
  }
  return std::make_unique<ArrowWriter>(options);
}

}  // namespace bteval::reports

#else

namespace bteval::reports {

bool can_write_sample_table(SampleTableFormat) { return false; }

std::unique_ptr<SampleTableWriter> open_sample_table(const SampleTableOptions&) {
  throw Error(ErrorCode::kUsage,
              "this bteval was built without Apache Arrow: pip install pyarrow, then configure it again with "
              "-DBTEVAL_WITH_ARROW=ON");
}

}  // namespace bteval::reports

#endif
