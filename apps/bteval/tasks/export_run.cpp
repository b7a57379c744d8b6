#include "tasks/export_run.h"

#include <cctype>
#include <ctime>
#include <iomanip>
#include <sstream>

#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "core/rounding.h"
#include "reports/leaderboard.h"
#include "reports/run_documents.h"
#include "tasks/finished_run.h"
#include "tasks/report_rows.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

/// A JSON string is a YAML double-quoted scalar; control characters and what is no ASCII are escaped.
std::string yaml(const std::string& text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

struct CardTask {
  const char* type;
  const char* name;
};

CardTask card_task(const std::string& task) {
  if (task == "vqav2") return {"visual-question-answering", "Visual Question Answering"};
  if (task == "nlvr2") return {"visual-reasoning", "Natural Language Visual Reasoning"};
  if (task == "snli-ve") return {"visual-entailment", "Visual Entailment"};
  return {"image-text-retrieval", "Image-Text Retrieval"};
}

std::string result_yaml(const reports::LeaderboardRow& row, const std::string& split,
                        const std::string& signature) {
  const CardTask task = card_task(row.task);
  std::string out = fmt::format(
      "  - task:\n      type: {}\n      name: {}\n    dataset:\n      type: {}\n      name: {}\n"
      "      split: {}\n    metrics:\n",
      yaml(task.type), yaml(task.name), yaml(row.task), yaml(reports::task_title(row.task)), yaml(split));
  for (const auto& [key, value] : row.values) {
    if (key.first != split) continue;
    const bool is_accuracy = key.second == "overall" || key.second == "accuracy";
    out += fmt::format("    - type: {}\n      name: {}\n      value: {}\n",
                       yaml(is_accuracy ? "accuracy" : key.second), yaml(key.second),
                       format_decimals(value.value, 2));
    out += fmt::format("      args:\n        signature: {}\n", yaml(signature));
  }
  return out;
}

/// What MLflow takes as a name: letters, digits, '_', '-', '.' and ' '; no name begins with a dot.
std::string mlflow_name(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool allowed = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                         std::string_view("_-. ").find(c) != std::string_view::npos;
    out += allowed ? c : '_';
  }
  if (out.empty() || out.front() == '.') out.insert(out.begin(), '_');
  return out;
}

class MlflowFolder {
 public:
  MlflowFolder(fs::path root, std::string milliseconds)
      : root_(std::move(root)), milliseconds_(std::move(milliseconds)) {}

  void metric(const std::string& name, const Json& value) {
    if (!value.is_object() || !value.value("unrounded", Json()).is_number()) return;
    write("metrics", name, fmt::format("{} {} 0\n", milliseconds_, value["unrounded"].dump()));
  }
  void text(const char* folder, const std::string& name, const Json& value) {
    write(folder, name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  std::size_t count() const { return count_; }

 private:
  void write(const char* folder, const std::string& name, const std::string& content) {
    make_folder(root_ / folder);
    write_file_atomic(root_ / folder / mlflow_name(name), content);
    ++count_;
  }

  fs::path root_;
  std::string milliseconds_;
  std::size_t count_ = 0;
};

/// The run's start ("2026-01-31T12:00:00Z") as milliseconds since 1970.
std::string start_milliseconds(const Json& manifest) {
  std::istringstream start(manifest.value("timing", Json::object()).value("start", ""));
  std::tm time = {};
  start >> std::get_time(&time, "%Y-%m-%dT%H:%M:%SZ");
  return start.fail() ? "0" : std::to_string(static_cast<std::int64_t>(timegm(&time)) * 1000);
}

}  // namespace

std::string model_index_yaml(const std::vector<fs::path>& runs, const std::string& name) {
  std::string out = "model-index:\n- name: " + yaml(name) + "\n  results:\n";
  bool any = false;
  for (const fs::path& run : runs) {
    std::vector<std::string> warnings;
    const std::string signature = open_finished_run(run).manifest.value("signature", "");
    for (const reports::LeaderboardRow& row : rows_of_runs({run}, 0, warnings)) {
      std::string last;
      for (const auto& [key, value] : row.values) {
        if (key.first == last) continue;
        last = key.first;
        out += result_yaml(row, key.first, signature);
        any = true;
      }
    }
  }
  if (any) return out;
  throw Error(ErrorCode::kData, "has no score to export",
              {runs.empty() ? "" : runs.front().string(), "", std::nullopt});
}

std::size_t write_mlflow_files(const fs::path& folder, const fs::path& out) {
  const FinishedRun run = open_finished_run(folder);
  const Json metrics = read_json(folder / "metrics.json");
  reports::check_metrics(metrics, (folder / "metrics.json").string());
  MlflowFolder files(out, start_milliseconds(run.manifest));
  const Json score = metrics.value("score", Json());
  if (score.is_object()) {
    files.metric("overall", score.value("overall", Json()));
    const Json groups = score.value("groups", Json::object());
    for (const auto& [group, values] : groups.items()) {
      for (const auto& [name, value] : values.items()) files.metric(group + " - " + name, value);
    }
  }
  const Json options = run.manifest.value("options", Json::object());
  for (const auto& [name, value] : options.items()) files.text("params", name, value);
  for (const Json& input : run.manifest.value("inputs", Json::array()))
    files.text("params", input.value("role", "") + "_sha256", input.value("sha256", ""));
  for (const char* name : {"task", "split", "signature", "identity"})
    files.text("tags", name, run.manifest.value(name, Json("")));
  return files.count();
}

}  // namespace bteval::app
