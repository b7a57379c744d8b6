// A score as JSON and as a table.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/json.h"
#include "records/score.h"
#include "reports/table.h"

namespace bteval::reports {

/// {"metric", "scorer", "overall": V, "groups": {"by answer type": {"yes/no": V, …}, …}} with
/// V = {"value", "unrounded", "count"}. "value" is rounded to `digits` decimals as Python's round() does it;
/// both numbers are null where no sample counts. Where the metric counts right samples, V has "correct" and
/// "fraction" (correct / count), too; a score with matrices has "matrices": {"confusion matrix":
/// {"row_title", "column_title", "rows", "columns", "counts": [[…], …]}}.
OrderedJson score_to_json(const records::Score& score, int digits = 2);

/// Rows "overall" and, under their group's name, the values of the groups named in `groups` (all where it is
/// empty).
Table score_to_table(const records::Score& score, const std::vector<std::string>& groups = {},
                     int digits = 2);

/// One row a row of the matrix, headed "gold / predicted".
Table matrix_to_table(const records::CountMatrix& matrix);

}  // namespace bteval::reports
