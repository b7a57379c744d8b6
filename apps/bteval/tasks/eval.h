// Evaluations: a data set, a checkpoint, a run directory.
#pragma once

#include "tasks/eval_options.h"

namespace bteval::app {

/// Runs one evaluation and prints its table and signature. Throws Error(kRefused) after everything is written where
/// samples were refused, and whatever the parts throw.
void evaluate(const EvalOptions& options);

/// Runs every entry of a suite, prints each, then one table over all.
void evaluate_suite(const std::string& suite, const EvalOptions& options);

}  // namespace bteval::app
