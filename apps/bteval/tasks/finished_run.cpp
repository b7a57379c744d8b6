#include "tasks/finished_run.h"

#include "core/error.h"
#include "core/hash.h"
#include "reports/manifest.h"
#include "reports/run_documents.h"
#include "tasks/run_directory.h"

namespace bteval::app {

namespace fs = std::filesystem;

FinishedRun open_finished_run(const fs::path& folder) {
  const fs::path file = folder / "manifest.json";
  if (!fs::exists(file)) {
    throw Error(ErrorCode::kData,
                fs::exists(folder / RunDirectory::kJournal)
                    ? "is an unfinished run: the command that began it goes on with it"
                    : "is no finished run: it has no manifest.json",
                {folder.string(), "", std::nullopt});
  }
  FinishedRun run{folder, "", "", read_json(file)};
  const auto text = [&](const char* key) {
    return json_member<std::string>(run.manifest, key, file.string(), "manifest");
  };
  const int schema = json_member<int>(run.manifest, "schema", file.string(), "manifest");
  if (schema != reports::kManifestSchema) {
    throw Error(
        ErrorCode::kData,
        fmt::format("has layout {}, this version of bteval reads {}", schema, reports::kManifestSchema),
        {file.string(), "", std::nullopt});
  }
  reports::check_manifest(run.manifest, file.string());
  run.task = text("task");
  run.split = text("split");
  return run;
}

std::vector<std::string> excluded_samples(const FinishedRun& run) {
  const Json options = run.manifest.value("options", Json::object());
  if (!options.is_object() || options.value("on_bad_image", Json()) != "exclude") return {};
  const std::string name = (run.folder / "manifest.json").string();
  std::vector<std::string> ids;
  for (const Json& entry : run.manifest.value("refused", Json::array()))
    ids.push_back(json_member<std::string>(entry, "id", name, "refused"));
  return ids;
}

std::string run_name(const fs::path& folder) {
  const fs::path absolute = fs::absolute(folder).lexically_normal();
  return (absolute.has_filename() ? absolute : absolute.parent_path()).filename().string();
}

fs::path run_input(const FinishedRun& run, const std::string& role, const fs::path& otherwise) {
  const std::string manifest = (run.folder / "manifest.json").string();
  for (const Json& input : json_member<Json>(run.manifest, "inputs", manifest, "manifest")) {
    if (json_member<std::string>(input, "role", manifest, "inputs") != role) continue;
    const fs::path path =
        otherwise.empty() ? fs::path(json_member<std::string>(input, "path", manifest, role)) : otherwise;
    if (!fs::is_regular_file(path)) {
      throw Error(ErrorCode::kData,
                  fmt::format("the run's {} are not there any more: give --questions FILE", role),
                  {path.string(), "", std::nullopt});
    }
    if (sha256_file(path, ErrorCode::kData) != json_member<std::string>(input, "sha256", manifest, role)) {
      throw Error(ErrorCode::kData, fmt::format("is not the file that the run has read as its {}", role),
                  {path.string(), "", std::nullopt});
    }
    return path;
  }
  throw Error(ErrorCode::kData, fmt::format("names no {} among its inputs", role),
              {manifest, "", std::nullopt});
}

}  // namespace bteval::app
