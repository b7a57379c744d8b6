// What tests of the built program begin with.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/json.h"
#include "support/files.h"
#include "support/mini_run.h"
#include "support/mini_vqav2.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {

namespace fs = std::filesystem;
using testing::CommandResult;
using testing::json_lines_of;
using testing::mini_suite;
using testing::MiniEval;
using testing::MiniVqav2;
using testing::run_command;
using testing::run_content;
using testing::run_script;
using testing::TempDir;
using testing::text_of;

/// `bteval` with these words.
inline CommandResult bteval_run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), BTEVAL_BINARY);
  return run_command(arguments);
}

/// The whole command line of an evaluation, and its result.
inline std::vector<std::string> command_line(const MiniEval& eval) {
  std::vector<std::string> argv = eval.arguments();
  argv.insert(argv.begin(), BTEVAL_BINARY);
  return argv;
}
inline CommandResult evaluate(const MiniEval& eval) { return run_command(command_line(eval)); }

/// The command line for an entry of the mini suite with one thread and units of four images: many small
/// units.
inline std::vector<std::string> in_units(const std::string& entry, const fs::path& out) {
  std::vector<std::string> argv = testing::mini_arguments(entry, out);
  argv.insert(argv.begin(), BTEVAL_BINARY);
  return argv;
}

/// Gives an option of a command line another value, or adds it.
inline void set_option(std::vector<std::string>& argv, const std::string& option, const std::string& value) {
  const auto found = std::find(argv.begin(), argv.end(), option);
  if (found != argv.end()) {
    *std::next(found) = value;
  } else {
    argv.insert(argv.end(), {option, value});
  }
}

/// run_script() with the functions of tests/support/ranks.sh.
inline CommandResult with_ranks(const std::string& script, const fs::path& run,
                                const std::vector<std::string>& argv) {
  return run_script("source " + (testing::source_dir() / "tests/support/ranks.sh").string() + "\n" + script,
                    run, argv);
}

}  // namespace bteval
