#include "checkpoint/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "checkpoint/tensor_copy.h"
#include "support/error_text.h"

namespace bteval::checkpoint {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::error_text;
using ::testing::HasSubstr;

/// A file as NumPy writes it: the header padded with blanks to a multiple of 64 and ended by a newline.
std::string npy(const std::string& dict, const std::string& data, char major = 1) {
  const std::size_t prefix = major == 1 ? 10 : 12;
  std::string header = dict;
  while ((prefix + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string out = "\x93NUMPY";
  out += major;
  out += '\0';
  for (std::size_t i = 0; i < prefix - 8; ++i) out += static_cast<char>((header.size() >> (8 * i)) & 0xFF);
  return out + header + data;
}

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

TensorView read(const std::string& file) { return read_npy(Bytes::from_memory("a.npy", file)); }
std::string read_error(const std::string& file) {
  return error_text([&] { read(file); });
}

const std::string kSixFloats = bytes_of(std::vector<float>{1, 2, 3, 4, 5, 6});

TEST(Npy, ReadsFloatsOfEachVersion) {
  for (const char major : {'\1', '\2', '\3'}) {
    const TensorView view =
        read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", kSixFloats, major));
    EXPECT_EQ(view.dtype, DType::kFloat32);
    EXPECT_THAT(view.shape, ElementsAre(2, 3));
    EXPECT_TRUE(view.is_contiguous());
    EXPECT_THAT(float32_values(view), ElementsAre(1, 2, 3, 4, 5, 6));
  }
}

TEST(Npy, ReadsFortranOrderThroughStrides) {
  const TensorView view = read(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", kSixFloats));
  EXPECT_THAT(view.strides, ElementsAre(1, 2));
  EXPECT_THAT(float32_values(view), ElementsAre(1, 3, 5, 2, 4, 6));
}

TEST(Npy, ReadsOtherDtypesAndShapes) {
  EXPECT_THAT(float32_values(read(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }",
                                      bytes_of(std::vector<double>{0.5})))),
              ElementsAre(0.5F));
  EXPECT_THAT(float32_values(read(npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2,)}",
                                      bytes_of(std::vector<std::uint16_t>{0x3C00, 0xC000})))),
              ElementsAre(1, -2));
  EXPECT_EQ(read(npy("{\"shape\": (), \"descr\": \"|u1\", \"fortran_order\": False}", "x")).numel(), 1);
  EXPECT_EQ(read(npy("{'descr': '<i8', 'fortran_order': False, 'shape': (0, 7L)}", "")).numel(), 0);
}

TEST(Npy, RefusesWhatItDoesNotRead) {
  const auto descr = [](const char* name) {
    return read_error(
        npy(fmt::format("{{'descr': {}, 'fortran_order': False, 'shape': (6,), }}", name), kSixFloats));
  };
  EXPECT_THAT(descr("'>f4'"), AllOf(HasSubstr("a.npy: at byte 10"), HasSubstr("the elements are '>f4'")));
  EXPECT_THAT(descr("'|O'"), HasSubstr("the elements are '|O'"));
  EXPECT_THAT(descr("[('x', '<f4')]"), HasSubstr("the elements are records"));
  EXPECT_THAT(read_error("PK\3\4"), HasSubstr("is no NumPy array file"));
  EXPECT_THAT(read_error(npy("{}", "", '\4')), HasSubstr("has the format version 4"));
  EXPECT_THAT(read_error("\x93NUMPY\1"), HasSubstr("ends in the middle of the version"));
}

TEST(Npy, RefusesMalformedHeaders) {
  EXPECT_THAT(read_error(npy("{'descr': '<f4', 'fortran_order': False}", kSixFloats)),
              HasSubstr("has no 'shape'"));
  EXPECT_THAT(read_error(npy("{'shape': (6,), 'fortran_order': False}", kSixFloats)),
              HasSubstr("has no 'descr'"));
  EXPECT_THAT(read_error(npy("{'descr': '<f4', 'shape': (6,)}", kSixFloats)),
              HasSubstr("has no 'fortran_order'"));
  const auto dict = [](const char* shape, const char* order = "False") {
    return read_error(
        npy(fmt::format("{{'descr': '<f4', 'fortran_order': {}, 'shape': {}}}", order, shape), kSixFloats));
  };
  EXPECT_THAT(dict("(-6,)"), HasSubstr("expected a size"));
  EXPECT_THAT(dict("(99999999999999999999,)"), HasSubstr("expected a size"));
  EXPECT_THAT(dict("(6"), HasSubstr("header: at byte"));
  EXPECT_THAT(dict("(4294967296, 4294967296)"), HasSubstr("is too large"));
  EXPECT_THAT(dict("(0, 4294967296, 4294967296)"), HasSubstr("is too large"));
  EXPECT_THAT(dict("(6,)", "0"), HasSubstr("expected True or False"));
  EXPECT_THAT(read_error(npy("{'descr': '<f4', 'x': 1}", "")), HasSubstr("unknown key \"x\""));
  EXPECT_THAT(read_error(npy("{'descr': '<f4", "")), HasSubstr("a string does not end"));
  EXPECT_THAT(read_error(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (6,)} x", kSixFloats)),
              HasSubstr("has something behind its end"));
}

TEST(Npy, RefusesDataOfAnotherSize) {
  const auto with = [](const std::string& data) {
    return read_error(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", data));
  };
  EXPECT_THAT(with(kSixFloats.substr(1)),
              HasSubstr("'<f4' and the shape (2, 3) need 24 bytes, and 23 are left"));
  EXPECT_THAT(with(kSixFloats + "x"), HasSubstr("need 24 bytes, and 25 are left"));
  const std::string file = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", kSixFloats);
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_THAT(read_error(file.substr(0, size)), HasSubstr("a.npy: ")) << size;
  }
}

}  // namespace
}  // namespace bteval::checkpoint
