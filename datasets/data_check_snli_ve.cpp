#include <set>
#include <utility>

#include "core/error.h"
#include "datasets/data_check_tasks.h"
#include "datasets/folders.h"
#include "datasets/json_records.h"
#include "datasets/snli_ve_json.h"
#include "datasets/snli_ve_layout.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

// Labels as records print them; pairs without a gold label conflict with nothing.
std::string label_of(const SnliVeRecord& record) {
  return record.label ? std::string(records::snli_ve_class_name(*record.label)) : "";
}

struct PlacedRecord {
  SnliVeRecord record;
  std::string where;
  std::size_t number;  // from 1
};

std::vector<PlacedRecord> scan_file(const fs::path& path, SplitScan& scan) {
  std::vector<PlacedRecord> records;
  const auto file = open_annotations(path, scan);
  if (!file) return records;
  const auto visit = [&](JsonReader& reader, const RecordPlace& place) {
    std::string id;
    records.push_back(
        {read_snli_ve_record(reader, id), fmt::format("{}: {}", path.string(), place.name), place.index + 1});
  };
  const ScanResult result =
      first_character(*file) == '[' ? scan_json_list(*file, "", visit) : scan_json_lines(*file, visit);
  scan.add_problems(path.string(), result);
  scan.add_count("pairs", result.records);
  return records;
}

}  // namespace

std::vector<std::string> present_snli_ve_splits(const fs::path& root) {
  std::set<std::string> splits;
  for (const fs::path& folder : snli_ve_json_folders(root)) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().stem().string();
      if (entry.path().extension() != ".jsonl") continue;
      if (name.starts_with("snli_ve_")) {
        splits.insert(name.substr(8));
      } else if (name == "train" || name == "dev" || name == "test") {
        splits.insert(name);
      }
    }
  }
  return {splits.begin(), splits.end()};
}

void scan_snli_ve(const fs::path& root, SplitScan& scan) {
  fs::path path;
  try {
    path = find_snli_ve_annotations(root, snli_ve_split(scan.split()));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kData) throw;
    scan.add_finding(Fault::kMissingFile, error.context().file, error.message());
    return;
  }
  const std::vector<PlacedRecord> records = scan_file(path, scan);
  if (records.empty()) return;
  fs::path folder;
  try {
    folder = find_snli_ve_images(snli_ve_image_folders(root), records.front().record.image_id);
  } catch (const Error& error) {
    scan.set_no_images();
    scan.add_finding(Fault::kMissingImageFolder, root.string(), error.message());
  }
  const bool has_pair_ids = !records.front().record.pair_id.empty();
  for (const PlacedRecord& placed : records) {
    const SnliVeRecord& record = placed.record;
    if (record.pair_id.empty() == has_pair_ids) {
      scan.add_finding(Fault::kBadRecord, placed.where,
                       has_pair_ids ? "has no \"pairID\", unlike others" : "has a \"pairID\", unlike others");
      continue;
    }
    const std::string id = has_pair_ids ? record.pair_id : fmt::format("row-{}", placed.number);
    const std::uint32_t image =
        scan.add_image((folder / (record.image_id + ".jpg")).string(), "pairID " + id);
    scan.add_record({id, placed.where, record.label ? record.hypothesis : "", label_of(record), {image}});
  }
  scan.add_count("images", scan.images().size());
}

}  // namespace bteval::datasets
