#include "support/mini_run.h"

#include <stdexcept>
#include <utility>

#include "core/bytes.h"
#include "core/json.h"
#include "support/mini_vqav2.h"

namespace bteval::testing {

std::vector<std::string> mini_arguments(const std::string& name, const std::filesystem::path& out) {
  const Json suite = read_json(mini_suite() / "suite.json");
  for (const Json& entry : suite.at("entries")) {
    if (entry.value("name", entry.at("task").get<std::string>()) != name) continue;
    const auto path = [&](const char* key) {
      return (mini_suite() / entry.at(key).get<std::string>()).string();
    };
    std::vector<std::string> argv = {"eval",    entry.at("task"), "--data",  path("data"),
                                     "--model", path("model"),    "--split", entry.at("split"),
                                     "--out",   out.string()};
    for (const char* more : {"--threads", "1", "--images-per-unit", "4", "--quiet"}) argv.emplace_back(more);
    argv.insert(argv.end(), {"--transform", entry.at("transform"), "--image-size",
                             std::to_string(entry.at("image_size").get<int>()), "--max-length",
                             std::to_string(entry.at("max_length").get<int>())});
    if (entry.contains("tokenizer")) argv.insert(argv.end(), {"--tokenizer", path("tokenizer")});
    if (entry.contains("vocabulary")) argv.insert(argv.end(), {"--vocabulary", path("vocabulary")});
    if (entry.contains("top_k"))
      argv.insert(argv.end(), {"--top-k", std::to_string(entry.at("top_k").get<int>())});
    return argv;
  }
  throw std::runtime_error("the suite has no entry " + name);
}

std::map<std::string, std::string> run_content(const std::filesystem::path& run) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(run)) {
    std::string text(Bytes::map_file(entry.path())->text());
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

CommandResult run_script(const std::string& script, const std::filesystem::path& run,
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
