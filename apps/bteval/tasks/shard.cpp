#include "tasks/shard.h"

#include <charconv>
#include <utility>

#include "core/error.h"
#include "core/journal.h"
#include "core/read_file.h"

namespace bteval::app {

namespace {

bool parse_count(std::string_view text, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > 0;
}

}  // namespace

Shard parse_shard(const std::string& text) {
  Shard shard;
  const std::size_t slash = text.find('/');
  const bool is_one =
      slash != std::string::npos && parse_count(std::string_view(text).substr(0, slash), shard.index) &&
      parse_count(std::string_view(text).substr(slash + 1), shard.count) && shard.index <= shard.count;
  if (!is_one)
    throw Error(ErrorCode::kUsage,
                fmt::format("--shard {}: give I/N with 1 <= I <= N, such as 2/8", printable(text, 40)));
  return shard;
}

std::vector<std::uint64_t> units_of_shard(const Shard& shard, std::vector<std::uint64_t> units) {
  if (shard.count != 0)
    std::erase_if(units, [&](std::uint64_t unit) { return unit % shard.count != shard.index - 1; });
  return units;
}

void check_shard_options(const EvalOptions& options) {
  if (options.shard.count == 0) return;
  if (options.team != nullptr)
    throw Error(
        ErrorCode::kUsage,
        "--shard is for processes that know nothing of each other; a launcher's share a run without it");
}

void begin_shard(const RunDirectory& directory) {
  std::error_code ignored;  // it was not there
  std::filesystem::remove(directory.path() / kShardFile, ignored);
}

void finish_shard(const RunDirectory& directory, const EvalOptions& options, std::uint64_t units,
                  std::uint64_t all_units) {
  directory.journal().sync();
  std::uint64_t records = 0;
  read_journal(*read_file(directory.path() / RunDirectory::kJournal), [&](std::string_view) { ++records; });
  directory.write_json(kShardFile, {{"schema", "bteval-shard-1"},
                                    {"shard", options.shard.index},
                                    {"of", options.shard.count},
                                    {"work_units", units},
                                    {"work_units_of_run", all_units},
                                    {"records", records},
                                    {"folder", std::filesystem::current_path().string()},
                                    {"command", options.command}});
  fmt::print("shard {} of {} is done: {} of {} work units; join all with bteval merge\n", options.shard.index,
             options.shard.count, units, all_units);
}

bool RetrievalShard::share_pairs(engine::CrossHead head, const records::RetrievalScores& scores) {
  const std::span<const records::ScoredPair> pairs = scores.pairs;
  const bool all = pairs.empty();
  const std::uint64_t images_per_unit = runner_.images_per_unit();
  all_units_ = (scores.num_images + images_per_unit - 1) / images_per_unit;
  std::vector<std::uint64_t> every(all_units_);
  for (std::uint64_t unit = 0; unit < all_units_; ++unit) every[unit] = unit;
  units_ = units_of_shard(shard_, every).size();
  engine::ListedUnits open(
      units_of_shard(shard_, all ? runner_.open_units_of_all() : runner_.open_units(pairs)));
  engine::PairsOfUnit pairs_of;
  if (!all) {
    pairs_of = [&](std::uint64_t unit) {
      const auto found = runner_.pairs_of_unit(pairs, unit);
      return std::vector<records::ScoredPair>(found.begin(), found.end());
    };
  }
  runner_.compute_units(head, open, pairs_of,
                        [&](std::uint64_t, std::span<const engine::FinishedPart> parts) {
                          for (const engine::FinishedPart& part : parts)
                            parts_.keep(part.stage, part.part, part.values);
                        });
  return false;
}

}  // namespace bteval::app
