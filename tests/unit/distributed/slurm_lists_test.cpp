#include "distributed/slurm_lists.h"

#include <gtest/gtest.h>

#include <string>

namespace bteval::distributed {
namespace {

TEST(FirstHost, ReadsSlurmsNotation) {
  EXPECT_EQ(first_host("vm"), "vm");
  EXPECT_EQ(first_host("login,gpu[1-3]"), "login");
  EXPECT_EQ(first_host("gpu[07-09,12]"), "gpu07");
  EXPECT_EQ(first_host("gpu[12,07-09].site,login"), "gpu12.site");
  EXPECT_EQ(first_host("rack[2-3]node[010-020]"), "rack2node010");
  EXPECT_EQ(first_host("gpu[5]"), "gpu5");
}

TEST(FirstHost, RefusesWhatIsNone) {
  for (const char* list : {"", ",gpu1", "gpu[", "gpu[1", "gpu[]", "gpu[,1]", "gpu[a-b]", "gpu]1", "gpu[-3]"})
    EXPECT_FALSE(first_host(list)) << list;
}

TEST(TasksOfNode, ReadsSlurmsNotation) {
  EXPECT_EQ(tasks_of_node("2", 0), 2);
  for (const auto& [node, tasks] : {std::pair{0, 4}, {1, 4}, {2, 1}, {3, 8}, {4, 8}, {5, 8}})
    EXPECT_EQ(tasks_of_node("4(x2),1,8(x3)", static_cast<std::size_t>(node)), tasks) << node;
}

TEST(TasksOfNode, RefusesWhatIsNoneOrTooShort) {
  EXPECT_FALSE(tasks_of_node("4(x2),1", 3));
  for (const char* list : {"", "x", "0", "-1", "2(", "2(x", "2(x0)", "2(x2", "99999999999"})
    EXPECT_FALSE(tasks_of_node(list, 9)) << list;
}

}  // namespace
}  // namespace bteval::distributed
