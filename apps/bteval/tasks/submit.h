// Files for evaluation servers: made from a run, checked before they are uploaded, and the server's answer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bteval::app {

/// What a submission came to: for people, line by line.
struct SubmitReport {
  std::vector<std::filesystem::path> written;
  std::vector<std::string> facts;     ///< "447793 answers, 3 of them empty"
  std::vector<std::string> commands;  ///< what to type to upload the file
  std::vector<std::string> problems;  ///< each makes the server refuse the file, or score it wrongly
};

struct SubmitRunOptions {
  std::filesystem::path run;        ///< run directory of `bteval eval`
  std::filesystem::path out;        ///< file to write; empty: into the run directory
  std::filesystem::path questions;  ///< question or annotation file; empty: the one that the run has read
  bool allow_excluded = false;      ///< although the run's score leaves samples out
};

/// Writes a run's submission and checks it against its questions: EvalAI's JSON for VQAv2, the CSV of NLVR2,
/// JSON lines for SNLI-VE; for Flickr30K and MSCOCO a TREC run and its qrels, `out` being what their names
/// begin with. Error(kData) where the run is not finished, does not cover its split, or where the question
/// file is not the one that it was made with; Error(kUsage) where its score leaves samples out and that is
/// not allowed.
SubmitReport submit_run(const SubmitRunOptions& options);

struct SubmitCheckOptions {
  std::string task = "vqav2";        ///< "vqav2", "nlvr2" or "snli-ve"
  std::filesystem::path file;        ///< the submission
  std::filesystem::path questions;   ///< question or annotation file of the split
  std::filesystem::path vocabulary;  ///< VQAv2: list of answers, to count those outside it; may be empty
};

/// Checks anybody's file as the server would. Error(kData) where one of the files cannot be read at all.
SubmitReport check_submission(const SubmitCheckOptions& options);

/// Reads the server's reply to the submission of a VQAv2 run into the run's metrics.json, member "server",
/// and keeps the reply beside it as server_reply.json. A second reply replaces the first. Returns one line a
/// phase in `facts`, and doubts in `problems`. Error(kUsage) where the run is no VQAv2 run on a test split.
SubmitReport read_reply(const std::filesystem::path& reply, const std::filesystem::path& run);

}  // namespace bteval::app
