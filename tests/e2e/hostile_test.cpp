// Files that want to exhaust memory or time, leave their folder, or run something: `bteval` refuses each with
// one line, soon, and with the memory that it takes anyway.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "core/file.h"
#include "support/run_command.h"
#include "support/test_paths.h"
#include "unit/checkpoint/zip_builder.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using bteval::testing::CommandResult;
using bteval::testing::run_command;
using bteval::testing::TempDir;
using checkpoint::append_le;
using checkpoint::ZipBuilder;
using ::testing::HasSubstr;

constexpr int kData = 3, kCheckpoint = 4;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasured = false;  // sanitizers multiply both
#else
constexpr bool kMeasured = true;
#endif

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string safetensors(std::uint64_t header_size, const std::string& rest) {
  std::string out;
  append_le(out, header_size);
  return out + rest;
}

std::string big_endian(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
  return out;
}

std::uint32_t crc32(const std::string& text) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

std::string png_chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + type + data + big_endian(crc32(type + data));
}

std::string png_of(std::uint32_t width, std::uint32_t height) {
  using namespace std::string_literals;
  return "\x89PNG\r\n\x1a\n"s +
         png_chunk("IHDR", big_endian(width) + big_endian(height) + "\x08\x02\x00\x00\x00"s) +
         png_chunk("IDAT", "\x78\x9c\x63\x60\x60\x60\x60\x00\x00\x00\x05\x00\x01"s) + png_chunk("IEND", "");
}

/// A checkpoint whose pickle is `body`, stored as torch.save stores it.
std::string torch_file(const std::string& pickle) {
  ZipBuilder zip;
  zip.add("archive/data.pkl", pickle).add("archive/version", "3\n");
  return zip.build();
}

struct Hostile {
  const char* name;
  const char* file;
  std::function<std::string(const fs::path& marker)> content;  // marker: a file that must not appear
  std::vector<const char*> command;                            // FILE stands for the file
  int exit_status;
  const char* message;
};

void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }

std::string touch(const fs::path& marker) { return "touch " + marker.string(); }

/// A unicode string in pickle's binary form.
std::string text(const std::string& value) {
  std::string out = "X";
  append_le(out, static_cast<std::uint32_t>(value.size()));
  return out + value;
}

const std::vector<const char*> kInspect = {"inspect", "FILE"};
const std::vector<const char*> kScoreSnliVe = {"score", "snli-ve",       "--annotations",
                                               "FILE",  "--predictions", "FILE"};
const std::vector<const char*> kScoreVqa = {"score",         "vqav2", "--questions",   "FILE",
                                            "--annotations", "FILE",  "--predictions", "FILE"};

const Hostile kHostile[] = {
    {"safetensors_header_of_2_to_63_bytes", "a.safetensors",
     [](auto&) { return safetensors(std::uint64_t{1} << 63, "{}"); }, kInspect, kCheckpoint,
     "is neither safetensors nor a torch file"},
    {"safetensors_header_longer_than_the_file", "a.safetensors",
     [](auto&) { return safetensors(1000000000, R"({"a": {}})"); }, kInspect, kCheckpoint, "header"},
    {"safetensors_shape_that_overflows", "a.safetensors",
     [](auto&) {
       const std::string header =
           R"({"t":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}})";
       return safetensors(header.size(), header + "1234");
     },
     kInspect, kCheckpoint, "is too large"},
    {"safetensors_header_nested_100000_deep", "a.safetensors",
     [](auto&) { return safetensors(500000, repeated("{\"a\":", 100000)); }, kInspect, kCheckpoint,
     "nested too deeply"},
    {"questions_nested_100000_deep", "q.json",
     [](auto&) { return R"({"license":)" + repeated("[", 100000) + repeated("]", 100000) + "}"; }, kScoreVqa,
     kData, "is nested more than 500 deep"},
    {"annotations_nested_100000_deep", "a.jsonl",
     [](auto&) { return repeated("{\"a\":", 100000) + "1" + repeated("}", 100000); }, kScoreSnliVe, kData,
     "is nested more than 500 deep"},
    {"zip_bomb", "a.ckpt",
     [](auto&) {
       ZipBuilder zip;
       zip.add("archive/data.pkl", std::string(1000, '\0')).add("archive/version", "3\n");
       zip.items[0].method = 8;
       return zip.build();
     },
     kInspect, kCheckpoint, "is compressed"},
    {"png_of_60000_by_60000",
     "a.png",
     [](auto&) { return png_of(60000, 60000); },
     {"probe", "image", "FILE"},
     kData,
     "60000x60000 pixels, more than the limit"},
    {"png_of_2_to_31_by_1",
     "a.png",
     [](auto&) { return png_of(0x7fffffff, 1); },
     {"probe", "image", "FILE"},
     kData,
     "a.png"},
    {"image_id_that_leaves_its_folder", "a.jsonl",
     [](auto&) {
       return std::string(
           R"({"Flickr30K_ID": "../../etc/passwd", "sentence2": "x", "gold_label": "neutral"})");
     },
     kScoreSnliVe, kData, "the image id \"../../etc/passwd\" is no plain name"},
    {"pickle_that_calls_os_system", "a.ckpt",
     [](auto& marker) {
       return torch_file(
           "\x80\x02"
           "cos\nsystem\n" +
           text(touch(marker)) + "\x85R.");
     },
     kInspect, kCheckpoint, "os.system"},
    {"pickle_that_calls_through_the_stack", "a.ckpt",
     [](auto& marker) {
       return torch_file("\x80\x04" + text("posix") + text("system") + "\x93" + text(touch(marker)) +
                         "\x85R.");
     },
     kInspect, kCheckpoint, "posix.system"},
    {"pickle_that_calls_by_inst", "a.ckpt",
     [](auto& marker) { return torch_file("\x80\x02(" + text(touch(marker)) + "ios\nsystem\n."); }, kInspect,
     kCheckpoint, "uses the opcode INST"},
    {"pickle_that_calls_by_obj", "a.ckpt",
     [](auto& marker) {
       return torch_file(
           "\x80\x02"
           "(cos\nsystem\n" +
           text(touch(marker)) + "o.");
     },
     kInspect, kCheckpoint, "os.system"},
    {"pickle_that_evaluates_in_an_innocent_state", "a.ckpt",
     [](auto& marker) {
       return torch_file(
           "\x80\x02"
           "ccollections\nOrderedDict\n)R}" +
           text("x") + "c__builtin__\neval\n" + text("__import__('os').system('" + touch(marker) + "')") +
           "\x85Rsb.");
     },
     kInspect, kCheckpoint, "eval"},
    {"pickle_without_an_archive", "a.bin",
     [](auto& marker) {
       return "\x80\x02"
              "cos\nsystem\n" +
              text(touch(marker)) + "\x85R.";
     },
     kInspect, kCheckpoint, "a.bin"},
};

class HostileTest : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileTest, IsRefusedSoonAndSmall) {
  const Hostile& hostile = GetParam();
  const TempDir dir;
  const fs::path marker = dir.path() / "was-run", file = dir.path() / hostile.file;
  write_file_atomic(file, hostile.content(marker));
  std::vector<std::string> argv = {BTEVAL_BINARY};
  for (const std::string part : hostile.command) argv.push_back(part == "FILE" ? file.string() : part);
  const CommandResult result = run_command(argv);
  EXPECT_EQ(result.exit_status, hostile.exit_status) << result.err;
  EXPECT_THAT(result.err, HasSubstr(hostile.message));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_LT(result.err.size(), 1000U);
  EXPECT_FALSE(fs::exists(marker));
  if (!kMeasured) return;
  // Of which starting the program with LibTorch takes most.
  EXPECT_LT(result.processor_seconds, 1.0);
  EXPECT_LT(result.peak_bytes, 200'000'000U);
}

INSTANTIATE_TEST_SUITE_P(Files, HostileTest, ::testing::ValuesIn(kHostile),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace bteval
