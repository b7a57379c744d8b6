#include "datasets/split_scan.h"

#include <string_view>
#include <utility>

#include "core/error.h"
#include "datasets/official_counts.h"

namespace bteval::datasets {

void SplitScan::add_problems(const std::string& file, const ScanResult& scan) {
  for (const ScanProblem& problem : scan.problems) {
    std::string where = problem.record.empty() ? file : fmt::format("{}: {}", file, problem.record);
    if (problem.offset) where += fmt::format(": at byte {}", *problem.offset);
    add_finding(problem.record.empty() ? Fault::kBadFile : Fault::kBadRecord, std::move(where),
                problem.message);
  }
}

std::uint32_t SplitScan::add_image(const std::string& path, const std::string& user) {
  const auto [found, is_new] = image_index_.try_emplace(path, static_cast<std::uint32_t>(images_.size()));
  if (is_new) images_.push_back({path, user});
  return found->second;
}

void SplitScan::check_records() {
  check_ids();
  check_texts();
}

void SplitScan::check_ids() {
  std::unordered_map<std::string_view, std::size_t> first;
  first.reserve(records_.size());
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const auto [found, is_new] = first.try_emplace(records_[i].id, i);
    if (is_new) continue;
    add_finding(Fault::kRepeatedId, fmt::format("{}: id {}", records_[i].where, printable(records_[i].id)),
                fmt::format("stands already at {}", records_[found->second].where));
  }
}

void SplitScan::check_texts() {
  std::unordered_map<std::string, std::size_t> first;  // images and text -> record
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const ScannedRecord& record = records_[i];
    if (record.text.empty()) continue;
    std::string key;
    for (const std::uint32_t image : record.images) key += fmt::format("{} ", image);
    key += record.text;
    const auto [found, is_new] = first.try_emplace(std::move(key), i);
    if (is_new) continue;
    const ScannedRecord& other = records_[found->second];
    const std::string where = fmt::format("{}: id {}", record.where, printable(record.id));
    if (other.label == record.label) {
      add_finding(Fault::kRepeatedText, where, fmt::format("says the same as id {}", printable(other.id)));
    } else {
      add_finding(Fault::kConflictingLabels, where,
                  fmt::format("is \"{}\", but id {} with the same images and text is \"{}\"",
                              printable(record.label), printable(other.id), printable(other.label)));
    }
  }
}

void SplitScan::check_counts(const std::string& task) {
  const bool complete = !findings_.contains(Fault::kBadFile) && !findings_.contains(Fault::kMissingFile);
  for (CountCheck& count : counts_) {
    count.official = official_count(task, official_split_, count.name);
    if (complete && count.official && *count.official != count.found) {
      add_finding(Fault::kWrongCount, fmt::format("{} {}", split_, count.name),
                  fmt::format("{}, officially {}", count.found, *count.official));
    }
  }
}

SplitCheck SplitScan::result() && {
  return {std::move(split_), std::move(files_), std::move(counts_), to_groups(std::move(findings_))};
}

std::vector<FindingGroup> to_groups(std::map<Fault, std::vector<Finding>>&& findings) {
  std::vector<FindingGroup> groups;
  for (auto& [fault, list] : findings) groups.push_back({fault, std::move(list)});
  return groups;
}

}  // namespace bteval::datasets
