#include "core/error.h"

#include <gtest/gtest.h>

#include "core/checked.h"
#include "core/utf8.h"

namespace bteval {
namespace {

TEST(Error, ComposesOneLineFromWhatIsKnown) {
  EXPECT_STREQ(Error(ErrorCode::kData, "is empty").what(), "is empty");
  EXPECT_STREQ(Error(ErrorCode::kData, "is empty", {"a.json", "", std::nullopt}).what(), "a.json: is empty");
  EXPECT_STREQ(Error(ErrorCode::kData, "bad", {"a.json", "line 7", 12}).what(),
               "a.json: line 7: at byte 12: bad");
}

TEST(Error, OuterContextFillsOnlyTheGaps) {
  const Error inner(ErrorCode::kCheckpoint, "bad", {"", "tensor x", std::nullopt});
  const Error outer = inner.with_context({"m.ckpt", "archive", 5});
  EXPECT_STREQ(outer.what(), "m.ckpt: tensor x: at byte 5: bad");
  EXPECT_EQ(outer.code(), ErrorCode::kCheckpoint);
}

TEST(Error, EveryCodeHasItsDocumentedExitStatus) {
  EXPECT_EQ(exit_status(ErrorCode::kInternal), 1);
  EXPECT_EQ(exit_status(ErrorCode::kUsage), 2);
  EXPECT_EQ(exit_status(ErrorCode::kData), 3);
  EXPECT_EQ(exit_status(ErrorCode::kCheckpoint), 4);
  EXPECT_EQ(exit_status(ErrorCode::kDevice), 5);
  EXPECT_EQ(exit_status(ErrorCode::kRefused), 6);
  EXPECT_EQ(exit_status(ErrorCode::kInterrupted), 130);
}

TEST(Printable, KeepsTextAndEscapesWhatWouldDisturbATerminal) {
  EXPECT_EQ(printable("naïve"), "naïve");
  EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\x0ab\\x1b[31m");
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

TEST(Checked, OverflowIsAnError) {
  EXPECT_EQ(checked_mul<std::int64_t>(3, 4, "size"), 12);
  EXPECT_EQ(checked_add<std::uint8_t>(200, 55, "size"), 255);
  EXPECT_THROW(checked_add<std::uint8_t>(200, 56, "size"), Error);
  EXPECT_THROW(checked_mul<std::int64_t>(INT64_MAX, 2, "size"), Error);
  EXPECT_EQ(checked_cast<std::int32_t>(std::uint64_t{7}, "count"), 7);
  EXPECT_THROW(checked_cast<std::int32_t>(std::uint64_t{1} << 40, "count"), Error);
  EXPECT_THROW(checked_cast<std::uint64_t>(-1, "count"), Error);
}

TEST(Utf8, AcceptsShortestFormsOnly) {
  EXPECT_EQ(utf8_sequence_length("a"), 1U);
  EXPECT_EQ(utf8_sequence_length("é"), 2U);
  EXPECT_EQ(utf8_sequence_length("€"), 3U);
  EXPECT_EQ(utf8_sequence_length("😀"), 4U);
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf0\x80\x80\x80"}) {
    EXPECT_EQ(utf8_sequence_length(bad), 0U) << printable(bad);
  }
  EXPECT_EQ(utf8_first_invalid("ab\xff"), 2U);
  EXPECT_EQ(utf8_first_invalid("😀"), std::string_view::npos);
}

TEST(Utf8, DecodingAndEncodingAreInverse) {
  for (const char32_t code : {U'a', U'\u00e9', U'\u20ac', U'\U0001f600', U'\U0010ffff'}) {
    std::string text;
    utf8_append(text, code);
    std::size_t pos = 0;
    EXPECT_EQ(utf8_decode(text, pos), code);
    EXPECT_EQ(pos, text.size());
  }
}

}  // namespace
}  // namespace bteval
