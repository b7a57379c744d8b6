#include "checkpoint/safetensors.h"

#include <gmock/gmock.h>

#include "checkpoint/tensor_copy.h"
#include "support/test_paths.h"
#include "unit/checkpoint/support.h"
#include "unit/checkpoint/zip_builder.h"

namespace bteval::checkpoint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

SafetensorsFile read(std::string_view header, std::string_view data) {
  return read_safetensors(Bytes::from_memory("t.safetensors", safetensors_text(header, data)));
}

TEST(Safetensors, ReadsTensorsAndMetadata) {
  const auto file =
      read(R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
           R"("a":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}   )",
           std::string_view("\0\0\x80\x3f\0\0\0\x40\x07", 9));
  EXPECT_THAT(file.metadata, ElementsAre(Pair("format", "pt")));
  ASSERT_THAT(file.tensors, SizeIs(2));
  EXPECT_THAT(file.tensors.at("b").shape, ElementsAre(1, 2));
  EXPECT_THAT(file.tensors.at("b").strides, ElementsAre(2, 1));
  EXPECT_THAT(float32_values(file.tensors.at("b")), ElementsAre(1.0F, 2.0F));
  EXPECT_EQ(file.tensors.at("a").numel(), 1);
  EXPECT_EQ(*file.tensors.at("a").data, std::byte{7});
}

TEST(Safetensors, EmptyTensorsAndUnknownMembersAreAllowed) {
  const auto file =
      read(R"({"e":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0],"more":{"x":[1,{"y":null}]}},)"
           R"("f":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}})",
           "ab");
  EXPECT_EQ(file.tensors.at("e").numel(), 0);
  EXPECT_EQ(file.tensors.at("f").numel(), 2);
  EXPECT_TRUE(read("{}", "").tensors.empty());
}

TEST(Safetensors, RefusesWhatTheFormatForbids) {
  const std::string good = R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]})";
  std::string many_axes("1");
  for (int i = 0; i < 70; ++i) many_axes += ",1";
  struct Case {
    std::string header;
    std::string data;
    std::string message;
  };
  const Case cases[] = {
      {"[]", "", "does not start with '{'"},
      {"{", "", "not valid JSON"},
      {"{" + good + "} x", "ab", "not valid JSON"},
      {"{" + good + std::string("}\0", 2), "ab", "not valid JSON"},
      {"{" + good + "," + good + "}", "ab", "tensor a: comes twice"},
      {R"({"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}})", "ab",
       "member \"dtype\" twice"},
      {R"({"a":1})", "", "tensor a: has a number where"},
      {R"({"a":"x"})", "", "tensor a: has a string where"},
      {R"({"a":[1]})", "", "tensor a: has a list where"},
      {R"({"__metadata__":{"k":1}})", "", "\"k\" is a number, not a string"},
      {R"({"__metadata__":{"k":["v"]}})", "", "has a list where"},
      {R"({"a":{"shape":[2],"data_offsets":[0,2]}})", "ab", "has no \"dtype\""},
      {R"({"a":{"dtype":"U8","data_offsets":[0,2]}})", "ab", "has no \"shape\""},
      {R"({"a":{"dtype":"U8","shape":[2]}})", "ab", "has no \"data_offsets\""},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,3]}})", "ab", "has no \"data_offsets\" of two"},
      {R"({"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}})", "ab", "has a negative number where"},
      {R"({"a":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}})", "ab", "has a fraction where"},
      {R"({"a":{"dtype":"U8","shape":[[2]],"data_offsets":[0,2]}})", "ab", "has a list where"},
      {R"({"a":{"dtype":"C64","shape":[2],"data_offsets":[0,2]}})", "ab", "has the dtype C64"},
      {R"({"a":{"dtype":"U8","shape":[)" + many_axes + R"(],"data_offsets":[0,1]}})", "a",
       "has 71 dimensions"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}})", "ab", "ends (0) before it begins (2)"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,3]}})", "ab", "which has 2 bytes"},
      {R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}})", "ab", "U8 and the shape [3] need 3"},
      {R"({"a":{"dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,2]}})", "ab", "too large"},
      {R"({"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,2]}})", "ab", "out of range"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", "abc",
       "tensor a: at byte 62: leaves a hole"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
       "abc", "tensor b: at byte 114: overlaps"},
      {"{" + good + "}", "abc", "1 bytes at the end belong to no tensor"},
      {R"({"a":{"x":)" + std::string(64, '[') + std::string(64, ']') + "}}", "", "nested too deeply"},
  };
  for (const Case& c : cases) {
    const std::string message = error_of([&] { read(c.header, c.data); });
    EXPECT_THAT(message, HasSubstr(c.message)) << c.header;
    EXPECT_THAT(message, ::testing::StartsWith("t.safetensors: ")) << c.header;
  }
}

TEST(Safetensors, RefusesHeaderLengthsThatDoNotFit) {
  const auto with_length = [](std::uint64_t length) {
    std::string text;
    append_le(text, length);
    return error_of([&] { read_safetensors(Bytes::from_memory("t", text + "{}")); });
  };
  EXPECT_THAT(with_length(3), HasSubstr("ends in the middle of the header (3 bytes needed, 2 left)"));
  EXPECT_THAT(with_length(100'000'001), HasSubstr("more than 100000000"));
  EXPECT_THAT(with_length(~std::uint64_t{0}), HasSubstr("more than 100000000"));
  EXPECT_THAT(error_of([] { read_safetensors(Bytes::from_memory("t", "1234567")); }),
              HasSubstr("header's length"));
}

TEST(Safetensors, EveryTruncationOfAValidFileIsAnError) {
  const auto bytes = Bytes::map_file(bteval::testing::golden_data("checkpoint/views.safetensors"));
  ASSERT_GT(read_safetensors(bytes).tensors.size(), 10U);
  for (std::size_t size = 0; size < bytes->size(); ++size) {
    const auto part = Bytes::from_memory("part", bytes->text().substr(0, size));
    EXPECT_NE(error_of([&] { read_safetensors(part); }), "no error") << size << " bytes";
  }
}

}  // namespace
}  // namespace bteval::checkpoint
