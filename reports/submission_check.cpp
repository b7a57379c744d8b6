#include "reports/submission_check.h"

#include <fmt/format.h>

namespace bteval::reports {

void ProblemList::add(const std::string& kind, const std::string& example) {
  Entry& entry = entries_[kind];
  if (entry.count > 0 && entry.count < 3) entry.examples += ", ";
  if (entry.count < 3) entry.examples += example;
  if (entry.count == 3) entry.examples += ", …";
  ++entry.count;
}

std::vector<std::string> ProblemList::lines() const {
  std::vector<std::string> out;
  for (const auto& [kind, entry] : entries_) {
    out.push_back(fmt::format("{} {}: {}", entry.count, kind, entry.examples));
  }
  return out;
}

}  // namespace bteval::reports
