// `bteval probe tokens`, run as users run it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "core/json.h"
#include "support/run_command.h"
#include "support/test_paths.h"
#include "support/tiny_tokenizer.h"

namespace bteval {
namespace {

using testing::CommandResult;
using ::testing::HasSubstr;
using Ids = std::vector<std::int32_t>;

class ProbeTokens : public ::testing::Test {
 protected:
  ProbeTokens() { std::ofstream(dir_.path() / "tokenizer.json") << tiny_.tokenizer_json(); }

  CommandResult probe(const std::string& input, std::vector<std::string> more = {}) const {
    std::vector<std::string> argv = {BTEVAL_BINARY, "probe", "tokens", "--tokenizer", dir_.path().string()};
    argv.insert(argv.end(), more.begin(), more.end());
    return testing::run_command(argv, input);
  }

  static std::vector<Ids> lists(const CommandResult& result) {
    EXPECT_EQ(result.exit_status, 0) << result.err;
    std::vector<Ids> ids;
    std::size_t start = 0;
    for (std::size_t end; (end = result.out.find('\n', start)) != std::string::npos; start = end + 1) {
      ids.push_back(parse_json(result.out.substr(start, end - start), "output").get<Ids>());
    }
    EXPECT_EQ(start, result.out.size()) << "the output ends with a line break";
    return ids;
  }

  testing::TempDir dir_;
  testing::TinyTokenizer tiny_;
};

TEST_F(ProbeTokens, PrintsOneListForEachLine) {
  const std::vector<Ids> expected = {
      {0, tiny_.id("hello"), 2}, {0, 2}, {0, tiny_.id("a"), tiny_.id("č"), 2}, {0, 4, 2}};
  EXPECT_EQ(lists(probe("hello\n\na\r\n <mask>\n")), expected);
  EXPECT_EQ(lists(probe("hello\n\na\r\n <mask>")), expected) << "the last line needs no line break";
  EXPECT_TRUE(lists(probe("")).empty());
}

TEST_F(ProbeTokens, ReadsJsonStringsSoThatTextsCanHoldAnything) {
  const std::vector<Ids> expected = {{0, tiny_.id("a"), tiny_.id("Ċ"), tiny_.id("a"), tiny_.id("Ā"), 2},
                                     {0, tiny_.id("Ã©"), 2}};
  EXPECT_EQ(lists(probe("\"a\\na\\u0000\"\n\"\\u00e9\"\n", {"--json-lines"})), expected);
}

TEST_F(ProbeTokens, TruncatesAndKeepsTheLastMarker) {
  EXPECT_EQ(lists(probe("hello world\n", {"--max-length", "3"})),
            (std::vector<Ids>{{0, tiny_.id("hello"), 2}}));
}

TEST_F(ProbeTokens, GivesTheGoldenIdsForManyLines) {
  const Json golden = read_json(testing::golden_data("text/roberta.json"));
  std::ofstream(dir_.path() / "tokenizer.json") << golden.at("tokenizer");
  std::string input;
  std::vector<Ids> expected;
  for (int round = 0; round < 50; ++round) {  // more than any pipe or buffer holds at once
    for (const Json& c : golden.at("cases")) {
      input += c.at("text").dump() + "\n";
      expected.push_back(c.at("ids").get<Ids>());
    }
  }
  EXPECT_EQ(lists(probe(input, {"--json-lines"})), expected);
}

TEST_F(ProbeTokens, ReportsTheTimeOfEachPass) {
  const CommandResult result = probe("hello\nhello world\n", {"--repeat", "2"});
  EXPECT_EQ(lists(result).size(), 2U);
  EXPECT_THAT(result.err, HasSubstr("{\"pass\": 1, \"texts\": 2, \"ids\": 7, \"seconds\": "));
}

TEST_F(ProbeTokens, NamesTheLineThatIsWrongAfterPrintingThoseBefore) {
  const CommandResult utf8 = probe("hello\nab\xff\n");
  EXPECT_EQ(utf8.exit_status, 3);
  EXPECT_EQ(utf8.err, "bteval: standard input: line 2: at byte 2: the text is not valid UTF-8: '\\xff'\n");
  EXPECT_EQ(utf8.out, fmt::format("[0, {}, 2]\n", tiny_.id("hello")));
  const CommandResult number = probe("12\n", {"--json-lines"});
  EXPECT_EQ(number.exit_status, 3);
  EXPECT_EQ(number.err, "bteval: standard input: line 1: is no JSON string\n");
  const CommandResult open = probe("\"a\n", {"--json-lines"});
  EXPECT_EQ(open.exit_status, 3);
  EXPECT_THAT(open.err, HasSubstr("bteval: standard input: line 1: at byte 2: is not valid JSON"));
}

TEST_F(ProbeTokens, EndsWithTheDocumentedStatus) {
  EXPECT_EQ(probe("", {"--max-length", "1"}).exit_status, 2);
  EXPECT_EQ(probe("", {"--max-length", "-3"}).exit_status, 2);
  EXPECT_EQ(testing::run_command({BTEVAL_BINARY, "probe", "tokens"}).exit_status, 2);
  const CommandResult absent =
      testing::run_command({BTEVAL_BINARY, "probe", "tokens", "--tokenizer", "/no/such/folder"});
  EXPECT_EQ(absent.exit_status, 4);
  EXPECT_EQ(absent.err, "bteval: /no/such/folder: is no folder, so there are no tokenizer files in it\n");
  std::ofstream(dir_.path() / "tokenizer.json") << R"({"model": {"type": "WordPiece"}})";
  const CommandResult other = probe("a\n");
  EXPECT_EQ(other.exit_status, 4);
  EXPECT_THAT(other.err, HasSubstr("tokenizer.json: model: only BPE is supported"));
}

}  // namespace
}  // namespace bteval
