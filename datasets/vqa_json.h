// The official JSON files of VQAv2, read from memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "records/vqa.h"

namespace bteval::datasets {

/// `v2_OpenEnded_mscoco_*_questions.json`.
struct VqaQuestionFile {
  std::string
      data_subtype;  ///< "val2014": folder and middle part of the image names; "" where the file has none
  std::vector<records::VqaQuestion> questions;
};

/// `v2_mscoco_*_annotations.json`.
struct VqaAnnotationFile {
  std::string data_subtype;
  records::VqaAnnotations annotations;
};

// The readers throw Error(kData) naming the file, the record and the byte offset where the text is malformed,
// a member is missing or of the wrong type. Ids may be integers or strings of decimal digits. Members that
// are not needed are skipped.

/// Questions in file order; one without text is an error.
VqaQuestionFile read_vqa_questions(const Bytes& file);

/// Annotations in file order. `answer_confidence` and `answer_id` may be absent, and there need not be ten
/// answers, but at least one.
VqaAnnotationFile read_vqa_annotations(const Bytes& file);

/// Predictions in file order.
struct VqaPredictionFile {
  std::vector<records::VqaPrediction> predictions;
  std::uint64_t refused = 0;  ///< records whose answer is null: samples that a run of bteval refused
};

/// A result file: the official JSON list `[{"question_id", "answer"}, …]`, or JSON lines with the same
/// members, as bteval's predictions.jsonl.
VqaPredictionFile read_vqa_predictions(const Bytes& file);

}  // namespace bteval::datasets
