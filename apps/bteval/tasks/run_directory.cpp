#include "tasks/run_directory.h"

#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"

namespace bteval::app {

namespace fs = std::filesystem;

RunDirectory::RunDirectory(fs::path path, const std::string& identity, bool force) : path_(std::move(path)) {
  const fs::path manifest = path_ / "manifest.json";
  if (!force && fs::exists(manifest)) {
    const Json old = read_json(manifest);
    const std::string known = old.value("identity", std::string());
    if (known != identity) {
      throw Error(ErrorCode::kUsage,
                  "holds a run of other inputs or options: choose another --out, or give --force",
                  {path_.string(), "", std::nullopt});
    }
  } else if (!force && fs::exists(path_) && (!fs::is_directory(path_) || !fs::is_empty(path_))) {
    throw Error(ErrorCode::kUsage, "exists and is no run directory: choose another --out, or give --force",
                {path_.string(), "", std::nullopt});
  }
  make_folder(path_);
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
