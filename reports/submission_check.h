// What is known about a file of predictions before anybody uploads it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bteval::reports {

struct SubmissionCheck {
  std::uint64_t predictions = 0;
  std::vector<std::string> problems;  ///< each makes the scorer reject the file, or score it wrongly
  std::vector<std::string> notes;     ///< legal, but rarely meant

  bool ok() const { return problems.empty(); }
};

/// Collects problems by kind, each with its count and its first three examples.
class ProblemList {
 public:
  void add(const std::string& kind, const std::string& example);
  /// "2 question ids that stand more than once: 7, 9", sorted by kind.
  std::vector<std::string> lines() const;

 private:
  struct Entry {
    std::uint64_t count = 0;
    std::string examples;
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace bteval::reports
