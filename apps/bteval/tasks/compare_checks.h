// Whether the numbers of two runs may stand side by side.
#pragma once

#include <string>
#include <vector>

#include "tasks/finished_run.h"

namespace bteval::app {

/// Why two runs are not comparable, one line a reason with both values: another task or split, other
/// annotation files (by digest), another scorer, other rules of ranking, other excluded samples. Empty where
/// they are. What belongs to the model (checkpoint, tokenizer, vocabulary, transform, dtype) may differ: that
/// is what is compared.
std::vector<std::string> comparability_problems(const FinishedRun& a, const FinishedRun& b);

}  // namespace bteval::app
