// The leaderboard: any number of runs and published results, one table a task, from one list of columns.
//
// make_leaderboard() decides everything that is shown: columns, order, best and second, footnotes. The
// writers (leaderboard_writers.h) only turn it into one format each.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bteval::reports {

/// A confidence interval of 95 %, in the unit of its value.
struct Interval {
  double low = 0, high = 0;
};

/// One number of a row: per cent, RSUM being a sum of six of them. "ECE" is an error, less of it is better.
struct LeaderboardValue {
  double value = 0;
  std::optional<Interval> interval = {};
  /// Digest of the annotations that it was computed with; "" for published ones. Numbers of one column that
  /// have different ones are not compared.
  std::string data = {};
  int decimals = 2;  ///< as published, where it is
};

/// What is shown on one line: a run (or several of the same model on several splits), or a published result.
struct LeaderboardRow {
  std::string task;     ///< "vqav2", "nlvr2", "snli-ve", "flickr30k", "coco"
  std::string name;     ///< run directory, or model and variant
  std::string model;    ///< architecture, for filters
  std::string setting;  ///< "fine-tuned", "itm, k 128", "first 100 samples"
  bool published = false;
  bool ranked = true;  ///< competes for best and second: not where a part of a split was computed
  /// By split ("val", "test-std") and metric ("overall", "TR R@1").
  std::map<std::pair<std::string, std::string>, LeaderboardValue> values;
  std::optional<std::int64_t> parameters;
  std::optional<int> image_size_px;
  double samples_per_second = 0;       ///< 0: not measured
  std::vector<std::string> footnotes;  ///< signatures, or the source of what is published
};

enum class ColumnKind { kText, kScore, kNumber };
enum class Mark { kNone, kBest, kSecond };

/// One entry of the list of columns.
struct LeaderboardColumn {
  std::string key;    ///< "name", "test-std/overall", "parameters": CSV, JSON, --sort
  std::string group;  ///< what stands above several columns: "test-std"; may be empty
  std::string title;  ///< "overall", "params (M)"
  ColumnKind kind = ColumnKind::kText;
  bool less_is_better = false;  ///< of a score: an error
};

/// What stands in one column of one row; empty text and no number where there is nothing.
struct LeaderboardCell {
  std::string text;
  std::optional<double> number = {};
  std::optional<Interval> interval = {};
  Mark mark = Mark::kNone;
};

/// A row as it is shown.
struct LeaderboardLine {
  std::vector<LeaderboardCell> cells;  ///< by column
  std::vector<std::size_t> notes;      ///< indices in Leaderboard::footnotes
  bool published = false;
};

struct LeaderboardTable {
  std::string task;   ///< "vqav2"
  std::string title;  ///< "VQAv2"
  std::vector<LeaderboardColumn> columns;
  std::vector<LeaderboardLine> lines;
};

struct Leaderboard {
  std::vector<LeaderboardTable> tables;
  std::vector<std::string> footnotes;  ///< numbered from 1 where they are shown
  std::vector<std::string> warnings;   ///< what a reader of the tables must know
  std::vector<std::string> remarks;    ///< how to read them
};

struct LeaderboardOptions {
  std::string sort;      ///< key or title of a column; "": the first score of each table
  bool reverse = false;  ///< the other way round: worst first, or Z to A
};

/// Makes the tables, in the order in which the tasks first appear. Columns: name, setting and origin (where
/// they tell rows apart), the scores that some row has, parameters, resolution, throughput (where some row
/// has them). Scores but errors, and throughput, descend; everything else ascends; what is missing comes
/// last. In each score column the best number that is shown is marked, and the second, where two rows or more
/// compete. Error(kUsage) listing the columns where no table has the one to sort by.
Leaderboard make_leaderboard(const std::vector<LeaderboardRow>& rows, const LeaderboardOptions& options = {});

/// Names of the rows' tasks for people: "VQAv2", "Flickr30K retrieval"; the task itself where it is unknown.
std::string task_title(const std::string& task);

}  // namespace bteval::reports
