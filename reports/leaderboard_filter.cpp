#include "reports/leaderboard_filter.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/error.h"

namespace bteval::reports {
namespace {

constexpr std::array<std::string_view, 6> kKeys = {"task", "name", "model", "setting", "source", "origin"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::vector<std::string> values_of(const LeaderboardRow& row, const std::string& key) {
  if (key == "task") return {row.task};
  if (key == "name") return {row.name};
  if (key == "model") return {row.model, row.name};
  if (key == "setting") return {row.setting};
  if (key == "origin") return {row.published ? "published" : "run"};
  return row.footnotes;
}

}  // namespace

LeaderboardFilter::LeaderboardFilter(std::string_view text) {
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    const std::size_t equals = part.find('=');
    const std::string key = lower(part.substr(0, equals));
    if (equals == std::string_view::npos || std::ranges::find(kKeys, key) == kKeys.end()) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("a filter is KEY=VALUE,… with task, name, model, setting, source or origin as "
                              "key, not \"{}\"",
                              printable(part, 60)));
    }
    wanted_[key].push_back(lower(part.substr(equals + 1)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
}

bool LeaderboardFilter::keeps(const LeaderboardRow& row) const {
  return std::ranges::all_of(wanted_, [&](const auto& entry) {
    const std::string& key = entry.first;
    const std::vector<std::string>& values = entry.second;
    const std::vector<std::string> own = values_of(row, key);
    return std::ranges::any_of(own, [&](const std::string& text) {
      return std::ranges::any_of(values, [&](const std::string& value) {
        return key == "task" ? lower(text) == value : lower(text).find(value) != std::string::npos;
      });
    });
  });
}

}  // namespace bteval::reports
