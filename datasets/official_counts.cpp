#include "datasets/official_counts.h"

namespace bteval::datasets {
namespace {

struct OfficialCount {
  const char* task;
  const char* split;
  const char* what;
  std::uint64_t count;
};

constexpr OfficialCount kCounts[] = {
    {"vqav2", "train", "questions", 443757},
    {"vqav2", "train", "images", 82783},
    {"vqav2", "val", "questions", 214354},
    {"vqav2", "val", "images", 40504},
    {"vqav2", "test", "questions", 447793},
    {"vqav2", "test", "images", 81434},
    {"vqav2", "test-dev", "questions", 107394},

    {"nlvr2", "train", "sentences", 86373},
    {"nlvr2", "dev", "sentences", 6982},
    {"nlvr2", "test1", "sentences", 6967},
    {"nlvr2", "test2", "sentences", 6970},
    {"nlvr2", "balanced_dev", "sentences", 2300},
    {"nlvr2", "balanced_test1", "sentences", 2316},
    {"nlvr2", "unbalanced_dev", "sentences", 3562},
    {"nlvr2", "unbalanced_test1", "sentences", 3536},

    {"snli-ve", "train", "pairs", 529527},
    {"snli-ve", "train", "images", 29783},
    {"snli-ve", "dev", "pairs", 17858},
    {"snli-ve", "dev", "images", 1000},
    {"snli-ve", "test", "pairs", 17901},
    {"snli-ve", "test", "images", 1000},

    {"flickr30k", "train", "images", 29000},
    {"flickr30k", "train", "captions", 145000},
    {"flickr30k", "train+restval", "images", 29000},
    {"flickr30k", "train+restval", "captions", 145000},
    {"flickr30k", "val", "images", 1014},
    {"flickr30k", "val", "captions", 5070},
    {"flickr30k", "test", "images", 1000},
    {"flickr30k", "test", "captions", 5000},

    {"coco", "train", "images", 82783},
    {"coco", "train", "captions", 414113},
    {"coco", "restval", "images", 30504},
    {"coco", "restval", "captions", 152634},
    {"coco", "train+restval", "images", 113287},
    {"coco", "train+restval", "captions", 566747},
    {"coco", "val", "images", 5000},
    {"coco", "val", "captions", 25010},
    {"coco", "test", "images", 5000},
    {"coco", "test", "captions", 25010},
};

}  // namespace

std::optional<std::uint64_t> official_count(const std::string& task, const std::string& split,
                                            const std::string& what) {
  for (const OfficialCount& known : kCounts) {
    if (task == known.task && split == known.split && what == known.what) return known.count;
  }
  return std::nullopt;
}

}  // namespace bteval::datasets
