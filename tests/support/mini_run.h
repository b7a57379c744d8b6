// Runs of the mini suite's entries by the program's command line, and what they leave behind.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/run_command.h"

namespace bteval::testing {

/// One entry of the mini suite, to be evaluated alone.
struct MiniEval {
  std::string name;                             ///< the entry's, or its task where it has none
  std::filesystem::path out;                    ///< --out
  std::filesystem::path data = {}, model = {};  ///< in the place of the entry's
  std::string split = {};                       ///< in the place of the entry's
  std::vector<std::string> more = {};           ///< further options

  /// The words behind "bteval", with the options that the suite gives the entry, and --quiet.
  std::vector<std::string> arguments() const;
};

/// The words for an entry as it is, with one thread and units of four images.
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
