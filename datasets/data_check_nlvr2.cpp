#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "datasets/data_check_tasks.h"
#include "datasets/folders.h"
#include "datasets/json_records.h"
#include "datasets/nlvr2_json.h"
#include "datasets/nlvr2_layout.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 8> kSplits = {
    "train", "dev", "test1", "test2", "balanced_dev", "balanced_test1", "unbalanced_dev", "unbalanced_test1"};

struct PlacedRecord {
  Nlvr2Record record;
  std::string where;
};

std::vector<PlacedRecord> scan_file(const fs::path& path, SplitScan& scan) {
  std::vector<PlacedRecord> records;
  const auto file = open_annotations(path, scan);
  if (!file) return records;
  const auto visit = [&](JsonReader& reader, const RecordPlace& place) {
    std::string id;
    records.push_back({read_nlvr2_record(reader, id), fmt::format("{}: {}", path.string(), place.name)});
  };
  const ScanResult result =
      first_character(*file) == '[' ? scan_json_list(*file, "", visit) : scan_json_lines(*file, visit);
  scan.add_problems(path.string(), result);
  return records;
}

// Both subsets must lie within the split and agree with its labels.
void compare_subset(const std::vector<PlacedRecord>& records, const fs::path& path, SplitScan& scan) {
  std::unordered_map<std::string_view, const PlacedRecord*> index;
  for (const PlacedRecord& placed : records) index.try_emplace(placed.record.identifier, &placed);
  for (const PlacedRecord& placed : scan_file(path, scan)) {
    const std::string where = fmt::format("{}: identifier {}", placed.where, placed.record.identifier);
    const auto found = index.find(placed.record.identifier);
    if (found == index.end()) {
      scan.add_finding(Fault::kContradiction, where, fmt::format("is not in the split {}", scan.split()));
    } else if (placed.record.label && found->second->record.label &&
               placed.record.label != found->second->record.label) {
      scan.add_finding(Fault::kContradiction, where,
                       fmt::format("has another label than at {}", found->second->where));
    }
  }
}

class ImageFolders {
 public:
  ImageFolders(const fs::path& root, SplitScan& scan) : roots_(nlvr2_image_roots(root)), scan_(scan) {}

  /// Index of an image; nothing where its split has no folder, which becomes one finding.
  std::optional<std::uint32_t> add(const PlacedRecord& placed, const Nlvr2Identifier& identifier, int side) {
    const std::string split(identifier.split);
    auto found = folders_.find(split);
    if (found == folders_.end()) found = folders_.emplace(split, find_folder(placed)).first;
    if (!found->second) return std::nullopt;
    return scan_.add_image(found->second->path(identifier.image_name(side), placed.record.directory),
                           "identifier " + placed.record.identifier);
  }

 private:
  std::optional<Nlvr2ImageFolder> find_folder(const PlacedRecord& first) {
    try {
      return Nlvr2ImageFolder(roots_, first.record);
    } catch (const Error& error) {
      scan_.add_finding(Fault::kMissingImageFolder, first.where, error.message());
      return std::nullopt;
    }
  }

  std::vector<fs::path> roots_;
  std::map<std::string, std::optional<Nlvr2ImageFolder>> folders_;
  SplitScan& scan_;
};

}  // namespace

std::vector<std::string> present_nlvr2_splits(const fs::path& root) {
  std::vector<std::string> splits;
  for (const char* split : kSplits) {
    try {
      find_nlvr2_annotations(root, split);
      splits.emplace_back(split);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kData) throw;
    }
  }
  return splits;
}

void scan_nlvr2(const fs::path& root, SplitScan& scan) {
  const std::string split = nlvr2_split(scan.split());
  fs::path path;
  try {
    path = find_nlvr2_annotations(root, split);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kData) throw;
    scan.add_finding(Fault::kMissingFile, error.context().file, error.message());
    return;
  }
  const std::vector<PlacedRecord> records = scan_file(path, scan);
  ImageFolders folders(root, scan);
  for (const PlacedRecord& placed : records) {
    const Nlvr2Identifier identifier = *parse_nlvr2_identifier(placed.record.identifier);
    ScannedRecord record{placed.record.identifier, placed.where, placed.record.sentence, "", {}};
    if (placed.record.label) record.label = *placed.record.label ? "True" : "False";
    for (const int side : {0, 1}) {
      if (const auto image = folders.add(placed, identifier, side)) record.images.push_back(*image);
    }
    // Without images, whether two texts are about the same ones is not known.
    if (record.images.empty()) record.text.clear();
    scan.add_record(std::move(record));
  }
  scan.add_count("sentences", records.size());
  for (const char* kind : {"balanced", "unbalanced"}) {
    if (const auto subset = find_nlvr2_subset(path, kind, split)) compare_subset(records, *subset, scan);
  }
}

}  // namespace bteval::datasets
