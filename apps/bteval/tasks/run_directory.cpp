#include "tasks/run_directory.h"

#include <utility>

#include "core/error.h"
#include "core/file.h"

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
  write_file_atomic(path_ / name, content);
}

void RunDirectory::write_json(const char* name, const OrderedJson& document) const {
  write(name, std::string_view(document.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n"));
}

}  // namespace bteval::app
