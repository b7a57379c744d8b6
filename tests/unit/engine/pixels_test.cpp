// Which failures are an image's own, and which are not.
#include "engine/pixels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "engine/options.h"
#include "model/torch_compat.h"
#include "support/test_paths.h"

namespace bteval::engine {
namespace {

using ::testing::HasSubstr;

/// What a BadImage says; "another error" for others.
std::string fault_of(const std::string& path) {
  records::ImageRef image;
  image.id = "7";
  image.path = path;
  try {
    check_image(image);
  } catch (const BadImage& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    return error.what();
  } catch (const Error&) {
    return "another error";
  }
  return "none";
}

TEST(BadImage, IsOneThatIsMissingOrNoImage) {
  const testing::TempDir dir;
  const auto path = [&](const char* name) { return (dir.path() / name).string(); };
  EXPECT_EQ(fault_of(path("none.jpg")),
            path("none.jpg") + ": cannot open the file: No such file or directory");
  EXPECT_THAT(fault_of(dir.path().string()), HasSubstr("Is a directory"));
  write_file_atomic(path("text.jpg"), "no picture");
  EXPECT_THAT(fault_of(path("text.jpg")), HasSubstr("text.jpg: no image that can be read"));
  write_file_atomic(path("empty.jpg"), "");
  EXPECT_THAT(fault_of(path("empty.jpg")), HasSubstr("empty.jpg: "));
}

TEST(OnBadImage, HasNames) {
  for (const OnBadImage value : {OnBadImage::kFail, OnBadImage::kWrong, OnBadImage::kExclude})
    EXPECT_EQ(parse_on_bad_image(on_bad_image_name(value)), value);
  try {
    parse_on_bad_image("skip");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_STREQ(error.what(), "--on-bad-image is fail, wrong or exclude, not \"skip\"");
  }
}

ErrorCode code_of(const char* message) {
  try {
    model::run_inference([&] { throw c10::Error({"f", "file", 1}, message); });
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("\n")));
    return error.code();
  }
  return ErrorCode::kUsage;
}

TEST(TorchError, OfADeviceOrOfMemoryIsADeviceError) {
  for (const char* message :
       {"CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be reported "
        "elsewhere",
        "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`",
        "cuDNN error: CUDNN_STATUS_FAILED", "CUDA out of memory. Tried to allocate 2.00 GiB.",
        "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you "
        "tried"}) {
    EXPECT_EQ(code_of(message), ErrorCode::kDevice) << message;
  }
  EXPECT_EQ(code_of("mat1 and mat2 shapes cannot be multiplied"), ErrorCode::kInternal);
}

}  // namespace
}  // namespace bteval::engine
