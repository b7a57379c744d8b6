// One split while it is checked: its records, its images and what is wrong so far.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "datasets/data_check.h"
#include "datasets/record_scan.h"

namespace bteval::datasets {

/// A record, as far as all tasks have it.
struct ScannedRecord {
  std::string id;
  std::string where;                  ///< file and record, for messages
  std::string text;                   ///< "" where repetitions do not matter
  std::string label;                  ///< "" where there is none
  std::vector<std::uint32_t> images;  ///< indices into SplitScan::images()
};

/// An image that a split needs.
struct ScannedImage {
  std::string path;
  std::string first_user;  ///< id of the first record that needs it
};

/// Collects what the scan of a split's files gives. Adapters' rules on names and folders are applied by the
/// scanners of the tasks (data_check_*.cpp).
class SplitScan {
 public:
  explicit SplitScan(std::string split) : split_(std::move(split)), official_split_(split_) {}

  void add_file(const std::string& path) { files_.push_back(path); }
  void add_count(const std::string& name, std::uint64_t found) { counts_.push_back({name, found, {}}); }
  void add_finding(Fault fault, std::string where, std::string what) {
    findings_[fault].push_back({std::move(where), std::move(what)});
  }
  /// Takes over a scan's problems as kBadFile and kBadRecord.
  void add_problems(const std::string& file, const ScanResult& scan);
  /// Index of an image; the same path gives the same index.
  std::uint32_t add_image(const std::string& path, const std::string& user);
  void add_record(ScannedRecord record) { records_.push_back(std::move(record)); }
  /// The split whose official numbers count, where that is not the split itself.
  void set_official_split(std::string split) { official_split_ = std::move(split); }
  /// Whether kMissingImage would repeat what kMissingImageFolder says.
  void set_no_images() { no_images_ = true; }

  /// Finds repeated ids, and repetitions among (images, text, label).
  void check_records();
  /// Puts the official numbers beside the found ones; without a kWrongCount where files could not be read to
  /// the end, because that says why.
  void check_counts(const std::string& task);

  const std::string& split() const { return split_; }
  const std::vector<ScannedImage>& images() const { return images_; }
  bool no_images() const { return no_images_; }
  SplitCheck result() &&;

 private:
  void check_ids();
  void check_texts();

  std::string split_;
  std::string official_split_;
  std::vector<std::string> files_;
  std::vector<CountCheck> counts_;
  std::map<Fault, std::vector<Finding>> findings_;
  std::vector<ScannedRecord> records_;
  std::vector<ScannedImage> images_;
  std::unordered_map<std::string, std::uint32_t> image_index_;
  bool no_images_ = false;
};

/// The groups of a map, in the order of Fault.
std::vector<FindingGroup> to_groups(std::map<Fault, std::vector<Finding>>&& findings);

}  // namespace bteval::datasets
