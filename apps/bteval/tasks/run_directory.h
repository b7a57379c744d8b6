// The folder that a run is written to.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "core/journal.h"
#include "core/json.h"
#include "core/made_folder.h"
#include "records/run_manifest.h"

namespace bteval::app {

/// Everything that decides the bits of a run's results, the environment included.
OrderedJson run_header(const records::RunManifest& manifest);
/// "options/limit was 3, now it is 4; …": where `now` differs from `old`.
std::string describe_differences(const Json& old, const Json& now, const char* was, const char* is);

/// Guards a run against being mixed with another one. While a run is not finished, its folder holds a journal
/// with the results so far; whoever has the object has the journal's lock.
class RunDirectory {
 public:
  static constexpr const char* kJournal = "journal";  ///< its file's name

  /// Makes the folder and takes the lock; removes what a killed process has left half written. Where nothing
  /// is written to a folder that it made, the folder goes with the object. A finished run may be done again.
  /// Error(kUsage) where the folder holds a finished run of another reports::manifest_identity(), an
  /// unfinished one of other inputs or options (naming what differs; on_bad_image may), or files that are no
  /// run, unless `force`; or where another process writes it.
  RunDirectory(std::filesystem::path path, const records::RunManifest& manifest, bool force);

  /// The manifest of the finished run that the folder holds: same identity, and every file as it was written;
  /// null where there is none, or it is being done again.
  Json finished_manifest() const;

  /// Starts the run, or goes on with one that was interrupted: then true. Called once, when the manifest has
  /// its environment: Error(kUsage) where that is not the interrupted run's, as its results could differ.
  bool begin(const records::RunManifest& manifest);
  Journal& journal() const { return journal_; }
  /// The run is finished: the journal goes.
  void finish() const { journal_.remove(); }

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
  bool force_;
  MadeFolder folder_;  // before the journal, which leaves it first
  mutable Journal journal_;
  mutable std::set<std::string> names_;
};

}  // namespace bteval::app
