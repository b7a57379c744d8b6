#include "reports/table.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace bteval::reports {
namespace {

Table example() {
  return {{{"type", Align::kLeft}, {"score", Align::kRight}},
          {{"yes/no", "87.30"}, {"naïve|x", "5.00"}, {"empty"}}};
}

TEST(Table, TextIsAligned) {
  EXPECT_EQ(to_text(example()),
            "type     score\n"
            "-------  -----\n"
            "yes/no   87.30\n"
            "naïve|x   5.00\n"
            "empty\n");
}

TEST(Table, MarkdownEscapesItsMarks) {
  EXPECT_EQ(to_markdown(example()),
            "| type | score |\n"
            "| --- | ---: |\n"
            "| yes/no | 87.30 |\n"
            "| naïve\\|x | 5.00 |\n"
            "| empty |  |\n");
  EXPECT_EQ(to_markdown({{{"a*"}}, {{"<b>\n"}}}), "| a\\* |\n| --- |\n| \\<b\\>\\\\x0a |\n");
}

TEST(Table, ControlCharactersNeverReachTheTerminal) {
  EXPECT_EQ(to_text({{{"a"}}, {{"\x1b[31m"}}}), "a\n--------\n\\x1b[31m\n");
}

TEST(Table, RowsAreNotLongerThanTheHeader) {
  const Table table{{{"a"}}, {{"1", "2"}}};
  EXPECT_THROW(to_text(table), Error);
  EXPECT_THROW(to_markdown(table), Error);
}

}  // namespace
}  // namespace bteval::reports
