// Checking a data set on disk.
#pragma once

#include <string>

#include "core/json.h"
#include "datasets/data_check.h"

namespace bteval::app {

/// datasets::check_data() with the decoder of evaluations.
datasets::DataCheck check_data(datasets::DataCheckOptions options);

/// Everything that was found: task, root, depth, splits with files, counts and findings, totals. The same
/// result gives the same bytes.
OrderedJson to_json(const datasets::DataCheck& check);

/// A summary for people: each split's files and counts, and of each kind of finding the number and the first
/// `examples`.
std::string to_text(const datasets::DataCheck& check, std::size_t examples);

}  // namespace bteval::app
