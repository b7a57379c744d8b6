// Starting all ranks of a world on this machine, without a launcher.
#pragma once

#include <string>
#include <vector>

namespace bteval::distributed {

/// Starts commands[r] as rank r of a world of commands.size() ranks on this machine: with RANK, WORLD_SIZE,
/// LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR and MASTER_PORT (a free port), from argv[0] as a path or found
/// through PATH. Waits until all have ended and returns rank 0's exit status, 128 + its number where a signal
/// ended it. Standard output is rank 0's alone; lines that other ranks write to standard error get "rank 3: "
/// in front.
///
/// SIGINT and SIGTERM are handed on to all ranks. Where rank 0 fails the others are told to end (SIGTERM),
/// and killed five seconds later; where it succeeds they have a minute for it. Another rank's end is the
/// matter of rank 0. Every rank calls end_with_parent(), so none outlives this process.
///
/// Error(kDevice) where the system starts no more processes; those that were started are stopped. No other
/// child of this process may end meanwhile.
int run_local_ranks(const std::vector<std::vector<std::string>>& commands);

/// In a process that run_local_ranks() started: asks the system to kill it when that one is gone. Does
/// nothing elsewhere.
void end_with_parent();

}  // namespace bteval::distributed
