#include "reports/published.h"

#include <array>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "core/json.h"
#include "reports/server_reply.h"

namespace bteval::reports {
namespace {

/// Decimals that a number was published with: what its shortest form has.
int decimals_of(double value) {
  const std::string digits = Json(value).dump();
  const std::size_t point = digits.find('.');
  if (point == std::string::npos || digits.substr(point) == ".0") return 1;
  return static_cast<int>(digits.size() - point - 1);
}

class RowReader {
 public:
  RowReader(const Json& json, const std::string& name, std::string record)
      : json_(json), name_(name), record_(std::move(record)) {}

  std::string text(const char* key) const { return json_member<std::string>(json_, key, name_, record_); }

  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorCode::kData, message, {name_, record_, std::nullopt});
  }

  LeaderboardRow read() const {
    LeaderboardRow row;
    row.task = text("task");
    row.model = text("model");
    row.name = row.model;
    if (const std::string variant = text("variant"); !variant.empty()) row.name += " " + variant;
    row.setting = text("setting");
    row.published = true;
    if (row.model.empty()) fail("names no model");
    const std::string source = text("source");
    if (source.empty()) fail("has numbers without a source");
    const std::string note = text("note");
    row.footnotes = {
        fmt::format("published ({}): {}{}", text("source_kind"), source, note.empty() ? "" : "; " + note)};
    if (const Json parameters = json_member<Json>(json_, "parameters", name_, record_); !parameters.is_null())
      row.parameters = json_member<std::int64_t>(json_, "parameters", name_, record_);
    read_values(row);
    return row;
  }

 private:
  void read_values(LeaderboardRow& row) const {
    const Json results = json_member<Json>(json_, "results", name_, record_);
    if (!results.is_object() || results.empty()) fail("has no results");
    for (const auto& [split, metrics] : results.items()) {
      if (!metrics.is_object() || metrics.empty()) fail("has no numbers on " + printable(split, 40));
      for (const auto& [metric, number] : metrics.items()) {
        const double value = number.is_number() ? number.get<double>() : std::nan("");
        if (!(value >= 0 && value <= (metric == "RSUM" ? 600 : 100)))
          fail(fmt::format("{} {} is no per cent: {}", printable(split, 40), printable(metric, 40),
                           printable(number.dump(), 40)));
        row.values[{split, metric}] = {value, std::nullopt, "", decimals_of(value)};
      }
    }
  }

  const Json& json_;
  const std::string& name_;
  std::string record_;
};

std::optional<double> value_of(const LeaderboardRow& row, const std::string& split, const char* metric) {
  const auto found = row.values.find({split, metric});
  if (found == row.values.end()) return std::nullopt;
  return found->second.value;
}

std::optional<std::string> doubt_vqa(const LeaderboardRow& row) {
  const auto overall = value_of(row, "test-std", "overall"), yes_no = value_of(row, "test-std", "yes/no"),
             number = value_of(row, "test-std", "number"), other = value_of(row, "test-std", "other");
  if (!overall || !yes_no || !number || !other) return std::nullopt;
  return doubt_vqa_phase({"test-standard", *yes_no, *number, *other, *overall});
}

std::optional<std::string> doubt_rsum(const LeaderboardRow& row) {
  constexpr std::array kSix = {"TR R@1", "TR R@5", "TR R@10", "IR R@1", "IR R@5", "IR R@10"};
  const auto rsum = value_of(row, "test", "RSUM");
  if (!rsum) return std::nullopt;
  double sum = 0;
  for (const char* metric : kSix) {
    const auto value = value_of(row, "test", metric);
    if (!value) return std::nullopt;
    sum += *value;
  }
  // Each of six numbers with one decimal is off by up to 0.05; 1e-6 is for the binary fractions.
  if (std::abs(sum - *rsum) <= 0.1 + 1e-6) return std::nullopt;
  return fmt::format("RSUM {:.1f} is not the sum of its six recalls, {:.1f}", *rsum, sum);
}

}  // namespace

std::vector<LeaderboardRow> read_published_results(std::string_view text, const std::string& name) {
  const Json json = parse_json(text, name);
  const int schema = json_member<int>(json, "schema", name, "published results");
  if (schema != 1) {
    throw Error(ErrorCode::kData, fmt::format("has layout {}, this version of bteval reads 1", schema),
                {name, "", std::nullopt});
  }
  std::vector<LeaderboardRow> rows;
  const auto entries = json_member<std::vector<Json>>(json, "rows", name, "published results");
  for (std::size_t i = 0; i < entries.size(); ++i)
    rows.push_back(RowReader(entries[i], name, fmt::format("row {}", i)).read());
  return rows;
}

std::vector<std::string> doubt_published_results(const std::vector<LeaderboardRow>& rows) {
  std::vector<std::string> doubts;
  for (const LeaderboardRow& row : rows) {
    for (const auto& doubt : {doubt_vqa(row), doubt_rsum(row)}) {
      if (doubt) doubts.push_back(row.name + ": " + *doubt);
    }
  }
  return doubts;
}

}  // namespace bteval::reports
