// A comparison as tables and as JSON.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "reports/table.h"
#include "tasks/compare.h"

namespace bteval::app {

/// A table under its title.
using TitledTable = std::pair<std::string, reports::Table>;

/// The ablation table (reference, then signed differences with stars), its statistics, flips and slices; with
/// `calibration` also ECE and accuracy at coverage. Slices of more than 12 values are left out unless they
/// were asked for by name.
std::vector<TitledTable> comparison_tables(const Comparison& comparison, bool calibration);

/// What stands below the tables: how it was computed, what stars mean, which slices are left out, signatures.
std::vector<std::string> comparison_notes(const Comparison& comparison);

std::string comparison_text(const Comparison& comparison, bool calibration);
std::string comparison_markdown(const Comparison& comparison, bool calibration);
/// Everything, unrounded; docs/comparing.md describes it. Numbers that do not exist are null.
OrderedJson comparison_json(const Comparison& comparison);

}  // namespace bteval::app
