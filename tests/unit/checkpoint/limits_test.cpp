// What a small or damaged file must not make bteval allocate: each limit of docs/fuzzing.md, at it and
// beyond.
#include <gmock/gmock.h>

#include "checkpoint/npy.h"
#include "checkpoint/pickle.h"
#include "checkpoint/pickle_json.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/torch_zip.h"
#include "checkpoint/zip_reader.h"
#include "unit/checkpoint/support.h"
#include "unit/checkpoint/zip_builder.h"

namespace bteval::checkpoint {
namespace {

using namespace std::string_literals;
using pickle_text::global;
using pickle_text::text;
using pickle_text::whole;
using ::testing::HasSubstr;

std::string repeated(const std::string& piece, std::size_t times) {
  std::string out;
  out.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

TEST(Limits, ZipEntriesAreCountedBeforeTheyAreRead) {
  ZipBuilder zip;
  zip.add("archive/data.pkl", "\x80\x02}.");
  zip.zip64_end = true;
  const std::string good = zip.build();
  const auto with_count = [&](std::uint64_t entries) {
    std::string bytes = good, number;
    append_le(number, entries);
    return error_of([&] {
      ZipArchive archive(
          Bytes::from_memory("z.ckpt", bytes.replace(bytes.rfind("PK\x06\x06") + 32, number.size(), number)));
    });
  };
  EXPECT_EQ(with_count(1), "no error");
  EXPECT_THAT(with_count(1'000'000), HasSubstr("has 1 entries, but should have 1000000"));
  EXPECT_THAT(with_count(1'000'001), HasSubstr("the archive has 1000001 entries, more than 1000000"));
  EXPECT_THAT(with_count(~std::uint64_t{0}), HasSubstr("entries, more than 1000000"));
}

/// The error of a safetensors file without data that has so many empty tensors.
std::string tensors_error(std::size_t count) {
  std::string header = "{";
  header.reserve(count * 60);
  for (std::size_t i = 0; i < count; ++i) {
    header += i == 0 ? "\"" : ",\"";
    header += std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  }
  return error_of(
      [&] { read_safetensors(Bytes::from_memory("t.safetensors", safetensors_text(header + "}", ""))); });
}

TEST(Limits, SafetensorsTensorsAreCounted) {
  EXPECT_EQ(tensors_error(1000), "no error");
  EXPECT_THAT(tensors_error(1'000'001), HasSubstr("names more than 1000000 tensors"));
}

TEST(Limits, SafetensorsListsAreShort) {
  const auto shape_of = [](std::size_t length) {
    const std::string shape = "0" + repeated(",1", length - 1);
    return error_of([&] {
      read_safetensors(Bytes::from_memory(
          "t.safetensors",
          safetensors_text(R"({"a":{"dtype":"U8","shape":[)" + shape + R"(],"data_offsets":[0,0]}})", "")));
    });
  };
  EXPECT_EQ(shape_of(64), "no error");
  EXPECT_THAT(shape_of(65), HasSubstr("tensor a: has 65 dimensions"));
  EXPECT_THAT(shape_of(1001), HasSubstr("has a list of more than 1000"));
}

TEST(Limits, SafetensorsHeadersAreNestedAndSizedWithinReason) {
  const auto nested = [](std::size_t depth) {
    const std::string header = R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":)" +
                               repeated("[", depth) + repeated("]", depth) + "}}";
    return error_of(
        [&] { read_safetensors(Bytes::from_memory("t.safetensors", safetensors_text(header, ""))); });
  };
  EXPECT_EQ(nested(20), "no error");
  EXPECT_THAT(nested(40), HasSubstr("nested too deeply"));
  std::string file;
  append_le(file, std::uint64_t{100'000'001});
  EXPECT_THAT(error_of([&] { read_safetensors(Bytes::from_memory("t.safetensors", file + "{}")); }),
              HasSubstr("the header's length is 100000001, more than 100000000"));
}

TEST(Limits, NumpyHeadersAreShort) {
  const auto error = [](const std::string& header, std::uint32_t size) {
    std::string file = "\x93NUMPY\x02\0"s;
    append_le(file, size);
    try {
      read_npy(Bytes::from_memory("a.npy", file + header));
    } catch (const Error& thrown) {
      return std::string(thrown.what());
    }
    return "no error"s;
  };
  EXPECT_THAT(error("{", 1'000'001), HasSubstr("the header's length is 1000001, more than 1000000"));
  const auto with_rank = [&](std::size_t rank) {
    const std::string header =
        "{'descr': '|u1', 'fortran_order': False, 'shape': (0," + repeated("1,", rank - 1) + "), }\n";
    return error(header, static_cast<std::uint32_t>(header.size()));
  };
  EXPECT_EQ(with_rank(32), "no error");
  EXPECT_THAT(with_rank(33), HasSubstr("has too many dimensions"));
}

/// The error of turning this pickle's value into JSON.
std::string json_error(const std::string& body) {
  const std::string pickle = whole(body);
  return error_of([&] { pickle_to_json(*parse_pickle(pickle, "p").root); });
}

TEST(Limits, HyperParametersDoNotUnfold) {
  // A tuple of the same tuple twice, again and again: 2^n values from n bytes.
  const auto doubled = [](std::size_t times) { return json_error("]"s + repeated("2\x86", times)); };
  EXPECT_EQ(doubled(10), "no error");
  EXPECT_THAT(doubled(40), HasSubstr("unfolds to more values than any checkpoint needs"));
  const auto nested = [](std::size_t depth) { return json_error("N" + repeated("\x85", depth)); };
  EXPECT_EQ(nested(90), "no error");
  EXPECT_THAT(nested(110), HasSubstr("is nested too deeply"));
  std::string long_text = "X";
  append_le(long_text, std::uint32_t{1} << 20);
  long_text += std::string(1 << 20, 'x') + "q\x01" + "0";
  const auto repeats = [&](std::size_t times) {
    return json_error(long_text + "(" + repeated("h\x01", times) + "l");
  };
  EXPECT_EQ(repeats(64), "no error");
  EXPECT_THAT(repeats(65), HasSubstr("unfolds to more text than any checkpoint needs"));
}

TEST(Limits, AListThatContainsItselfIsNested) {
  EXPECT_THAT(json_error("]q\x01h\x01"s + "a"), HasSubstr("is nested too deeply, or contains itself"));
}

TEST(Limits, PicklesBuildNoMoreThanCheckpointsNeed) {
  PickleLimits limits;
  limits.max_values = 100;
  limits.max_marks = 10;
  limits.max_bytes = 10'000;
  const auto error = [&](const std::string& body) {
    const std::string pickle = whole(body);
    return error_of([&] { parse_pickle(pickle, "p", 0, limits); });
  };
  EXPECT_EQ(error("(" + std::string(98, 'N') + "t"), "no error");
  const std::string too_many = "the pickle makes more values than any checkpoint needs";
  EXPECT_THAT(error("(" + std::string(100, 'N') + "t"), HasSubstr(too_many));
  EXPECT_THAT(error("(N" + std::string(100, '2') + "t"), HasSubstr(too_many));
  EXPECT_THAT(error("Nq\x01" + repeated("h\x01", 100)), HasSubstr(too_many));
  // Constructors copy: ten times forty items.
  EXPECT_THAT(error(repeated(global("builtins", "list"), 10) + "(" + std::string(40, 'N') + "l" +
                    repeated("\x85R", 10)),
              HasSubstr(too_many));
  EXPECT_EQ(error(std::string(10, '(') + repeated("t", 10)), "no error");
  EXPECT_THAT(error(std::string(11, '(') + repeated("t", 11)), HasSubstr("is nested too deeply"));
  EXPECT_THAT(error(text("x") + std::string(10'000, '0')), HasSubstr("more than 10000"));
  EXPECT_THAT(error("c" + std::string(501, 'a') + "\nb\n"), HasSubstr("by more than 500 characters"));
}

/// The error of a checkpoint with one float that a view of this shape repeats.
std::string expanded_error(const std::string& size) {
  ZipBuilder zip;
  zip.add("a/data.pkl", whole("}" + text("w") + global("torch._utils", "_rebuild_tensor_v2") + "((" +
                              text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu") +
                              "K\x01tQK\0"s + size + "\x85K\0"s + "\x85\x89NtRs"));
  zip.add("a/data/0", "1234").add("a/version", "3\n");
  return error_of([&] { read_torch_zip(zip.bytes()); });
}

TEST(Limits, ViewsRepeatLittle) {
  EXPECT_EQ(expanded_error("J\0\0\0\x04"s), "no error");  // 2^26
  EXPECT_THAT(expanded_error("J\x01\0\0\x04"s),
              HasSubstr("tensor w: repeats the 1 elements of its storage 67108865 times"));
  EXPECT_THAT(expanded_error("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"s), HasSubstr("tensor w"));
}

}  // namespace
}  // namespace bteval::checkpoint
