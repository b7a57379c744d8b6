// A journal torn or damaged at every byte of its last record: going on ends in the bytes of an undisturbed
// run.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "core/file.h"
#include "core/journal.h"
#include "core/json.h"
#include "support/mini_vqav2.h"
#include "support/test_paths.h"
#include "tasks/eval.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) { return std::string(Bytes::map_file(file)->text()); }

/// Every file of a run, by name; the manifest without its times.
std::map<std::string, std::string> content(const fs::path& run) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(run)) {
    std::string text = text_of(entry.path());
    const std::string name = entry.path().filename().string();
    if (name == "manifest.json") {
      Json manifest = Json::parse(text);
      manifest.erase("timing");
      text = manifest.dump(1);
    }
    files[name] = std::move(text);
  }
  return files;
}

class TornJournal : public ::testing::Test {
 protected:
  /// An unfinished run of one image a unit: the last image could not be read, and is there again now.
  void SetUp() override {
    options.task = "vqav2";
    options.data = data.root;
    options.split = data.split;
    options.model = testing::mini_suite() / "checkpoints/vqav2";
    options.out = run;
    options.transform = "square";
    options.image_size_px = 48;
    options.max_length = 24;
    options.quiet = true;
    options.engine.threads = 1;
    options.engine.plan.images_per_unit = 1;
    evaluate_quietly();
    undisturbed = content(run);
    fs::remove_all(run);

    const fs::path image = data.image(kQuestions - 1);
    const std::string pixels = text_of(image);
    write_file_atomic(image, "no image");
    EXPECT_THROW(evaluate_quietly(), Error);
    write_file_atomic(image, pixels);
    journal = text_of(run / "journal");
    const auto file = Bytes::from_memory("journal", std::string_view(journal));
    read_journal(*file, [&](std::string_view payload) {
      last_record = static_cast<std::size_t>(payload.data() - file->text().data()) - kFrameHeader;
      ++records;
    });
  }

  void evaluate_quietly() {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const auto end = [] {
      ::testing::internal::GetCapturedStdout();
      ::testing::internal::GetCapturedStderr();
    };
    try {
      evaluate(options);
    } catch (...) {
      end();
      throw;
    }
    end();
  }

  void expect_the_undisturbed_run_from(const std::string& damaged) {
    fs::remove_all(run);
    fs::create_directory(run);
    write_file_atomic(run / "journal", damaged);
    evaluate_quietly();
    EXPECT_EQ(content(run), undisturbed);
  }

  static constexpr std::size_t kQuestions = 14, kFrameHeader = 12;
  testing::TempDir dir;
  testing::MiniVqav2 data{dir.path() / "data", kQuestions};
  fs::path run = dir.path() / "run";
  EvalOptions options;
  std::map<std::string, std::string> undisturbed;
  std::string journal;
  std::size_t last_record = 0, records = 0;  ///< the offset of the last one, and how many there are
};

TEST_F(TornJournal, AtEveryByteOfTheLastRecord) {
  ASSERT_GE(records, 2U);
  ASSERT_GT(journal.size(), last_record + kFrameHeader);
  for (std::size_t size = last_record; size < journal.size(); ++size) {
    SCOPED_TRACE(size);
    ASSERT_NO_FATAL_FAILURE(expect_the_undisturbed_run_from(journal.substr(0, size)));
    if (HasFailure()) return;
  }
}

TEST_F(TornJournal, DamagedInAnyByteOfTheLastRecord) {
  ASSERT_GE(records, 2U);
  for (std::size_t at = last_record; at < journal.size(); ++at) {
    SCOPED_TRACE(at);
    std::string damaged = journal;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    expect_the_undisturbed_run_from(damaged);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace bteval::app
