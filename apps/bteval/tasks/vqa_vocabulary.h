// Finds the answer vocabulary that belongs to a VQA checkpoint.
#pragma once

#include <string>

#include "datasets/vqa_vocabulary.h"
#include "tasks/eval_options.h"

namespace bteval::app {

struct ChosenVocabulary {
  datasets::AnswerVocabulary value;
  std::string source;  ///< "option", "vocabulary.json", "config.json" or "rebuilt"
  std::string path;    ///< of its file, or of the data set that it was rebuilt from
};

/// --vocabulary FILE; --vocabulary rebuild (from the data set's train and val annotations, as BridgeTower
/// does); without the option, vocabulary.json in the model's folder, or config.json's id2label. Error(kUsage)
/// where none is there: a checkpoint without its list of answers is useless.
ChosenVocabulary choose_vocabulary(const EvalOptions& options);

}  // namespace bteval::app
