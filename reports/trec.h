// Run and relevance files of TREC (https://trec.nist.gov, read by trec_eval, pytrec_eval and ranx).
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/atomic_file.h"

namespace bteval::reports {

/// "<kind>:<id>" with blanks, control characters, '%' and what is no ASCII percent-encoded, because the
/// files' columns are separated by blanks.
std::string trec_id(std::string_view kind, std::string_view id);

/// Scores as float32 that every reader sorts into the given order: readers of run files sort again by score,
/// with ties by the document's name, and trec_eval keeps scores as float32. Where two neighbours would tie,
/// the later one becomes the next smaller float32. `scores` must not ascend and has no NaN; from the first
/// -infinity on, which means "not retrieved", they are left out.
std::vector<float> strictly_descending(std::span<const double> scores);

/// Lines "<query> Q0 <document> <rank, from 1> <score> <tag>". The file appears with commit().
class TrecRunWriter {
 public:
  TrecRunWriter(const std::filesystem::path& path, std::string tag);

  struct Answer {
    std::string_view document;  ///< a trec_id()
    double score;
  };
  /// Answers in order, scores not ascending.
  void add(std::string_view query, std::span<const Answer> answers);
  void commit();

 private:
  AtomicFile file_;
  std::string tag_, buffer_;
};

/// Lines "<query> 0 <document> 1". The file appears with commit().
class TrecQrelsWriter {
 public:
  explicit TrecQrelsWriter(const std::filesystem::path& path);
  void add(std::string_view query, std::string_view document);
  void commit();

 private:
  AtomicFile file_;
  std::string buffer_;
};

}  // namespace bteval::reports
