#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/journal.h"
#include "core/json.h"
#include "core/json_reader.h"
#include "core/read_file.h"
#include "tasks/command_words.h"
#include "tasks/shard.h"

namespace bteval::app {

namespace fs = std::filesystem;

namespace {

/// A finished shard as its folder says it.
struct FinishedShard {
  fs::path run;
  std::uint32_t index = 0, count = 0;
  std::uint64_t records = 0;
  std::string folder;
  std::vector<std::string> command;
  std::shared_ptr<const Bytes> journal;
  Json header;
};

FinishedShard read_shard(const fs::path& run) {
  const fs::path file = run / kShardFile;
  if (!fs::exists(file)) {
    throw Error(ErrorCode::kData,
                fs::exists(run / "manifest.json")
                    ? "is a finished run, not a shard of one"
                    : "is no finished shard: it has no shard.json; run its command again to finish it",
                {run.string(), "", std::nullopt});
  }
  const Json json = read_json(file);
  const std::string name = file.string();
  FinishedShard shard;
  shard.run = run;
  if (json_member<std::string>(json, "schema", name, "") != "bteval-shard-1")
    throw Error(ErrorCode::kData, "is of another version of bteval", {name, "schema", std::nullopt});
  shard.index = json_member<std::uint32_t>(json, "shard", name, "");
  shard.count = json_member<std::uint32_t>(json, "of", name, "");
  shard.records = json_member<std::uint64_t>(json, "records", name, "");
  shard.folder = json_member<std::string>(json, "folder", name, "");
  shard.command = json_member<std::vector<std::string>>(json, "command", name, "");
  if (shard.index < 1 || shard.index > shard.count)
    throw Error(ErrorCode::kData, fmt::format("there is no shard {} of {}", shard.index, shard.count),
                {name, "", std::nullopt});
  shard.journal = read_file(run / RunDirectory::kJournal);
  std::uint64_t records = 0;
  const JournalFrames frames = read_journal(*shard.journal, [&](std::string_view) { ++records; });
  const ErrorContext context{(run / RunDirectory::kJournal).string(), "", std::nullopt};
  if (!frames.header || records != shard.records) {
    throw Error(ErrorCode::kData,
                fmt::format("has {} whole records, and shard.json says {}: run the shard's command again",
                            records, shard.records),
                context);
  }
  shard.header = parse_json(*frames.header, context.file);
  return shard;
}

void check_together(const std::vector<FinishedShard>& shards) {
  const FinishedShard& first = shards.front();
  std::map<std::uint32_t, const FinishedShard*> by_index;
  for (const FinishedShard& shard : shards) {
    const auto refuse = [&](const std::string& what) {
      throw Error(ErrorCode::kUsage, what, {shard.run.string(), "", std::nullopt});
    };
    if (shard.count != first.count) {
      refuse(
          fmt::format("is one of {} shards, and {} one of {}", shard.count, first.run.string(), first.count));
    }
    if (shard.header != first.header) {
      refuse(fmt::format("is a shard of another run than {}: {}", first.run.string(),
                         describe_differences(first.header, shard.header, "was", "here it is")));
    }
    const auto [found, is_new] = by_index.emplace(shard.index, &shard);
    if (!is_new) refuse(fmt::format("is shard {}, and so is {}", shard.index, found->second->run.string()));
  }
  std::string missing;
  for (std::uint32_t i = 1; i <= first.count && missing.size() < 200; ++i) {
    if (!by_index.contains(i)) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", i);
  }
  if (!missing.empty())
    throw Error(ErrorCode::kUsage, fmt::format("shards are missing: {} of {}", missing, first.count));
}

}  // namespace

std::vector<std::string> merge_shards(const MergeOptions& options) {
  std::vector<FinishedShard> shards;
  for (const fs::path& run : options.runs) shards.push_back(read_shard(run));
  if (shards.empty()) throw Error(ErrorCode::kUsage, "no shard is given");
  check_together(shards);
  std::ranges::sort(shards, {}, &FinishedShard::index);
  const fs::path out = fs::absolute(options.out);
  if (fs::exists(out) && !fs::is_empty(out))
    throw Error(ErrorCode::kUsage, "exists and is not empty: choose another --out",
                {options.out.string(), "", std::nullopt});
  make_folder(out);
  Journal journal(out / RunDirectory::kJournal);
  std::unordered_set<std::string> seen;  // of retrieval, every shard has all embeddings
  for (const FinishedShard& shard : shards) {
    const JournalFrames frames = read_journal(*shard.journal);
    if (&shard == &shards.front()) journal.start(*frames.header);
    read_journal(*shard.journal, [&](std::string_view record) {
      if (seen.insert(sha256(record)).second) journal.append(record);
    });
  }
  journal.sync();
  Words command =
      with_option(without_option(shards.front().command, {"--shard"}), {"--out", "-o"}, out.string());
  const std::pair<Words, std::string> moved[] = {{{"--data", "-d"}, options.data},
                                                 {{"--model", "-m"}, options.model},
                                                 {{"--tokenizer"}, options.tokenizer},
                                                 {{"--vocabulary"}, options.vocabulary}};
  for (const auto& [names, path] : moved) {
    if (!path.empty())
      command = with_option(command, names, fs::exists(path) ? fs::absolute(path).string() : path);
  }
  std::error_code error;
  fs::current_path(shards.front().folder, error);  // relative paths in the command are meant from there
  return command;
}

}  // namespace bteval::app
