#include "integration/data_trees.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "support/test_paths.h"

namespace bteval::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kImages = 16;

void add_vqav2(DataTree& tree) {
  tree.annotations = {tree.root / "v2_OpenEnded_mscoco_tiny_questions.json",
                      tree.root / "v2_mscoco_tiny_annotations.json"};
  for (std::size_t i = 0; i < kImages; ++i) {
    tree.images.push_back(tree.root / fmt::format("tiny/COCO_tiny_{:012}.jpg", i));
    tree.records.push_back(
        {{"question_id", i * 10}, {"image_id", i}, {"question", fmt::format("What is number {}?", i)}});
    tree.more_records.push_back({{"question_id", i * 10},
                                 {"image_id", i},
                                 {"question_type", "what is"},
                                 {"answer_type", "other"},
                                 {"multiple_choice_answer", "cat"},
                                 {"answers", Json::array({{{"answer", "cat"}}, {{"answer", "dog"}}})}});
  }
}

void add_nlvr2(DataTree& tree) {
  tree.annotations = {tree.root / "nlvr2/data/tiny.json"};
  for (std::size_t i = 0; i < kImages / 2; ++i) {
    for (const int side : {0, 1})
      tree.images.push_back(tree.root / fmt::format("dev/dev-{}-0-img{}.png", i, side));
    tree.records.push_back({{"identifier", fmt::format("dev-{}-0-0", i)},
                            {"sentence", fmt::format("There are {} dogs.", i)},
                            {"label", i % 2 == 0 ? "True" : "False"}});
  }
}

void add_snli_ve(DataTree& tree) {
  tree.annotations = {tree.root / "snli_ve/snli_ve_tiny.jsonl"};
  for (std::size_t i = 0; i < kImages; ++i) {
    tree.images.push_back(tree.root / fmt::format("flickr30k-images/{}.jpg", 1000 + i));
    tree.records.push_back({{"Flickr30K_ID", std::to_string(1000 + i)},
                            {"pairID", fmt::format("{}.jpg#0r1e", 1000 + i)},
                            {"gold_label", i % 2 == 0 ? "entailment" : "neutral"},
                            {"sentence1", "A premise."},
                            {"sentence2", fmt::format("Hypothesis {}.", i)}});
  }
}

void add_flickr30k(DataTree& tree) {
  tree.annotations = {tree.root / "karpathy/dataset_flickr30k.json"};
  for (std::size_t i = 0; i < kImages; ++i) {
    tree.images.push_back(tree.root / fmt::format("flickr30k-images/{}.jpg", 1000 + i));
    Json sentences = Json::array();
    for (std::size_t k = 0; k < 5; ++k) {
      sentences.push_back({{"raw", fmt::format("Caption {} of {}.", k, i)}, {"sentid", 5 * i + k}});
    }
    tree.records.push_back(
        {{"filename", fmt::format("{}.jpg", 1000 + i)}, {"split", "tiny"}, {"sentences", sentences}});
  }
}

void add_coco(DataTree& tree) {
  tree.annotations = {tree.root / "annotations/coco_tiny.json"};
  for (std::size_t i = 0; i < kImages; ++i) {
    const std::string name = fmt::format("val2014/COCO_val2014_{:012}.jpg", i);
    tree.images.push_back(tree.root / name);
    tree.records.push_back(
        {{"image", name}, {"caption", {fmt::format("First of {}.", i), fmt::format("Second of {}.", i)}}});
  }
}

std::string lines(const std::vector<Json>& records) {
  std::string text;
  for (const Json& record : records) text += record.dump() + "\n";
  return text;
}

}  // namespace

void DataTree::write() const {
  if (task == "vqav2") {
    write_text(annotations[0], Json{{"data_subtype", "tiny"}, {"questions", records}}.dump());
    write_text(annotations[1], Json{{"data_subtype", "tiny"}, {"annotations", more_records}}.dump());
  } else if (task == "flickr30k") {
    write_text(annotations[0], Json{{"dataset", "flickr30k"}, {"images", records}}.dump());
  } else if (task == "coco") {
    write_text(annotations[0], Json(records).dump());
  } else {
    write_text(annotations[0], lines(records));
  }
}

DataTree make_data_tree(const std::string& task, const fs::path& root) {
  DataTree tree;
  tree.task = task;
  tree.root = root;
  if (task == "vqav2") add_vqav2(tree);
  if (task == "nlvr2") add_nlvr2(tree);
  if (task == "snli-ve") add_snli_ve(tree);
  if (task == "flickr30k") add_flickr30k(tree);
  if (task == "coco") add_coco(tree);
  if (tree.images.empty()) throw std::invalid_argument("no such task: " + task);
  for (std::size_t i = 0; i < tree.images.size(); ++i) write_text(tree.images[i], sample_jpeg(i));
  tree.write();
  return tree;
}

std::string sample_jpeg(std::size_t number) {
  static const std::vector<fs::path> files = [] {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(source_dir() / "assets/mini/vqav2/minitest")) {
      found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
  }();
  return read_text(files.at(number));
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace bteval::testing
