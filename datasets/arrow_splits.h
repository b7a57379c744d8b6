// Splits from the .arrow tables that ViLT, METER and BridgeTower's scripts write (vilt/utils/write_*.py and
// src/utils/write_*.py): docs/data.md lists their columns, and what they do not hold.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/nlvr2.h"
#include "datasets/retrieval_json.h"
#include "datasets/snli_ve.h"
#include "datasets/vqav2.h"

namespace bteval::datasets {

// Names of a split's tables without ".arrow", the preferred one first.

/// "vqav2_val_fix" (BridgeTower counts answers in their normalised form), then "vqav2_val".
std::vector<std::string> vqav2_arrow_names(const std::string& split);
/// "nlvr2_dev".
std::vector<std::string> nlvr2_arrow_names(const std::string& split);
/// "snli_dev".
std::vector<std::string> snli_ve_arrow_names(const std::string& split);
/// "f30k_caption_karpathy_test", "coco_caption_karpathy_test".
std::vector<std::string> retrieval_arrow_names(const std::string& dataset, const std::string& split);

// Samples stand in the order of the rows, which is random in tables of VQAv2, Flickr30K and MSCOCO. Images
// are bytes in the mapped file, which SampleSet::owners keeps open. Errors as ArrowTable's, naming the row.

/// Columns image, questions, image_id, question_id; answers and answer_scores in splits with answers.
///
/// A table has soft scores of the labels instead of ten human answers, and only questions with an answer in
/// the vocabulary. They become annotations with as many equal answers as give that score, right for the
/// scorer label-score alone: VqaAnswerSheet::soft_scores_only.
Vqav2 open_vqav2_arrow(const std::filesystem::path& table, const std::string& split);

/// Columns image_0, image_1, questions, answers, identifier. A row's identifier lacks the sentence
/// ("dev-850-0"): ids of samples are "dev-850-0-s0", numbered within the row, which no official file knows.
/// Groups for consistency are the examples of one image set with the same text, which on dev are the official
/// ones. Balanced and unbalanced subsets come from tables nlvr2_balanced_<split> beside this one.
Nlvr2 open_nlvr2_arrow(const std::filesystem::path& table, const std::string& split);

/// Columns image, sentences (pairs of premise and hypothesis), labels. There are no ids: images are "row-17",
/// samples "row-17-3".
SnliVe open_snli_ve_arrow(const std::filesystem::path& table, const std::string& split);

/// Images with captions; `bytes` by image. Columns image, caption, image_id (the file's name).
struct RetrievalTable {
  RetrievalAnnotations annotations;
  std::vector<records::ImageRef> images;
  std::vector<std::shared_ptr<const void>> owners;
  std::vector<records::SourceFile> files;
};

/// Reads tables one behind the other ("train+restval").
RetrievalTable open_retrieval_arrow(const std::vector<std::filesystem::path>& tables);

}  // namespace bteval::datasets
