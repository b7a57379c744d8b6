#include <algorithm>
#include <optional>

#include "checkpoint/checkpoint.h"
#include "core/error.h"
#include "core/hash.h"
#include "datasets/vqa_vocabulary.h"
#include "tasks/verify_parts.h"
#include "text/tokenizer.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

struct Input {
  std::string role, sha256;
  fs::path path;
};

bool is_of_the_model(const std::string& role) {
  return role == "checkpoint" || role == "config" || role == "tokenizer";
}

/// The digest as a run computes it: of a checkpoint over its files, of a tokenizer and a vocabulary over
/// their content.
std::string digest(const std::string& role, const fs::path& path) {
  if (role == "checkpoint") return checkpoint::checkpoint_sha256(checkpoint::open_checkpoint(path));
  if (role == "tokenizer") return text::Tokenizer::load(path).sha256();
  if (role == "vocabulary") return datasets::AnswerVocabulary::read(path).sha256();
  return sha256_file(path);
}

/// All files of that name below the folder.
std::vector<fs::path> files_named(const fs::path& folder, const fs::path& name) {
  std::vector<fs::path> found;
  std::error_code error;
  const auto options =
      fs::directory_options::follow_directory_symlink | fs::directory_options::skip_permission_denied;
  for (auto at = fs::recursive_directory_iterator(folder, options, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at->path().filename() == name && at->is_regular_file(error)) found.push_back(at->path());
  }
  std::ranges::sort(found);
  return found;
}

/// Where the input may lie, the likeliest first.
std::vector<fs::path> candidates(const Input& input, const VerifyOptions& options) {
  if (is_of_the_model(input.role)) {
    if (input.role == "tokenizer" && !options.tokenizer.empty()) return {options.tokenizer};
    if (options.model.empty()) return {input.path};
    const fs::path folder = fs::is_directory(options.model) ? options.model : options.model.parent_path();
    if (input.role == "config") return {folder / "config.json"};
    return {input.role == "checkpoint" ? options.model : folder};
  }
  if (!options.data.empty()) {
    if (auto found = files_named(options.data, input.path.filename()); !found.empty()) return found;
  }
  return {input.path};
}

/// The first candidate with the digest; else the item says why there is none.
std::optional<fs::path> find_input(const Input& input, const VerifyOptions& options, VerifyItem& item) {
  if (fs::is_directory(input.path) && input.role == "vocabulary") {
    item.verdict = Verdict::kNotChecked;
    item.detail = "was rebuilt from the annotations below " + input.path.string();
    return std::nullopt;
  }
  item.verdict = Verdict::kNotChecked;
  for (const fs::path& path : candidates(input, options)) {
    if (!fs::exists(path)) {
      if (item.verdict == Verdict::kNotChecked) item.detail = "is not there: " + path.string();
      continue;
    }
    item.verdict = Verdict::kDiffers;
    try {
      if (digest(input.role, path) == input.sha256) {
        item.verdict = Verdict::kMatches;
        item.detail = path == input.path ? "" : path.string();
        return path;
      }
      item.detail = "is not what the run has read: " + path.string();
    } catch (const Error& error) {
      item.detail = error.what();
    }
  }
  return std::nullopt;
}

}  // namespace

FoundInputs verify_inputs(const FinishedRun& run, const VerifyOptions& options, VerifyReport& report) {
  const std::string name = (run.folder / "manifest.json").string();
  FoundInputs found;
  for (const Json& json : json_member<std::vector<Json>>(run.manifest, "inputs", name, "manifest")) {
    const Input input{json_member<std::string>(json, "role", name, "inputs"),
                      json_member<std::string>(json, "sha256", name, "inputs"),
                      json_member<std::string>(json, "path", name, "inputs")};
    VerifyItem item{"input " + input.role, Verdict::kMatches, ""};
    if (const auto path = find_input(input, options, item)) found[input.role] = *path;
    report.items.push_back(std::move(item));
  }
  return found;
}

}  // namespace bteval::app
