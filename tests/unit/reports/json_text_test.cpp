#include "reports/json_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/json.h"

namespace bteval::reports {
namespace {

std::string one(const auto& value) { return std::move(JsonText().add(value)).take(); }

TEST(JsonText, CommasAndBracketsComeWhereTheyBelong) {
  JsonText out;
  out.open('{').key("a").open('[').add(1).add("x").open('[').close(']').close(']').key("b").null();
  out.key("c").open('{').close('}').close('}');
  EXPECT_EQ(std::move(out).take(), R"({"a":[1,"x",[]],"b":null,"c":{}})");
}

TEST(JsonText, NumbersHaveSixDigits) {
  EXPECT_EQ(one(61.23456789), "61.2346");
  EXPECT_EQ(one(0.3F), "0.3");
  EXPECT_EQ(one(1.0), "1");
  EXPECT_EQ(one(-0.0), "0");
  EXPECT_EQ(one(1e-9), "1e-09");
  EXPECT_EQ(Json::parse(one(1e-9)).get<double>(), 1e-9);
  EXPECT_EQ(one(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(one(-std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(one(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(JsonText, NoStringEndsTheScriptItStandsIn) {
  const std::string hostile =
      "</script><!-- <script>alert('1')</script> ]]> & \"q\" \\ \xe2\x80\xa8\xe2\x80\xa9";
  const std::string json = one(hostile);
  for (const char* part : {"<", ">", "&", "\xe2\x80\xa8", "\xe2\x80\xa9"})
    EXPECT_EQ(json.find(part), std::string::npos) << json;
  EXPECT_EQ(Json::parse(json).get<std::string>(), hostile);
  EXPECT_EQ(one("</script>"), "\"\\u003c/script\\u003e\"");
}

TEST(JsonText, EveryByteComesBackOrIsReplaced) {
  std::string ascii;
  for (int c = 0; c < 128; ++c) ascii += static_cast<char>(c);
  EXPECT_EQ(Json::parse(one(ascii)).get<std::string>(), ascii);
  const std::string text =
      "naïve \xf0\x9f\x90\x88 \xe2\x80\xae\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d";  // cat, RTL override, Hebrew
  EXPECT_EQ(one(text), "\"" + text + "\"");
  EXPECT_EQ(one(std::string("a\xff\xc0\xafz\xed\xa0\x80\xe2\x80")),
            "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf"
            "\xbd\"");
  const std::string long_text(10'000, '<');
  EXPECT_EQ(Json::parse(one(long_text)).get<std::string>(), long_text);
}

TEST(JsonText, Base64OfRfc4648) {
  const auto encoded = [](std::string_view bytes) { return std::move(JsonText().add_base64(bytes)).take(); };
  EXPECT_EQ(encoded(""), "\"\"");
  EXPECT_EQ(encoded("f"), "\"Zg==\"");
  EXPECT_EQ(encoded("fo"), "\"Zm8=\"");
  EXPECT_EQ(encoded("foo"), "\"Zm9v\"");
  EXPECT_EQ(encoded("foob"), "\"Zm9vYg==\"");
  EXPECT_EQ(encoded("fooba"), "\"Zm9vYmE=\"");
  EXPECT_EQ(encoded("foobar"), "\"Zm9vYmFy\"");
  EXPECT_EQ(encoded("\xff\xfe\xfd"), "\"//79\"");
}

}  // namespace
}  // namespace bteval::reports
