// `bteval verify` and `bteval reproduce`: whether a run directory still is what its manifest says.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace bteval::app {

struct VerifyOptions {
  std::filesystem::path run;
  std::filesystem::path data;       ///< folder in which the run's data files are looked for; may be empty
  std::filesystem::path model;      ///< the checkpoint, where it lies elsewhere now; may be empty
  std::filesystem::path tokenizer;  ///< the tokenizer's folder, likewise
};

enum class Verdict {
  kMatches,
  kDiffers,     ///< something is not what the run has read or written
  kNotChecked,  ///< a file is not there any more, or the comparison does not exist
};

/// "matches", "differs", "not checked"
const char* verdict_name(Verdict verdict);

struct VerifyItem {
  std::string what;  ///< "input checkpoint", "predictions.jsonl", "metrics from predictions"
  Verdict verdict = Verdict::kMatches;
  std::string detail;  ///< how it differs, or why it was not checked
};

struct VerifyReport {
  std::vector<VerifyItem> items;
  std::size_t count(Verdict verdict) const;
};

/// Checks the identity and the signature against the manifest; every input's digest, computed as the run did;
/// every output's digest; the score, recomputed from the predictions by the code of `bteval score`; and the
/// submission, made again. Digests prove that nothing changed by accident or was exchanged; whoever rewrites
/// predictions, metrics and all digests is found by running `bteval reproduce` only. Error(kData) where the
/// folder is no finished run.
VerifyReport verify_run(const VerifyOptions& options);

struct Reproduction {
  std::string command;  ///< to paste into a POSIX shell
  std::vector<std::string> warnings;
};

/// The command that made the run, and what may keep it from giving the same bits: another version or build of
/// bteval, inputs that are not there any more, relative paths. Error(kData) where the folder is no finished
/// run.
Reproduction reproduce_run(const std::filesystem::path& run);

}  // namespace bteval::app
