#include "support/mini_run.h"

#include <stdexcept>
#include <utility>

#include "core/json.h"
#include "support/files.h"
#include "support/mini_vqav2.h"

namespace bteval::testing {

namespace fs = std::filesystem;

namespace {

Json entry_of(const std::string& name) {
  const Json suite = read_json(mini_suite() / "suite.json");
  for (const Json& entry : suite.at("entries"))
    if (entry.value("name", entry.at("task").get<std::string>()) == name) return entry;
  throw std::runtime_error("the mini suite has no entry " + name);
}

}  // namespace

std::vector<std::string> MiniEval::arguments() const {
  const Json entry = entry_of(name);
  const auto path = [&](const char* key, const fs::path& other) {
    return (other.empty() ? mini_suite() / entry.at(key).get<std::string>() : other).string();
  };
  std::vector<std::string> argv = {"eval",    entry.at("task"),
                                   "--data",  path("data", data),
                                   "--model", path("model", model),
                                   "--split", split.empty() ? entry.at("split").get<std::string>() : split,
                                   "--out",   out.string(),
                                   "--quiet"};
  for (const auto& [option, key] : {std::pair{"--transform", "transform"},
                                    {"--image-size", "image_size"},
                                    {"--max-length", "max_length"},
                                    {"--top-k", "top_k"}}) {
    if (!entry.contains(key)) continue;
    argv.insert(argv.end(),
                {option, entry[key].is_string() ? entry[key].get<std::string>() : entry[key].dump()});
  }
  if (model.empty()) {  // else what lies beside it
    for (const auto& [option, key] : {std::pair{"--tokenizer", "tokenizer"}, {"--vocabulary", "vocabulary"}})
      if (entry.contains(key)) argv.insert(argv.end(), {option, path(key, {})});
  }
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

std::vector<std::string> mini_arguments(const std::string& name, const fs::path& out) {
  return MiniEval{.name = name, .out = out, .more = {"--threads", "1", "--images-per-unit", "4"}}.arguments();
}

std::map<std::string, std::string> run_content(const fs::path& run) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(run)) {
    std::string text = text_of(entry.path());
    const std::string name = entry.path().filename().string();
    if (name == "manifest.json") {
      Json manifest = Json::parse(text);
      manifest.erase("timing");
      text = manifest.dump(1);
    }
    files[name] = std::move(text);
  }
  return files;
}

CommandResult run_script(const std::string& script, const fs::path& run,
                         const std::vector<std::string>& argv) {
  const std::string functions = R"(
    journal=$0/journal
    start_until() {  # BYTES COMMAND...: leaves $pid running, or ended before it came so far
      local bytes=$1
      shift
      "$@" & pid=$!
      while kill -0 $pid 2>/dev/null && { [ ! -f "$journal" ] || [ $(stat -c %s "$journal" 2>/dev/null || echo 0) -lt $bytes ]; }; do
        sleep 0.002
      done
    }
)";
  std::vector<std::string> all = {"bash", "-c", functions + script, run.string()};
  all.insert(all.end(), argv.begin(), argv.end());
  return run_command(all);
}

}  // namespace bteval::testing
