// The table of bad inputs: what `bteval` says about each, and what it must never do whatever the input.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "support/test_paths.h"

namespace bteval::testing {

/// A folder of its own for one row, with the files that the command reads.
class BadInputFiles {
 public:
  std::filesystem::path path(const std::string& name) const { return dir_.path() / name; }
  /// Writes a file, and the folders that it lies in.
  void write(const std::string& name, std::string_view content) const;
  std::string read(const std::string& name) const;
  /// Puts `now` in the place of the first `before`, which must be there.
  void replace(const std::string& name, std::string_view before, std::string_view now) const;
  /// Keeps the first bytes of a file.
  void cut(const std::string& name, std::size_t bytes) const;
  /// Copies a file or a folder of the mini suite.
  void copy(const std::string& mini, const std::string& name) const;
  void remove(const std::string& name) const;

 private:
  TempDir dir_;
};

/// One row. In `command` and `message` "@" at the begin of a word stands for the folder of the row:
/// "@q.json".
struct BadInput {
  const char* name;
  std::function<void(const BadInputFiles&)> files;  ///< makes all files, one of them bad
  std::string command;                              ///< words parted by single spaces, without "bteval"
  int exit_status;
  /// All of standard error without "bteval: " at its begin and the line's end; "*" stands for any characters
  /// of one line. Must name the file, the record and the place where there are any.
  std::string message;
  std::string out = "";                  ///< of standard output, with "*"; "**": some of what the file holds
  std::vector<std::string> leaves = {};  ///< files that may be there afterwards, and nothing else
  std::vector<std::string> more = {};    ///< further words of the command, taken as they are but for "@"
};

void PrintTo(const BadInput& row, std::ostream* out);

/// Runs the row and fails the current test where anything differs. Checks, beside the row's own wishes, that
/// standard error is printable UTF-8 without a trace of an exception, and that no file is left behind.
void expect_refused(const BadInput& row, const std::string& binary);

/// True where all of `text` fits `pattern`, whose "*" stand for any number of characters other than line
/// ends.
bool fits(std::string_view text, std::string_view pattern);

}  // namespace bteval::testing
