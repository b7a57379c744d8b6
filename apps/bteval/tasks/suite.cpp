#include "tasks/suite.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "core/error.h"
#include "core/json.h"
#include "datasets/folders.h"

namespace bteval::app {

namespace fs = std::filesystem;

std::vector<fs::path> asset_folders() {
  std::vector<fs::path> folders;
  if (const char* named = std::getenv("BTEVAL_ASSETS"); named != nullptr && *named != '\0')
    folders.emplace_back(named);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    folders.push_back(program.parent_path().parent_path() / "share/bteval/assets");
    fs::path above = program.parent_path();
    for (int level = 0; level < 4 && above != above.root_path(); ++level) {
      folders.push_back(above / "assets");
      above = above.parent_path();
    }
  }
  folders.emplace_back(BTEVAL_SOURCE_ASSETS);
  return folders;
}

fs::path find_suite(const std::string& name) {
  if (fs::is_regular_file(name)) return name;
  if (fs::is_regular_file(fs::path(name) / "suite.json")) return fs::path(name) / "suite.json";
  std::string looked;
  for (const fs::path& folder : asset_folders()) {
    const fs::path candidate = folder / name / "suite.json";
    if (fs::is_regular_file(candidate)) return candidate;
    looked += (looked.empty() ? "" : ", ") + printable(candidate.string(), 400);
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("there is no suite \"{}\"; set BTEVAL_ASSETS to the folder that holds it; "
                          "looked at {}",
                          printable(name), looked));
}

std::vector<EvalOptions> suite_entries(const fs::path& suite_json, const EvalOptions& common) {
  const std::string file = suite_json.string();
  const fs::path folder = suite_json.parent_path();
  const Json suite = read_json(suite_json);
  const auto entries = json_member<std::vector<Json>>(suite, "entries", file, "suite");
  if (entries.empty()) throw Error(ErrorCode::kData, "the suite has no entries", {file, "", std::nullopt});
  if (common.shard.count != 0)
    throw Error(ErrorCode::kUsage, "a suite cannot be run in shards: shard its entries one by one");
  std::vector<EvalOptions> all;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Json& entry = entries[i];
    const std::string record = fmt::format("entry {}", i);
    const auto text = [&](const char* key) { return json_member<std::string>(entry, key, file, record); };
    const auto number = [&](const char* key) { return json_member<int>(entry, key, file, record); };
    const auto count = [&](const char* key) { return json_member<std::uint32_t>(entry, key, file, record); };
    if (!entry.is_object()) throw Error(ErrorCode::kData, "is no JSON object", {file, record, std::nullopt});
    EvalOptions options = common;
    options.task = text("task");
    options.name = entry.contains("name") ? text("name") : options.task;
    // It names the folder that the run is written to, which must lie in --out.
    if (!datasets::is_plain_name(options.name)) {
      throw Error(ErrorCode::kData,
                  fmt::format("\"{}\" is no name for a run: letters, digits, '-', '_' and '.', not starting "
                              "with a '.'",
                              printable(options.name, 60)),
                  {file, record, std::nullopt});
    }
    if (std::any_of(all.begin(), all.end(),
                    [&](const EvalOptions& other) { return other.name == options.name; })) {
      throw Error(ErrorCode::kData,
                  fmt::format("an entry before it has the name \"{}\", too: \"name\" tells them apart",
                              printable(options.name, 60)),
                  {file, record, std::nullopt});
    }
    options.data = folder / text("data");
    options.split = text("split");
    options.model = folder / text("model");
    if (entry.contains("vocabulary")) options.vocabulary = (folder / text("vocabulary")).string();
    if (entry.contains("tokenizer")) options.tokenizer = folder / text("tokenizer");
    if (entry.contains("transform")) options.transform = text("transform");
    if (entry.contains("image_size")) options.image_size_px = number("image_size");
    if (entry.contains("max_length")) options.max_length = count("max_length");
    if (entry.contains("scorer")) options.scorer = text("scorer");
    if (entry.contains("protocol")) options.retrieval.protocol = text("protocol");
    if (entry.contains("top_k")) options.retrieval.top_k = count("top_k");
    // Retrieval has no score without an image; the other entries do.
    if (options.task == "flickr30k" || options.task == "coco")
      options.engine.on_bad_image = engine::OnBadImage::kFail;
    if (!common.out.empty()) options.out = common.out / options.name;
    all.push_back(std::move(options));
  }
  return all;
}

}  // namespace bteval::app
