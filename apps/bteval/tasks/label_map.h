// Which class of a task each output of a classifier head stands for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "tasks/eval_options.h"

namespace bteval::app {

struct LabelMap {
  std::vector<std::uint32_t> class_of_label;  ///< index into the task's class names, by output of the head
  std::string source;                         ///< "option", "config.json" or "task default"

  bool is_identity() const;
};

/// --vocabulary FILE (any form that datasets::AnswerVocabulary reads), else the id2label of the checkpoint's
/// config.json unless it holds Hugging Face's placeholders ("LABEL_0"), else the order of `names`, which is
/// the published checkpoints'. The names may stand in any order, and case does not count. Error(kCheckpoint)
/// naming the file where they are not exactly the task's.
LabelMap choose_label_map(const EvalOptions& options, const checkpoint::Checkpoint& checkpoint,
                          std::span<const std::string_view> names);

/// Error(kCheckpoint) where the head has another number of outputs than the map.
void check_label_map(const LabelMap& map, std::int64_t outputs, const std::string& task,
                     const checkpoint::Checkpoint& checkpoint);

}  // namespace bteval::app
