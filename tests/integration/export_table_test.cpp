// Exported tables of samples, read back: by our reader of .arrow files, and by pyarrow where there is one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "core/json.h"
#include "datasets/arrow_table.h"
#include "reports/sample_table.h"
#include "support/error_text.h"
#include "support/made_up_run.h"
#include "support/run_command.h"
#include "support/test_paths.h"
#include "tasks/export_run.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;
using reports::SampleTableFormat;
using testing::error_text;
using ::testing::HasSubstr;
using testing::MadeUpRun;

constexpr int kSamples = 8300;  // more than one batch
constexpr int kLate = 8250;

/// Samples with and without each member; text that formats may trip over.
class ExportTableTest : public ::testing::Test {
 protected:
  ExportTableTest() {
    for (int i = 0; i < kSamples; ++i) {
      OrderedJson& sample = run.add("q" + std::to_string(i), "image" + std::to_string(i / 5), 0.3 * (i % 4));
      if (i % 7 == 0) sample.erase("value");
      if (i % 2 == 0) sample["confidence"] = 0.5 + i / 1e6;
      if (i % 3 == 0) sample["rank"] = i + 1;
      if (i % 11 == 0) {
        sample["prediction"] = nullptr;
        sample["refused"] = "no image";
      }
      sample["text"] = "wo ist \"das\"\n😀 " + std::to_string(i);
      sample["targets"] = std::vector<std::string>(static_cast<std::size_t>(i % 4), "t, u");
      sample["slices"] = {{"kind", i % 2 == 0 ? "even" : "odd"}};
      if (i >= kLate) sample["slices"]["late"] = "yes";  // no sample of the first batch has it
    }
    run.write(folder);
  }

  testing::TempDir dir;
  MadeUpRun run{"vqav2"};
  fs::path folder = dir.path() / "run";
};

TEST_F(ExportTableTest, ArrowFilesComeBackAsTheyWereWritten) {
  const fs::path out = dir.path() / "samples.arrow";
  if (!reports::can_write_sample_table(SampleTableFormat::kArrow)) {
    EXPECT_THAT(error_text([&] { write_sample_table(folder, SampleTableFormat::kArrow, out); }),
                HasSubstr("-DBTEVAL_WITH_ARROW=ON"));
    GTEST_SKIP() << "built without Apache Arrow";
  }
  ASSERT_EQ(write_sample_table(folder, SampleTableFormat::kArrow, out), std::size_t{kSamples});
  const auto table = datasets::ArrowTable::open(Bytes::map_file(out));
  ASSERT_EQ(table->num_rows(), std::size_t{kSamples});
  for (std::size_t i = 0; i < table->num_rows(); i += i < 40 || i > kSamples - 40 ? 1 : 997) {
    SCOPED_TRACE(i);
    const OrderedJson& sample = run.samples[i];
    for (const char* name : {"id", "cluster", "text"}) EXPECT_EQ(table->text(name, i), sample.at(name));
    for (const char* name : {"targets", "images"})
      EXPECT_EQ(OrderedJson(table->texts(name, i)), sample.at(name));
    EXPECT_EQ(table->text("slices.kind", i), sample.at("slices").at("kind"));
    if (sample.contains("rank")) {
      EXPECT_EQ(table->integer("rank", i), sample.at("rank"));
    } else {
      EXPECT_THAT(error_text([&] { table->integer("rank", i); }), HasSubstr("holds no integer"));
    }
    if (i % 11 == 0) {
      EXPECT_EQ(table->text("refused", i), "no image");
      EXPECT_NE(error_text([&] { table->text("prediction", i); }), "");
    } else {
      EXPECT_EQ(table->text("prediction", i), sample.at("prediction"));
    }
    if (i >= kLate) {
      EXPECT_EQ(table->text("slices.late", i), "yes");
    }
  }
}

/// Every row and the metadata as pyarrow sees them, against samples.jsonl.
constexpr const char* kCheck = R"(
import json, sys
try:
    import pyarrow, pyarrow.ipc, pyarrow.parquet
except ImportError:
    sys.exit(77)
file, lines = sys.argv[1:]
table = pyarrow.parquet.read_table(file) if file.endswith("parquet") else pyarrow.ipc.open_file(file).read_all()
metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
assert metadata["bteval.task"] == "vqav2" and "made-up" in metadata["bteval.signature"], metadata
assert str(table.schema.field("rank").type) == "uint32", table.schema
samples = [json.loads(line) for line in open(lines, encoding="utf-8")]
rows = table.to_pylist()
assert len(rows) == len(samples)
for row, sample in zip(rows, samples):
    for name, value in row.items():
        expected = sample["slices"].get(name[7:]) if name.startswith("slices.") else sample.get(name)
        close = name == "confidence" and expected is not None and abs(expected - value) < 1e-6
        assert value == expected or close, (name, value, expected)
print(table.num_columns)
)";

TEST_F(ExportTableTest, PyarrowReadsEveryRow) {
  for (const auto& [format, name] :
       {std::pair(SampleTableFormat::kArrow, "s.arrow"), {SampleTableFormat::kParquet, "s.parquet"}}) {
    SCOPED_TRACE(name);
    if (!reports::can_write_sample_table(format)) GTEST_SKIP() << "built without it";
    const fs::path out = dir.path() / name;
    ASSERT_EQ(write_sample_table(folder, format, out), std::size_t{kSamples});
    const auto result =
        testing::run_command({"python3", "-c", kCheck, out.string(), (folder / "samples.jsonl").string()});
    if (result.exit_status == 77) GTEST_SKIP() << "python3 has no pyarrow";
    EXPECT_EQ(result.exit_status, 0) << result.err;
    EXPECT_EQ(result.out, "12\n");
  }
}

TEST_F(ExportTableTest, FailuresNameTheFileAndLeaveNone) {
  if (!reports::can_write_sample_table(SampleTableFormat::kArrow)) GTEST_SKIP() << "built without Arrow";
  const fs::path out = dir.path() / "no folder/samples.arrow";
  EXPECT_THAT(error_text([&] { write_sample_table(folder, SampleTableFormat::kArrow, out); }),
              HasSubstr("no folder/samples.arrow"));
  fs::resize_file(folder / "samples.jsonl", fs::file_size(folder / "samples.jsonl") - 5);
  const fs::path cut = dir.path() / "cut.arrow";
  EXPECT_THAT(error_text([&] { write_sample_table(folder, SampleTableFormat::kArrow, cut); }),
              HasSubstr("line 8300"));
  EXPECT_FALSE(fs::exists(cut));
  fs::remove(folder / "samples.jsonl");
  EXPECT_THAT(error_text([&] { write_sample_table(folder, SampleTableFormat::kArrow, cut); }),
              HasSubstr("samples.jsonl"));
}

}  // namespace
}  // namespace bteval::app
