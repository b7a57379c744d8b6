#include "reports/run_documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace bteval::reports {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* pointer;
  Json value;
  const char* message;
};

template <typename Check>
void expect_refused(const Json& good, const Case& c, const Check& check) {
  Json document = good;
  document[Json::json_pointer(c.pointer)] = c.value;
  try {
    check(document, "f.json");
    ADD_FAILURE() << c.pointer << " = " << c.value << " was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_EQ(error.context().file, "f.json");
    EXPECT_THAT(error.what(), HasSubstr(c.message)) << c.pointer;
  }
}

TEST(RunDocuments, ManifestsOfAnyContentAreSafeToRead) {
  const Json good = {
      {"schema", 1},
      {"tool", {{"name", "bteval"}, {"version", "0.1.0"}}},
      {"task", "vqav2"},
      {"signature", "vqav2|split:val"},
      {"inputs", {{{"role", "questions"}, {"path", "q.json"}, {"sha256", "aa"}, {"bytes", 3}}}},
      {"options", {{"limit", 0}, {"scorer", nullptr}, {"of another version", {1, 2}}}},
      {"counts", {{"samples", 3}}},
      {"refused", Json::array()},
      {"command", {"bteval", "eval"}},
      {"timing", {{"seconds", 1.5}}},
      {"outputs", {{{"name", "metrics.json"}, {"sha256", "bb"}, {"bytes", 7}}}}};
  EXPECT_NO_THROW(check_manifest(good, "f.json"));
  EXPECT_NO_THROW(check_manifest(Json::object(), "f.json"));
  const Case cases[] = {
      {"", Json::array(), "f.json: manifest: is no JSON object"},
      {"/task", 7, "manifest: \"task\" is not a string: 7"},
      {"/signature", nullptr, "\"signature\" is not a string: null"},
      {"/tool", "bteval", "tool: is no JSON object"},
      {"/tool/version", 1, "tool: \"version\" is not a string"},
      {"/inputs", "none", "\"inputs\" is no list"},
      {"/inputs/0", "q.json", "inputs 0: is no JSON object"},
      {"/inputs/0/sha256", Json::array(), "inputs 0: \"sha256\" is not a string"},
      {"/inputs/0/bytes", -1, "inputs 0: \"bytes\" is not a whole number from 0 on: -1"},
      {"/options", Json::array(), "options: is no JSON object"},
      {"/options/limit", "all", "options: \"limit\" is not a whole number"},
      {"/options/limit", 18446744073709551615U, "options: \"limit\" is not a whole number"},
      {"/options/protocol", 5, "options: \"protocol\" is not a string"},
      {"/counts/parameters", 1.5, "counts: \"parameters\" is not a whole number"},
      {"/refused", Json::object(), "\"refused\" is no list"},
      {"/command", Json{"bteval", 1}, "\"command\" is not a list of strings"},
      {"/timing/seconds", "long", "timing: \"seconds\" is not a number"},
      {"/outputs/0/name", "../manifest.json", "outputs 0: \"../manifest.json\" is no name of a file"},
      {"/outputs/0/name", "/etc/passwd", "is no name of a file in the run's folder"},
      {"/outputs/0/name", "..", "is no name of a file in the run's folder"},
      {"/outputs/0/name", "", "is no name of a file in the run's folder"},
  };
  for (const Case& c : cases) expect_refused(good, c, check_manifest);
}

TEST(RunDocuments, MetricsOfAnyContentAreSafeToRead) {
  const Json value = {{"value", 70.1}, {"unrounded", 70.13}, {"count", 3}};
  const Json good = {{"signature", "vqav2|split:val"},
                     {"score", {{"overall", value}, {"groups", {{"by answer type", {{"yes/no", value}}}}}}},
                     {"server", {{{"phase", "test-dev"}, {"overall", 70.0}}}}};
  EXPECT_NO_THROW(check_metrics(good, "f.json"));
  EXPECT_NO_THROW(check_metrics({{"score", nullptr}, {"why_no_score", "no labels"}}, "f.json"));
  const Case cases[] = {
      {"", 5, "f.json: metrics: is no JSON object"},
      {"/why_no_score", 3, "\"why_no_score\" is not a string"},
      {"/score", 70, "score: is no JSON object"},
      {"/score/overall", 70, "overall: is no JSON object"},
      {"/score/overall/unrounded", "70", "\"unrounded\" is not a number"},
      {"/score/groups", Json::array(), "groups: is no JSON object"},
      {"/score/groups/by answer type", 3, "groups \"by answer type\": is no JSON object"},
      {"/score/groups/by answer type/yes~1no", 3, "is no JSON object"},
      {"/score/groups/by answer type/yes~1no/count", 0.5, "\"count\" is not a whole number"},
      {"/server/0/phase", 1, "server 0: \"phase\" is not a string"},
      {"/server/0/overall", "70", "server 0: \"overall\" is not a number"},
  };
  for (const Case& c : cases) expect_refused(good, c, check_metrics);
}

}  // namespace
}  // namespace bteval::reports
