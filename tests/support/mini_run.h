// Runs of the mini suite's entries by the program's command line, and what they leave behind.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/run_command.h"

namespace bteval::testing {

/// What follows the program's name to evaluate one entry of the mini suite into `out`, by its name or task:
/// one thread, units of four images, quietly.
std::vector<std::string> mini_arguments(const std::string& entry, const std::filesystem::path& out);

/// Every file of a run, by name; the manifest without its times, by which equal runs may differ.
std::map<std::string, std::string> run_content(const std::filesystem::path& run);

/// Runs a bash script with the run's folder as $0, the command line as "$@", and a function
///     start_until BYTES COMMAND...
/// that starts a command and waits until the run's journal has so many bytes; it leaves the command as $pid,
/// running, or ended before it came so far.
CommandResult run_script(const std::string& script, const std::filesystem::path& run,
                         const std::vector<std::string>& argv);

}  // namespace bteval::testing
