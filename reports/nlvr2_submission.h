// The predictions that the official scorer of NLVR2 takes (nlvr2/eval/metrics.py of lil-lab/nlvr).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "records/nlvr2.h"
#include "reports/submission_check.h"

namespace bteval::reports {

/// Lines `identifier,True` or `identifier,False` without a header, in the order of `predictions`: the same
/// predictions give the same bytes. Error(kInternal) for an identifier with a comma or a line break.
std::string nlvr2_submission(std::span<const records::Nlvr2Prediction> predictions);

/// Checks a file as the official scorer reads it: UTF-8, no blank line (it ends there with an error), at
/// least two fields a line, every example's identifier once (of two the scorer takes the last), predictions
/// True or False in any case (it counts others as wrong). Rows for other examples are ignored by it: a note.
/// Never throws for a bad file: everything found is in `problems`, each kind once with a count and its first
/// examples.
SubmissionCheck check_nlvr2_submission(std::string_view text, std::span<const std::string> identifiers);

}  // namespace bteval::reports
