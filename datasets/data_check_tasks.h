// What a check does differently for each task. Internal to the check.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "datasets/image_probe.h"
#include "datasets/split_scan.h"

namespace bteval::datasets {

/// How one task's files are found and read.
struct CheckedTask {
  const char* name;
  /// The name by which official numbers know a split: "dev" for "val".
  std::string (*split_name)(const std::string& name);
  /// Splits that are under the root, official ones and others.
  std::vector<std::string> (*present_splits)(const std::filesystem::path& root);
  /// Reads a split's annotation files to their ends. What is wrong with them goes into the scan;
  /// Error(kUsage) for a split that cannot exist.
  void (*scan)(const std::filesystem::path& root, SplitScan& scan);
  bool names_lie;  ///< whether images of another kind than their names say are normal
};

std::vector<std::string> present_vqav2_splits(const std::filesystem::path& root);
std::vector<std::string> present_nlvr2_splits(const std::filesystem::path& root);
std::vector<std::string> present_snli_ve_splits(const std::filesystem::path& root);
std::vector<std::string> present_flickr30k_splits(const std::filesystem::path& root);
std::vector<std::string> present_coco_splits(const std::filesystem::path& root);
void scan_vqav2(const std::filesystem::path& root, SplitScan& scan);
void scan_nlvr2(const std::filesystem::path& root, SplitScan& scan);
void scan_snli_ve(const std::filesystem::path& root, SplitScan& scan);
void scan_flickr30k(const std::filesystem::path& root, SplitScan& scan);
void scan_coco(const std::filesystem::path& root, SplitScan& scan);

/// The kind of finding that a probe is; nothing for a good one.
std::optional<Fault> image_fault(const ImageProbe& probe);
/// Whether decoding says more than the probe does.
bool is_decodable(const ImageProbe& probe);

/// Official splits whose .arrow tables are under the root.
std::vector<std::string> present_arrow_splits(const std::string& task, const std::filesystem::path& root);
/// Checks the tables of splits. Error(kUsage) where bteval was built without Arrow.
DataCheck check_arrow_data(const DataCheckOptions& options, const std::vector<std::string>& splits);

/// The file, noted in `scan` as read; nullptr, and a finding, where it cannot be opened.
std::shared_ptr<const Bytes> open_annotations(const std::filesystem::path& path, SplitScan& scan);

}  // namespace bteval::datasets
