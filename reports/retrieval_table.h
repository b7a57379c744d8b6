// Recalls as the papers print them: one line for both directions.
#pragma once

#include "records/score.h"
#include "reports/table.h"

namespace bteval::reports {

/// One row for each triple of the groups "text retrieval…", "image retrieval…" and "both directions…" that
/// metrics::append_recall_groups() makes: TR and IR R@1, R@5, R@10, RSUM, R mean, both median ranks. Rows are
/// named by what stands behind the groups' names ("all", "1K", "optimistic", "1K, optimistic").
Table retrieval_table(const records::Score& score, int digits = 2);

}  // namespace bteval::reports
