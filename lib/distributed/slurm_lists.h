// The two short notations in Slurm's variables: lists of hosts, and of numbers of tasks.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bteval::distributed {

/// The first host of a list as in SLURM_JOB_NODELIST: "gpu[07-09,12].site,login" is gpu07.site. Nothing where
/// it is malformed or empty.
std::optional<std::string> first_host(std::string_view nodes);

/// The number of tasks of node `node`, counted from 0, in a list as in SLURM_STEP_TASKS_PER_NODE: "4(x2),1"
/// is 4, 4, 1. Nothing where it is malformed or too short.
std::optional<int> tasks_of_node(std::string_view tasks_per_node, std::size_t node);

}  // namespace bteval::distributed
