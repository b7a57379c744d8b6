#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "core/read_file.h"
#include "datasets/data_check_tasks.h"
#include "datasets/json_records.h"
#include "datasets/retrieval_json.h"
#include "datasets/retrieval_layout.h"
#include "datasets/retrieval_names.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

// An image with its captions, as far as the record says them.
struct Entry {
  RetrievalImage image;
  std::string coco_id;                                        // of COCO's own form: what captions refer to
  std::vector<std::pair<std::string, std::string>> captions;  // id ("" for none) and text
  std::string where;
  bool one_caption = false;  // a record of the list form with one caption: its image may stand again
};

std::string checked_path(const std::string& path) {
  if (const char* fault = image_path_fault(path)) {
    throw Error(ErrorCode::kData, fmt::format("the image name \"{}\" {}", printable(path, 80), fault));
  }
  return path;
}

void read_sentences(JsonReader& reader, Entry& entry) {
  std::string_view key;
  reader.enter_object();
  while (reader.next_key(key)) {
    if (key != "sentences") {
      reader.skip();
      continue;
    }
    entry.captions.clear();
    reader.enter_array();
    while (reader.next_element()) {
      const RecordFields fields(reader, {"raw", "sentid"});
      const std::string* id = fields.find("sentid");
      entry.captions.emplace_back(id == nullptr ? "" : *id, fields.text_at("raw"));
    }
  }
}

class RetrievalScanner {
 public:
  RetrievalScanner(const Bytes& file, SplitScan& scan) : file_(file), scan_(scan) {}

  void run() {
    if (first_character(file_) == '[') {
      is_list_ = true;
      report(scan_json_list(
          file_, "", [&](JsonReader& reader, const RecordPlace& place) { read_list_record(reader, place); }));
      return;
    }
    const bool complete = report(scan_json_list(
        file_, "images", [&](JsonReader& reader, const RecordPlace& place) { read_image(reader, place); }));
    if (!complete || has_sentences_) return;
    for (std::size_t i = 0; i < entries_.size(); ++i) by_id_.try_emplace(entries_[i].coco_id, i);
    report(scan_json_list(file_, "annotations",
                          [&](JsonReader& reader, const RecordPlace&) { read_annotation(reader); }));
  }

  bool is_list() const { return is_list_; }
  std::vector<Entry>& entries() { return entries_; }

 private:
  bool report(const ScanResult& result) {
    scan_.add_problems(file_.name(), result);
    return result.complete;
  }

  std::string where(const RecordPlace& place) const {
    return fmt::format("{}: {}", file_.name(), is_list_ ? "records" + place.name : place.name);
  }

  void read_image(JsonReader& reader, const RecordPlace& place) {
    JsonReader again = reader;
    const RecordFields fields(reader,
                              {"filename", "file_name", "filepath", "cocoid", "id", "image_id", "split"});
    const std::string* split = fields.find("split");
    // What belongs to other splits is theirs to tell.
    if (split != nullptr && *split != scan_.split()) {
      has_sentences_ = true;
      return;
    }
    Entry entry;
    entry.where = where(place);
    read_sentences(again, entry);
    const std::string* name = fields.find("filename");
    if (name == nullptr) name = &fields.text_at("file_name");
    const std::string* folder = fields.find("filepath");
    const bool karpathy = split != nullptr || !entry.captions.empty();
    has_sentences_ = has_sentences_ || karpathy;
    if (karpathy) {
      if (split == nullptr) throw Error(ErrorCode::kData, "has no \"split\"");
      entry.image.path = checked_path(folder == nullptr ? *name : *folder + "/" + *name);
      if (entry.captions.empty()) throw Error(ErrorCode::kData, "has no captions");
    } else {
      entry.image.path = checked_path(coco_image_path(*name));
      const std::string* id = fields.find("image_id");
      entry.coco_id = id == nullptr ? fields.at("id") : *id;
    }
    entries_.push_back(std::move(entry));
  }

  void read_annotation(JsonReader& reader) {
    const RecordFields fields(reader, {"id", "image_id", "caption"});
    const auto found = by_id_.find(fields.at("image_id"));
    if (found == by_id_.end()) {
      throw Error(ErrorCode::kData, fmt::format("is about image {}, which is not among the images",
                                                printable(fields.at("image_id"), 40)));
    }
    entries_[found->second].captions.emplace_back(fields.at("id"), fields.text_at("caption"));
  }

  void read_list_record(JsonReader& reader, const RecordPlace& place) {
    Entry entry;
    entry.where = where(place);
    std::string_view key;
    reader.enter_object();
    while (reader.next_key(key)) {
      if (key == "image") {
        entry.image.path = checked_path(std::string(reader.read_string()));
      } else if (key == "caption" && reader.peek() == JsonReader::Type::kArray) {
        reader.enter_array();
        while (reader.next_element()) entry.captions.emplace_back("", reader.read_string());
      } else if (key == "caption") {
        entry.one_caption = true;
        entry.captions.emplace_back("", reader.read_string());
      } else {
        reader.skip();
      }
    }
    if (entry.image.path.empty()) throw Error(ErrorCode::kData, "has no \"image\"");
    if (entry.captions.empty()) throw Error(ErrorCode::kData, "has no captions");
    entries_.push_back(std::move(entry));
  }

  const Bytes& file_;
  SplitScan& scan_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> by_id_;
  bool is_list_ = false;
  bool has_sentences_ = false;
};

// Images that stand twice, by path.
void check_images(const std::vector<Entry>& entries, SplitScan& scan) {
  std::unordered_map<std::string_view, const Entry*> first;
  for (const Entry& entry : entries) {
    const auto [found, is_new] = first.try_emplace(entry.image.path, &entry);
    if (is_new || entry.one_caption) continue;
    scan.add_finding(Fault::kRepeatedId,
                     fmt::format("{}: image {}", entry.where, printable(entry.image.path)),
                     fmt::format("stands already at {}", found->second->where));
  }
}

void add_records(const std::vector<Entry>& entries, const std::vector<std::string>& paths, SplitScan& scan) {
  std::unordered_map<std::string, std::size_t> number_of;  // captions of an image so far
  std::uint64_t captions = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    const std::uint32_t image = scan.add_image(paths[i], "image " + printable(entry.image.path));
    for (const auto& [id, text] : entry.captions) {
      ++captions;
      const std::size_t number = number_of[entry.image.path]++;
      ScannedRecord record;
      record.id = id.empty() ? fmt::format("{}#{}", entry.image.path, number) : id;
      record.where = entry.where;
      record.text = text;
      record.images = {image};
      scan.add_record(std::move(record));
    }
    if (entry.captions.empty()) {
      scan.add_finding(Fault::kBadRecord, entry.where, "has no captions");
    }
  }
  scan.add_count("images", scan.images().size());
  scan.add_count("captions", captions);
}

std::vector<std::string> present_splits(const fs::path& root, const char* dataset) {
  const RetrievalLayout& layout = retrieval_layout(dataset);
  std::vector<std::string> splits;
  for (const char* split : {"train", "restval", "val", "test"}) {
    fs::path path;
    try {
      path = find_retrieval_annotations(root, layout, split);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kData) throw;
      continue;
    }
    if (path.filename() != layout.karpathy_file) {
      splits.emplace_back(split);
      continue;
    }
    // One file for all splits.
    std::set<std::string> names;
    try {
      scan_json_list(*read_file(path), "images", [&](JsonReader& reader, const RecordPlace&) {
        names.insert(RecordFields(reader, {"split"}).at("split"));
      });
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kData) throw;
    }
    if (names.empty()) names.insert("test");  // whose check then says what is wrong with the file
    return {names.begin(), names.end()};
  }
  return splits;
}

void scan_split(const fs::path& root, const char* dataset, SplitScan& scan) {
  const RetrievalLayout& layout = retrieval_layout(dataset);
  fs::path path;
  try {
    path = find_retrieval_annotations(root, layout, scan.split());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kData) throw;
    scan.add_finding(Fault::kMissingFile, error.context().file, error.message());
    return;
  }
  const auto file = open_annotations(path, scan);
  if (!file) return;
  RetrievalScanner scanner(*file, scan);
  scanner.run();
  const std::vector<Entry>& entries = scanner.entries();
  if (entries.empty()) return;
  check_images(entries, scan);
  std::vector<RetrievalImage> images;
  for (const Entry& entry : entries) images.push_back(entry.image);
  std::vector<std::string> paths;
  try {
    paths = find_retrieval_images(images, root, {}, layout, path, scan.split());
  } catch (const Error& error) {
    scan.set_no_images();
    scan.add_finding(Fault::kMissingImageFolder, error.context().file, error.message());
    for (const RetrievalImage& image : images) paths.push_back(image.path);
  }
  // Lists of ALBEF and BLIP count COCO's restval to train.
  if (scanner.is_list() && scan.split() == "train") scan.set_official_split("train+restval");
  add_records(entries, paths, scan);
}

}  // namespace

std::vector<std::string> present_flickr30k_splits(const fs::path& root) {
  return present_splits(root, "flickr30k");
}
std::vector<std::string> present_coco_splits(const fs::path& root) { return present_splits(root, "coco"); }

void scan_flickr30k(const fs::path& root, SplitScan& scan) { scan_split(root, "flickr30k", scan); }
void scan_coco(const fs::path& root, SplitScan& scan) { scan_split(root, "coco", scan); }

}  // namespace bteval::datasets
