#include "datasets/data_layout.h"

#include "core/error.h"

namespace bteval::datasets {
namespace {

struct Layout {
  const char* task;
  const char* text;
};

// The tree of BridgeTower's setup is the one that its setup.sh describes (github.com/microsoft/BridgeTower);
// METER and ViLT use ViLT's DATA.md. The addresses are those that the publishers name.
constexpr Layout kLayouts[] = {
    {"vqav2", R"(VQAv2: questions, answers and COCO images

As published
  ROOT/
    v2_OpenEnded_mscoco_train2014_questions.json      v2_mscoco_train2014_annotations.json
    v2_OpenEnded_mscoco_val2014_questions.json        v2_mscoco_val2014_annotations.json
    v2_OpenEnded_mscoco_test2015_questions.json
    v2_OpenEnded_mscoco_test-dev2015_questions.json
    train2014/COCO_train2014_000000000009.jpg …       82,783 images
    val2014/COCO_val2014_000000000042.jpg …           40,504 images
    test2015/COCO_test2015_000000000001.jpg …         81,434 images

As BridgeTower's setup lays it out (ROOT is its folder mscoco_flickr30k_vqav2_snli_ve)
  ROOT/
    vqav2/v2_OpenEnded_mscoco_….json, vqav2/v2_mscoco_….json
    train2014/  val2014/  test2015/

As ViLT's, METER's and BridgeTower's write_vqa.py store it (images and texts in one table a split)
  ROOT/
    vqav2_val.arrow or vqav2_val_fix.arrow, vqav2_train….arrow, vqav2_test.arrow, vqav2_test-dev.arrow

The JSON files may also lie in annotations/, the image folders in images/, coco/ or mscoco/.
A split NAME of your own: v2_OpenEnded_mscoco_NAME_questions.json, v2_mscoco_NAME_annotations.json.

Published at
  https://visualqa.org/download.html (questions, annotations), CC BY 4.0:
    https://s3.amazonaws.com/cvmlp/vqa/mscoco/vqa/v2_Questions_Train_mscoco.zip
    https://s3.amazonaws.com/cvmlp/vqa/mscoco/vqa/v2_Questions_Val_mscoco.zip
    https://s3.amazonaws.com/cvmlp/vqa/mscoco/vqa/v2_Questions_Test_mscoco.zip
    https://s3.amazonaws.com/cvmlp/vqa/mscoco/vqa/v2_Annotations_Train_mscoco.zip
    https://s3.amazonaws.com/cvmlp/vqa/mscoco/vqa/v2_Annotations_Val_mscoco.zip
  https://cocodataset.org/#download (images):
    http://images.cocodataset.org/zips/train2014.zip
    http://images.cocodataset.org/zips/val2014.zip
    http://images.cocodataset.org/zips/test2015.zip
)"},
    {"nlvr2", R"(NLVR2: sentences about pairs of web photographs

As published (ROOT is a clone of github.com/lil-lab/nlvr with the images beside it)
  ROOT/
    nlvr2/data/train.json  dev.json  test1.json
    nlvr2/data/balanced/balanced_dev.json  balanced_test1.json
    nlvr2/data/unbalanced/unbalanced_dev.json  unbalanced_test1.json
    images/train/0/train-10108-0-img0.png …           train images in numbered folders
    dev/dev-0-0-img0.png …
    test1/test1-0-0-img0.png …

As BridgeTower's setup lays it out (ROOT is its folder nlvr): the same tree.

As ViLT's, METER's and BridgeTower's write_nlvr2.py store it
  ROOT/
    nlvr2_train.arrow  nlvr2_dev.arrow  nlvr2_test1.arrow
    nlvr2_balanced_dev.arrow  nlvr2_balanced_test1.arrow  nlvr2_unbalanced_dev.arrow  nlvr2_unbalanced_test1.arrow

The JSON files may also lie in ROOT, data/ or annotations/; dev/ and test1/ also in images/.
Most images are JPEG files although their names end in .png: that is how they are published.

Published at
  https://github.com/lil-lab/nlvr (nlvr2/data: annotations, CC BY 4.0; nlvr2/util: download script and hashes)
  https://lil.nlp.cornell.edu/nlvr/ (the images on request, for research: form in nlvr2/README.md)
)"},
    {"snli-ve", R"(SNLI-VE: hypotheses about Flickr30K images

As published
  ROOT/
    snli_ve_train.jsonl  snli_ve_dev.jsonl  snli_ve_test.jsonl
    flickr30k-images/1000092795.jpg …                 31,783 images

As BridgeTower's setup lays it out (ROOT is its folder mscoco_flickr30k_vqav2_snli_ve)
  ROOT/
    snli_ve/snli_ve_train.jsonl  snli_ve/snli_ve_dev.jsonl  snli_ve/snli_ve_test.jsonl
    flickr30k-images/

As METER's and BridgeTower's write_snli.py store it
  ROOT/
    snli_train.arrow  snli_dev.arrow  snli_test.arrow

Published at
  https://github.com/necla-ml/SNLI-VE (links to the three files, and the script that makes them from SNLI)
  https://shannon.cs.illinois.edu/DenotationGraph/ (Flickr30K images, on request: https://forms.illinois.edu/sec/229675)
)"},
    {"flickr30k", R"(Flickr30K: image-text retrieval

As published, with Karpathy's splits
  ROOT/
    dataset_flickr30k.json                            31,014 images × 5 captions; train 29,000, val 1,014, test 1,000
    flickr30k-images/1000092795.jpg …

As ALBEF and BLIP publish it
  ROOT/
    flickr30k_train.json  flickr30k_val.json  flickr30k_test.json
    flickr30k-images/

As BridgeTower's setup lays it out (ROOT is its folder mscoco_flickr30k_vqav2_snli_ve)
  ROOT/
    karpathy/dataset_flickr30k.json
    flickr30k-images/

As ViLT's, METER's and BridgeTower's write_f30k_karpathy.py store it
  ROOT/
    f30k_caption_karpathy_train.arrow  f30k_caption_karpathy_val.arrow  f30k_caption_karpathy_test.arrow

Published at
  https://cs.stanford.edu/people/karpathy/deepimagesent/caption_datasets.zip (dataset_flickr30k.json)
  https://storage.googleapis.com/sfr-vision-language-research/datasets/flickr30k_test.json (and _val, _train)
  https://shannon.cs.illinois.edu/DenotationGraph/ (images, on request: https://forms.illinois.edu/sec/229675)
)"},
    {"coco", R"(MSCOCO: image-text retrieval

As published, with Karpathy's splits
  ROOT/
    dataset_coco.json                                 train 82,783 + restval 30,504, val 5,000, test 5,000 images
    train2014/COCO_train2014_000000000009.jpg …
    val2014/COCO_val2014_000000000042.jpg …

As ALBEF and BLIP publish it
  ROOT/
    coco_karpathy_train.json  coco_karpathy_val.json  coco_karpathy_test.json   (ALBEF: coco_train.json …)
    train2014/  val2014/

As BridgeTower's setup lays it out (ROOT is its folder mscoco_flickr30k_vqav2_snli_ve)
  ROOT/
    karpathy/dataset_coco.json
    train2014/  val2014/

As ViLT's, METER's and BridgeTower's write_coco_karpathy.py store it
  ROOT/
    coco_caption_karpathy_train.arrow  …_restval.arrow  …_val.arrow  …_test.arrow

Published at
  https://cs.stanford.edu/people/karpathy/deepimagesent/caption_datasets.zip (dataset_coco.json)
  https://storage.googleapis.com/sfr-vision-language-research/datasets/coco_karpathy_test.json (and _val, _train)
  https://cocodataset.org/#download (images):
    http://images.cocodataset.org/zips/train2014.zip
    http://images.cocodataset.org/zips/val2014.zip
)"},
};

}  // namespace

std::string data_layout(const std::string& task) {
  std::string names;
  for (const Layout& layout : kLayouts) {
    if (task == layout.task) return layout.text;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", layout.task);
  }
  throw Error(ErrorCode::kUsage, fmt::format("there is no task '{}'; choose one of {}", task, names));
}

}  // namespace bteval::datasets
