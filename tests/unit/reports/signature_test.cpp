#include "reports/signature.h"

#include <gtest/gtest.h>

namespace bteval::reports {
namespace {

TEST(Signature, KeepsTheOrderOfItsParts) {
  Signature signature("vqav2");
  signature.add("split", "val2014")
      .add("n", 214354)
      .add_sha256("questions", "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(signature.line(), "vqav2|split:val2014|n:214354|questions:0123456789ab");
  EXPECT_EQ(Signature("nlvr2").line(), "nlvr2");
}

TEST(Signature, EscapesWhatWouldSplitTheLine) {
  EXPECT_EQ(Signature("t").add("a|b", "c:d%e f\n").line(), "t|a%7Cb:c%3Ad%25e%20f%0A");
  EXPECT_EQ(Signature("t").add("k", "é").line(), "t|k:%C3%A9");
  EXPECT_EQ(Signature("t").add_sha256("k", "abc").line(), "t|k:abc");
}

}  // namespace
}  // namespace bteval::reports
