#include "core/shell_quote.h"

#include <gtest/gtest.h>

#include "support/run_command.h"

namespace bteval {
namespace {

TEST(ShellQuote, LeavesPlainWordsAsTheyAre) {
  EXPECT_EQ(shell_quoted("--model=a/b_c-1.2"), "--model=a/b_c-1.2");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

TEST(ShellQuote, AShellReadsTheSameArguments) {
  const std::vector<std::string> arguments = {"a b", "",  "'",    "\"$HOME\"", "`id`",
                                              "\\",  "*", "é\n;", "~",         "!x"};
  std::vector<std::string> command = {"printf", "%s\\0"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::string expected;
  for (const std::string& argument : arguments) expected += argument + std::string(1, '\0');
  EXPECT_EQ(bteval::testing::run_command({"sh", "-c", shell_command(command)}).out, expected);
}

}  // namespace
}  // namespace bteval
