#include "reports/server_reply.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace bteval::reports {
namespace {

constexpr const char* kReply =
    R"([{"test-dev": {"yes/no": 90.11, "number": 60.92, "other": 70.31, "overall": 78.49}},
        {"test-standard": {"yes/no": 90.2, "number": "60.5", "other": 70.4, "overall": 77.53}}])";

TEST(ServerReply, ReadsBothPhasesInTheirOrder) {
  const auto scores = read_vqa_reply(kReply, "reply.json");
  ASSERT_EQ(scores.size(), 2u);
  EXPECT_EQ(scores[0].phase, "test-dev");
  EXPECT_EQ(scores[0].overall, 78.49);
  EXPECT_EQ(scores[1].phase, "test-standard");
  EXPECT_EQ(scores[1].number, 60.5);
  EXPECT_EQ(to_json(scores)[1]["other"], 70.4);
}

TEST(ServerReply, ReadsWhatTheClientShowsAroundIt) {
  EXPECT_EQ(read_vqa_reply(Json{{"result", Json::parse(kReply)}, {"id", 7}}.dump(), "r").size(), 2u);
  EXPECT_EQ(read_vqa_reply(Json{{"result", kReply}}.dump(), "r").size(), 2u);
  EXPECT_EQ(
      read_vqa_reply(R"({"test-dev": {"yes/no": 1, "number": 2, "other": 3, "overall": 2}})", "r").size(),
      1u);
}

TEST(ServerReply, RefusesWhatIsNoReply) {
  const char* cases[] = {"[]",
                         "3",
                         R"([{"test-dev": {"yes/no": 1, "number": 2, "other": 3}}])",
                         R"([{"test-dev": {"yes/no": 1, "number": 2, "other": 3, "overall": "good"}}])",
                         R"([{"test-dev": {"yes/no": 101, "number": 2, "other": 3, "overall": 2}}])",
                         R"([{"test-dev": {"yes/no": 1, "number": 2, "other": 3, "overall": 2}},
                             {"test-dev": {"yes/no": 1, "number": 2, "other": 3, "overall": 2}}])",
                         "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"};
  for (const char* text : cases) {
    try {
      read_vqa_reply(text, "reply.json");
      ADD_FAILURE() << "accepted: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << text;
      EXPECT_NE(std::string(error.what()).find("reply.json"), std::string::npos) << error.what();
    }
  }
}

TEST(ServerReply, DoubtsAnOverallThatItsPartsDoNotGive) {
  VqaPhaseScore score{"test-standard", 90, 60, 70, 0.41485 * 90 + 0.10966 * 60 + 0.47548 * 70};
  EXPECT_EQ(doubt_vqa_phase(score), std::nullopt);
  score.overall += 0.02;
  EXPECT_TRUE(doubt_vqa_phase(score).has_value());
  score.phase = "test-dev";
  EXPECT_EQ(doubt_vqa_phase(score), std::nullopt);
}

}  // namespace
}  // namespace bteval::reports
