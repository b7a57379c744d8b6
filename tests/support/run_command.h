// Running a program from a test, without a shell.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bteval::testing {

struct CommandResult {
  int exit_status =
      -1;           ///< as a shell would report it: 128 + the signal's number where one ended the program
  std::string out;  ///< everything on standard output
  std::string err;  ///< everything on standard error
  double processor_seconds = 0;  ///< user and system
  std::uint64_t peak_bytes = 0;  ///< of resident memory
};

/// Runs argv[0], found through PATH where it has no slash, with `stdin_text` on its standard input, and waits
/// for its end. Throws std::runtime_error where it cannot be started. It may read and write any amount in any
/// order.
CommandResult run_command(std::vector<std::string> argv, std::string stdin_text = "");

}  // namespace bteval::testing
