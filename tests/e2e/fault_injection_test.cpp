// `bteval eval` while calls of the system, of the allocator and of the device fail: one clear line and the
// documented exit status, or success; and then the same bytes as an undisturbed run.
#include <algorithm>
#include <map>
#include <ostream>

#include "e2e/program.h"

#if !defined(BTEVAL_FAULT_SHIM)
#define BTEVAL_FAULT_SHIM ""
#define BTEVAL_DEVICE_FAULT_SHIM ""
#endif

namespace bteval {
namespace {

using ::testing::HasSubstr;

struct Inputs {
  Inputs() { fs::copy(mini_suite() / "checkpoints/vqav2", model); }
  TempDir dir;
  MiniVqav2 data{dir.path() / "data", 40};
  fs::path model = dir.path() / "model";
};

class FaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (*BTEVAL_FAULT_SHIM == '\0')
      GTEST_SKIP() << "a sanitizer's run-time has to be loaded before the library that injects faults";
    fs::remove_all(run);
    argv = command_line({.name = "vqav2",
                         .out = run,
                         .data = inputs.data.root,
                         .model = model,
                         .more = {"--images-per-unit", "1", "--threads", "1"}});
  }

  /// With a fault: "pread:5:.jpg:0:1". Options may be given on top of the ordinary ones.
  CommandResult run_with(const std::string& faults, const std::vector<std::string>& more = {},
                         const char* library = BTEVAL_FAULT_SHIM,
                         const char* variable = "BTEVAL_FAULTS") const {
    std::vector<std::string> all = {"env", std::string("LD_PRELOAD=") + library,
                                    std::string(variable) + "=" + faults};
    all.insert(all.end(), argv.begin(), argv.end());
    all.insert(all.end(), more.begin(), more.end());
    return run_command(all);
  }

  /// What an undisturbed run of the same command writes.
  const std::map<std::string, std::string>& undisturbed() {
    if (undisturbed_.empty()) {
      const fs::path kept = inputs.dir.path() / "kept";
      const bool exists = fs::exists(run);
      if (exists) fs::rename(run, kept);
      const CommandResult result = run_command(argv);
      EXPECT_EQ(result.exit_status, 0) << result.err;
      undisturbed_ = run_content(run);
      fs::remove_all(run);
      if (exists) fs::rename(kept, run);
    }
    return undisturbed_;
  }

  void expect_success(const CommandResult& result) {
    ASSERT_EQ(result.exit_status, 0) << result.err;
    EXPECT_EQ(run_content(run), undisturbed());
  }

  /// One line, no finished run, and the same command then ends as if nothing had happened.
  void expect_failure(const CommandResult& result, int exit_status, const std::string& message) {
    EXPECT_EQ(result.exit_status, exit_status) << result.err;
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_THAT(result.err, ::testing::StartsWith("bteval: "));
    EXPECT_FALSE(fs::exists(run / "manifest.json"));
    const CommandResult last = run_command(argv);
    ASSERT_EQ(last.exit_status, 0) << last.err;
    EXPECT_EQ(run_content(run), undisturbed());
  }

  std::uint64_t io_retries() const {
    return read_json(run / "manifest.json").at("timing").at("io_retries").get<std::uint64_t>();
  }

  const Inputs& inputs = shared_inputs();
  const fs::path &model = inputs.model, run = inputs.dir.path() / "run";
  std::vector<std::string> argv;

 private:
  // Made once: paths stand in the files of a run, so that one undisturbed run serves all tests.
  static const Inputs& shared_inputs() {
    static const Inputs inputs;
    return inputs;
  }
  static inline std::map<std::string, std::string> undisturbed_;
};

TEST_F(FaultTest, ReadsThatFailForAMomentAreTriedAgain) {
  // EIO while an image, the questions and the weights are read; ESTALE and ETIMEDOUT when they are opened.
  const CommandResult result = run_with(
      "pread:5:.jpg:1:2;pread:5:questions.json:0:1;open:116:model.safetensors:0:1;open:110:annotations.json:"
      "0:1");
  expect_success(result);
  EXPECT_THAT(result.err, HasSubstr("reads failed at first and succeeded when they were tried again"));
  EXPECT_GE(io_retries(), 4U);
}

TEST_F(FaultTest, ShortReadsAndWritesAreContinued) {
  const CommandResult result = run_with("pread:short::0:200;write:short:run/:0:100");
  expect_success(result);
  EXPECT_EQ(io_retries(), 0U);
  EXPECT_EQ(result.err, "");
}

TEST_F(FaultTest, AServerThatIsGoneEndsTheRunWhateverIsDoneAboutBadImages) {
  for (const char* what : {"fail", "wrong", "exclude"}) {
    SCOPED_TRACE(what);
    fs::remove_all(run);
    expect_failure(run_with("pread:5:.jpg:3:0", {"--on-bad-image", what, "--io-retries", "1"}), 3,
                   "cannot read the file: Input/output error (tried 2 times)");
  }
}

TEST_F(FaultTest, RightsThatAreGoneAreNotTriedAgainAndNoBadImage) {
  expect_failure(run_with("open:13:.jpg:3:0", {"--on-bad-image", "exclude"}), 3,
                 "cannot open the file: Permission denied");
}

TEST_F(FaultTest, AFileThatShrinksIsNoFile) {
  expect_failure(run_with("pread:end:questions.json:0:1"), 3, "has become shorter while it was read");
}

TEST_F(FaultTest, AnInterruptEndsTheWaitForAServer) {
  std::vector<std::string> all = {"bash",
                                  "-c",
                                  "\"$@\" & pid=$!; while [ ! -s \"$0/journal\" ]; do sleep 0.02; done; "
                                  "sleep 0.3; kill -INT $pid; wait $pid",
                                  run.string(),
                                  "env",
                                  std::string("LD_PRELOAD=") + BTEVAL_FAULT_SHIM,
                                  "BTEVAL_FAULTS=pread:5:.jpg:3:0"};
  all.insert(all.end(), argv.begin(), argv.end());
  for (const char* more : {"--io-retries", "50"}) all.emplace_back(more);
  const CommandResult result = run_command(all);
  EXPECT_EQ(result.exit_status, 130) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the same command goes on from there"));
  expect_success(run_command(argv));
}

TEST_F(FaultTest, AMappedCheckpointThatIsCutOffEndsWithOneLine) {
  const std::string weights = text_of(model / "model.safetensors");
  const CommandResult result = run_with("mmap:truncate:model.safetensors:0:1");
  write_file_atomic(model / "model.safetensors", weights);
  expect_failure(result, 4, "model.safetensors: ");
}

struct Fault {
  const char* name;
  const char* faults;
  int exit_status;
  const char* message;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class FailingCallTest : public FaultTest, public ::testing::WithParamInterface<Fault> {};

// Numbers of errors: 28 ENOSPC, 5 EIO, 30 EROFS, 122 EDQUOT, 11 EAGAIN.
const Fault kFaults[] = {
    {"full_disk_at_the_journals_start", "write:28:run/journal:0:0", 3, "No space left on device"},
    {"full_disk_in_the_journal", "write:28:run/journal:4:0", 3,
     "journal: cannot write the journal: No space"},
    {"quota_in_the_journal", "write:122:run/journal:6:0", 3, "Disk quota exceeded"},
    {"journal_that_cannot_be_synced", "sync:5:run/journal:0:0", 3,
     "cannot sync the journal: Input/output error"},
    {"full_disk_at_the_predictions", "write:28:predictions.jsonl:0:0", 3,
     "predictions.jsonl: cannot write the file: No space left on device"},
    {"broken_disk_at_the_metrics", "write:5:metrics.json:0:0", 3, "metrics.json: cannot write the file"},
    {"sync_of_the_manifest", "sync:5:manifest.json:0:0", 3, "manifest.json: cannot sync the file"},
    {"read_only_at_the_samples", "open:30:samples.jsonl:0:0", 3, "Read-only file system"},
    {"no_memory_for_pixels", "alloc:0:20000:4:0", 5, "memory"},
    {"no_memory_for_one_image", "alloc:0:5000:9:1", 5, "memory"},
    {"loader_throws_what_is_no_exception", "pread:throw:.jpg:3:0", 1, "an exception of an unknown type"},
    {"no_threads", "thread:11::0:0", 5, "the system refuses"},
};

TEST_P(FailingCallTest, EndsWithOneLineAndGoesOnLater) {
  const Fault& fault = GetParam();
  expect_failure(run_with(fault.faults), fault.exit_status, fault.message);
}

INSTANTIATE_TEST_SUITE_P(Faults, FailingCallTest, ::testing::ValuesIn(kFaults),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(FaultTest, ADeviceThatFailsEndsTheRunWhichGoesOnLater) {
  for (const char* message : {"CUDA error: an illegal memory access was encountered",
                              "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"}) {
    SCOPED_TRACE(message);
    fs::remove_all(run);
    const CommandResult result =
        run_with(std::string("3:") + message, {}, BTEVAL_DEVICE_FAULT_SHIM, "BTEVAL_DEVICE_FAULT");
    EXPECT_GT(fs::file_size(run / "journal"), 100U);
    expect_failure(result, 5, message);
  }
}

TEST_F(FaultTest, AWallClockThatJumpsChangesNothing) {
  expect_success(run_with("clock:500000::0:0"));  // almost six days there and back from call to call
  const Json timing = read_json(run / "manifest.json").at("timing");
  EXPECT_GT(timing.at("seconds").get<double>(), 0);
  EXPECT_LT(timing.at("seconds").get<double>(), 600);
  EXPECT_GT(timing.at("samples_per_second").get<double>(), 0);
}

}  // namespace
}  // namespace bteval
