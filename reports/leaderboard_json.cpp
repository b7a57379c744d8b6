#include <array>

#include "core/json.h"
#include "reports/leaderboard_writers.h"

namespace bteval::reports {
namespace {

constexpr std::array kKindNames = {"text", "score", "number"};
constexpr std::array kMarkNames = {"", "best", "second"};

OrderedJson cell_json(const LeaderboardColumn& column, const LeaderboardCell& cell) {
  if (column.kind == ColumnKind::kText) return cell.text;
  if (!cell.number) return nullptr;
  OrderedJson json = {{"value", *cell.number}, {"text", cell.text}};
  if (cell.interval) json["interval"] = {cell.interval->low, cell.interval->high};
  if (cell.mark != Mark::kNone) json["mark"] = kMarkNames.at(static_cast<std::size_t>(cell.mark));
  return json;
}

}  // namespace

std::string leaderboard_json(const Leaderboard& board) {
  OrderedJson json = {{"schema", 1}, {"tables", OrderedJson::array()}};
  for (const LeaderboardTable& table : board.tables) {
    OrderedJson columns = OrderedJson::array();
    for (const LeaderboardColumn& column : table.columns) {
      columns.push_back({{"key", column.key},
                         {"group", column.group},
                         {"title", column.title},
                         {"kind", kKindNames.at(static_cast<std::size_t>(column.kind))}});
      if (column.less_is_better) columns.back()["less_is_better"] = true;
    }
    OrderedJson rows = OrderedJson::array();
    for (const LeaderboardLine& line : table.lines) {
      OrderedJson cells = OrderedJson::object();
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        cells[table.columns[i].key] = cell_json(table.columns[i], line.cells[i]);
      OrderedJson notes = OrderedJson::array();
      for (const std::size_t note : line.notes) notes.push_back(note);
      rows.push_back({{"published", line.published}, {"cells", cells}, {"footnotes", notes}});
    }
    json["tables"].push_back(
        {{"task", table.task}, {"title", table.title}, {"columns", columns}, {"rows", rows}});
  }
  json["footnotes"] = board.footnotes;
  json["warnings"] = board.warnings;
  json["remarks"] = board.remarks;
  return json.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace bteval::reports
