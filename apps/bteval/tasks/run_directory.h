// The folder that a run is written to.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "core/json.h"

namespace bteval::app {

/// Guards a finished run against being overwritten by another one. The same run may be done again.
class RunDirectory {
 public:
  /// Makes the folder. Error(kUsage) where it holds a run of another `identity` (see reports/manifest.h) or
  /// files that are no run, unless `force`.
  RunDirectory(std::filesystem::path path, const std::string& identity, bool force);

  /// Writes a file of the run, all of it or nothing.
  void write(const char* name, std::string_view content) const;
  /// Writes a JSON document, indented by one space, with a newline at its end.
  void write_json(const char* name, const OrderedJson& document) const;

  const std::filesystem::path& path() const { return path_; }
  /// The path of a file of the run that somebody else writes.
  std::filesystem::path file(const char* name) const;
  /// Counts files in the folder as the run's, which somebody else has written.
  void add_files(const std::vector<std::filesystem::path>& files) const;
  /// [{"name", "sha256", "bytes"}] of the run's files so far, by name. Error(kData) where one is not there.
  OrderedJson outputs() const;

 private:
  std::filesystem::path path_;
  mutable std::set<std::string> names_;
};

}  // namespace bteval::app
