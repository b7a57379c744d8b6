// What tests of the built program begin with.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
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

}  // namespace bteval
