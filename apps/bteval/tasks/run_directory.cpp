#include "tasks/run_directory.h"

#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/version.h"
#include "reports/manifest.h"
#include "reports/run_documents.h"

namespace bteval::app {

namespace fs = std::filesystem;

namespace {

/// Everything that decides the bits of the results in a journal, apart from the environment.
OrderedJson what_decides(const records::RunManifest& manifest) {
  OrderedJson json = {{"program", fmt::format("{} ({}; {})", version(), git_revision(), build_info())},
                      {"task", manifest.task},
                      {"split", manifest.split},
                      {"options", manifest.options}};
  json["options"].erase("on_bad_image");  // decides what happens where there is no result
  for (const records::SourceFile& input : manifest.inputs) json["inputs"][input.role] = input.sha256;
  return json;
}

Json journal_header(const Journal& journal) {
  Json header = parse_json(*journal.header(), journal.path().string());
  if (!header.is_object())
    throw Error(ErrorCode::kData, "begins with no header", {journal.path().string(), "", std::nullopt});
  return header;
}

/// The manifest of a finished run, of whatever version.
Json read_manifest(const fs::path& file) {
  Json manifest = read_json(file);
  reports::check_manifest(manifest, file.string());
  return manifest;
}

std::string value_text(const Json& json, const Json::json_pointer& at) {
  return json.contains(at) ? printable(json.at(at).dump(), 80) : "nothing";
}

[[noreturn]] void refuse(const fs::path& path, const Json& old, const Json& now) {
  throw Error(ErrorCode::kUsage,
              fmt::format("holds an unfinished run that this one cannot go on with ({}): choose another "
                          "--out, or give --force to begin anew",
                          describe_differences(old, now, "was", "now it is")),
              {path.string(), "", std::nullopt});
}

/// Makes the folder, unless something else is there.
MadeFolder run_folder(const fs::path& path, bool force) {
  const bool is_run = fs::exists(path / "manifest.json") || fs::exists(path / RunDirectory::kJournal);
  if (!force && !is_run && fs::exists(path) && (!fs::is_directory(path) || !fs::is_empty(path))) {
    throw Error(ErrorCode::kUsage, "exists and is no run directory: choose another --out, or give --force",
                {path.string(), "", std::nullopt});
  }
  return MadeFolder(path);
}

void remove_temporary_files(const fs::path& path) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (AtomicFile::is_temporary(entry.path())) found.push_back(entry.path());
  }
  std::error_code ignored;  // whoever writes them again says what is wrong
  for (const fs::path& file : found) fs::remove(file, ignored);
}

/// Another run's files must not stand among this one's.
void remove_finished(const fs::path& path, const Json& manifest) {
  std::error_code ignored;
  fs::remove(path / "manifest.json", ignored);
  for (const Json& output : manifest.value("outputs", Json::array())) {
    const fs::path name = output.value("name", std::string());
    if (!name.empty() && name == name.filename()) fs::remove(path / name, ignored);
  }
}

}  // namespace

RunDirectory::RunDirectory(fs::path path, const records::RunManifest& manifest, bool force)
    : path_(std::move(path)), force_(force), folder_(run_folder(path_, force)), journal_(path_ / kJournal) {
  remove_temporary_files(path_);
  if (journal_.header() && !force) {
    Json old = journal_header(journal_);
    old.erase("environment");
    if (const Json now = what_decides(manifest); old != now) refuse(path_, old, now);
  }
  const std::string identity = reports::manifest_identity(manifest);
  const fs::path finished = path_ / "manifest.json";
  if (!fs::exists(finished)) return;
  const Json old = read_manifest(finished);
  if (old.value("identity", std::string()) == identity) return;
  if (!force) {
    throw Error(ErrorCode::kUsage,
                "holds a run of other inputs or options: choose another --out, or give --force",
                {path_.string(), "", std::nullopt});
  }
  remove_finished(path_, old);
}

Json RunDirectory::finished_manifest() const {
  if (journal_.header() || !fs::exists(path_ / "manifest.json")) return {};
  Json manifest = read_manifest(path_ / "manifest.json");
  for (const Json& output : manifest.value("outputs", Json::array())) {
    const fs::path file = path_ / output.value("name", std::string());
    if (!fs::is_regular_file(file) || sha256_file(file) != output.value("sha256", std::string())) return {};
  }
  return manifest.contains("outputs") ? manifest : Json();
}

OrderedJson run_header(const records::RunManifest& manifest) {
  OrderedJson decides = what_decides(manifest);
  decides["environment"] = OrderedJson::object();
  for (const auto& [key, value] : manifest.environment) decides["environment"][key] = value;
  return decides;
}

std::string describe_differences(const Json& old, const Json& now, const char* was, const char* is) {
  std::string what;
  for (const Json& change : Json::diff(old, now)) {
    const auto pointer = change.at("path").get<std::string>();
    const Json::json_pointer at(pointer);
    what += fmt::format("{}{} {} {}, {} {}", what.empty() ? "" : "; ", printable(pointer.substr(1), 80), was,
                        value_text(old, at), is, value_text(now, at));
  }
  return what;
}

bool RunDirectory::begin(const records::RunManifest& manifest) {
  const OrderedJson decides = run_header(manifest);
  if (journal_.header() && !force_) {
    const Json old = journal_header(journal_);
    if (old != Json(decides)) refuse(path_, old, decides);
    return true;
  }
  journal_.start(decides.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
  return false;
}

void RunDirectory::write(const char* name, std::string_view content) const {
  write_file_atomic(file(name), content);
}

fs::path RunDirectory::file(const char* name) const {
  names_.insert(name);
  return path_ / name;
}

void RunDirectory::add_files(const std::vector<fs::path>& files) const {
  for (const fs::path& path : files) names_.insert(path.filename().string());
}

OrderedJson RunDirectory::outputs() const {
  OrderedJson json = OrderedJson::array();
  for (const std::string& name : names_) {
    const std::string sha256 = sha256_file(path_ / name);
    json.push_back({{"name", name}, {"sha256", sha256}, {"bytes", fs::file_size(path_ / name)}});
  }
  return json;
}

void RunDirectory::write_json(const char* name, const OrderedJson& document) const {
  write(name, std::string_view(document.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n"));
}

}  // namespace bteval::app
