// Finds the answer vocabulary that belongs to a VQA checkpoint.
#pragma once

#include "datasets/vqa_vocabulary.h"
#include "tasks/eval_options.h"
#include "tasks/model_files.h"

namespace bteval::app {

/// --vocabulary FILE; --vocabulary rebuild (from the data set's train and val annotations, as BridgeTower
/// does); without the option, vocabulary.json in the model's folder, or config.json's id2label. Error(kUsage)
/// where none is there: a checkpoint without its list of answers is useless. `source` is the file's path or
/// "rebuilt".
Chosen<datasets::AnswerVocabulary> choose_vocabulary(const EvalOptions& options);

}  // namespace bteval::app
