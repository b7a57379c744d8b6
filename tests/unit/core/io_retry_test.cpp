// Input that fails for a moment, files that shrink, and mappings that cannot be read any more.
#include "core/io_retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <functional>

#include "core/file.h"
#include "core/hash.h"
#include "core/input_file.h"
#include "core/interrupt.h"
#include "core/mapped_guard.h"
#include "core/read_file.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// An operation that fails with `error` so many times before it succeeds.
class Flaky {
 public:
  Flaky(int error, int failures) : error_(error), failures_(failures) {}
  long operator()() {
    if (calls_++ < failures_) {
      errno = error_;
      return -1;
    }
    return 7;
  }
  int calls() const { return calls_; }

 private:
  int error_, failures_, calls_ = 0;
};

class IoRetryTest : public ::testing::Test {
 protected:
  ~IoRetryTest() override { set_io_retries(kDefaultIoRetries); }
  bteval::testing::TempDir dir;
  fs::path file = dir.path() / "file";
};

TEST_F(IoRetryTest, APassingFailureIsTriedAgainAndCounted) {
  const std::uint64_t before = io_retries_that_helped();
  for (const int error : {EIO, ESTALE, ETIMEDOUT, EAGAIN, ENETDOWN, ENOTCONN, ESHUTDOWN}) {
    Flaky call(error, 1);
    EXPECT_EQ(retry_io(std::ref(call)), 7) << error;
    EXPECT_EQ(call.calls(), 2);
  }
  EXPECT_EQ(io_retries_that_helped(), before + 7);
}

TEST_F(IoRetryTest, WaitsLongerEachTime) {
  set_io_retries(2);
  Flaky call(EIO, 5);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(retry_io(std::ref(call)), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(call.calls(), 3);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));  // 0.1 + 0.4 s
}

TEST_F(IoRetryTest, ALastingFailureIsNotTriedAgain) {
  for (const int error : {ENOENT, EACCES, EPERM, EISDIR, ENOTDIR, EMFILE, ENOSPC}) {
    Flaky call(error, 1);
    EXPECT_EQ(retry_io(std::ref(call)), -1) << error;
    EXPECT_EQ(errno, error);
    EXPECT_EQ(call.calls(), 1);
  }
}

TEST_F(IoRetryTest, NoRetriesMeansNone) {
  set_io_retries(0);
  Flaky call(EIO, 1);
  EXPECT_EQ(retry_io(std::ref(call)), -1);
  EXPECT_EQ(call.calls(), 1);
}

TEST_F(IoRetryTest, AnInterruptedCallIsRepeatedAtOnceAndNotCounted) {
  set_io_retries(0);
  const std::uint64_t before = io_retries_that_helped();
  Flaky call(EINTR, 3);
  EXPECT_EQ(retry_io(std::ref(call)), 7);
  EXPECT_EQ(io_retries_that_helped(), before);
}

TEST_F(IoRetryTest, ErrorsOfTheSystemAreOfAnotherKindThanThoseOfTheFile) {
  const auto is_io_error = [&](int error) {
    try {
      throw_io_error(ErrorCode::kData, "cannot open the file", error, file);
    } catch (const IoError&) {
      return true;
    } catch (const Error&) {
      return false;
    }
  };
  for (const int error : {EIO, ESTALE, EACCES, EPERM, EMFILE, ENOMEM})
    EXPECT_TRUE(is_io_error(error)) << error;
  for (const int error : {ENOENT, ENOTDIR, EISDIR, EINVAL, ELOOP, ENAMETOOLONG, ENXIO})
    EXPECT_FALSE(is_io_error(error)) << error;
  set_io_retries(4);
  try {
    throw_io_error(ErrorCode::kCheckpoint, "cannot read the file", EIO, file);
  } catch (const IoError& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
    EXPECT_EQ(error.what(), file.string() + ": cannot read the file: Input/output error (tried 5 times)");
  }
}

TEST_F(IoRetryTest, AnInterruptEndsTheWait) {
  EXPECT_EXIT(
      {
        install_interrupt_handlers();
        std::raise(SIGTERM);
        try {
          wait_for_io(EIO, 3);
        } catch (const Error& error) {
          std::_Exit(error.code() == ErrorCode::kInterrupted ? 0 : 1);
        }
        std::_Exit(2);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST_F(IoRetryTest, KnowsWhatIsThere) {
  EXPECT_FALSE(path_exists(file));
  write_file_atomic(file, "x");
  EXPECT_TRUE(path_exists(file));
  EXPECT_TRUE(path_exists(dir.path()));
  EXPECT_FALSE(path_exists(file / "below a file"));
}

TEST_F(IoRetryTest, ReadsWholeFiles) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3'000'001}}) {
    std::string text(size, 'a');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 % 251);
    write_file_atomic(file, text);
    EXPECT_EQ(read_file(file)->text(), text);
    EXPECT_EQ(sha256_file(file), sha256(text));
  }
  EXPECT_EQ(read_file(file)->name(), file.string());
}

TEST_F(IoRetryTest, NamesWhatItCannotRead) {
  const auto message_of = [&](const fs::path& path) -> std::string {
    try {
      read_file(path, ErrorCode::kCheckpoint);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message_of(file), file.string() + ": cannot open the file: No such file or directory");
  EXPECT_THAT(message_of(dir.path()), HasSubstr("Is a directory"));
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);  // opening it must not wait for a writer
  EXPECT_THAT(message_of(file), HasSubstr("cannot open the file: Invalid argument"));
}

TEST_F(IoRetryTest, AFileThatShrinksIsAnError) {
  write_file_atomic(file, std::string(100, 'x'));
  const InputFile open(file, ErrorCode::kData);
  fs::resize_file(file, 40);
  std::vector<std::byte> out(100);
  try {
    open.read_at(0, out);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(),
              file.string() + ": the file has become shorter while it was read: 40 bytes of 100 are left");
  }
}

TEST_F(IoRetryTest, AMappedFileThatShrinksEndsTheProcessWithOneLine) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the thread sanitizer takes the signal for itself";
#endif
  write_file_atomic(file, std::string(1 << 20, 'x'));
  EXPECT_EXIT(
      {
        install_mapped_guard();
        const auto other = Bytes::map_file(file);  // two mappings of one file are two ranges
        const auto mapped = Bytes::map_file(file, ErrorCode::kCheckpoint);
        fs::resize_file(file, 4096);
        std::_Exit(mapped->span()[8192] == std::byte{0} ? 100 : 101);
      },
      ::testing::ExitedWithCode(4), "file: a part of the file cannot be read any more");
}

}  // namespace
}  // namespace bteval
