#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "core/error.h"
#include "core/hash.h"
#include "core/read_file.h"
#include "reports/run_documents.h"
#include "reports/server_reply.h"
#include "tasks/submit.h"
#include "tasks/verify_parts.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

/// Removed, with all that is in it, when the object goes away.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "bteval-verify-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      throw Error(ErrorCode::kData, "cannot be made", {name, "", std::nullopt});
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// As the run wrote it: `bteval submit --reply` adds the member "server" afterwards.
std::string metrics_digest(const FinishedRun& run) {
  const auto bytes = read_file(run.folder / "metrics.json");
  OrderedJson metrics = read_metrics(run);
  if (metrics.erase("server") == 0) return sha256(bytes->span());
  return sha256(metrics.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
}

void verify_reply(const FinishedRun& run, VerifyReport& report) {
  const OrderedJson metrics = read_metrics(run);
  if (!metrics.contains("server")) return;
  VerifyItem item{"server's reply", Verdict::kMatches, ""};
  const fs::path file = run.folder / "server_reply.json";
  if (!fs::exists(file)) {
    item.verdict = Verdict::kNotChecked;
    item.detail = "server_reply.json is not there";
  } else if (reports::to_json(reports::read_vqa_reply(read_file(file)->text(), file.string())) !=
             metrics["server"]) {
    item.verdict = Verdict::kDiffers;
    item.detail = "metrics.json has other numbers than server_reply.json";
  }
  report.items.push_back(std::move(item));
}

/// Whether the run has written the file; true where its manifest is too old to say.
bool is_output(const FinishedRun& run, const std::string& name) {
  const auto outputs = run.manifest.find("outputs");
  return outputs == run.manifest.end() ||
         std::ranges::any_of(*outputs, [&](const Json& output) { return output.value("name", "") == name; });
}

}  // namespace

void verify_outputs(const FinishedRun& run, VerifyReport& report) {
  const std::string name = (run.folder / "manifest.json").string();
  if (!run.manifest.contains("outputs")) {
    report.items.push_back({"outputs", Verdict::kNotChecked, "the manifest names no digests of outputs"});
  } else {
    for (const Json& output : json_member<std::vector<Json>>(run.manifest, "outputs", name, "manifest")) {
      const auto file_name = json_member<std::string>(output, "name", name, "outputs");
      const auto digest = json_member<std::string>(output, "sha256", name, "outputs");
      VerifyItem item{file_name, Verdict::kMatches, ""};
      const fs::path file = run.folder / fs::path(file_name).filename();
      if (!fs::is_regular_file(file)) {
        item.verdict = Verdict::kDiffers;
        item.detail = "is missing";
      } else if ((file_name == "metrics.json" ? metrics_digest(run) : sha256_file(file)) != digest) {
        item.verdict = Verdict::kDiffers;
        item.detail = "was changed after the run";
      }
      report.items.push_back(std::move(item));
    }
  }
  verify_reply(run, report);
}

void verify_submission(const FinishedRun& run, const FoundInputs& inputs, VerifyReport& report) {
  const char* name = run.task == "vqav2"     ? "submission.json"
                     : run.task == "nlvr2"   ? "submission.csv"
                     : run.task == "snli-ve" ? "submission.jsonl"
                                             : "";
  const fs::path file = run.folder / name;
  if (*name == '\0' || !fs::exists(file)) return;
  VerifyItem item{"submission from predictions", Verdict::kMatches, ""};
  const auto questions = inputs.find(run.task == "vqav2" ? "questions" : "annotations");
  if (!is_output(run, name)) {
    item.verdict = Verdict::kNotChecked;
    item.detail = fmt::format("the run has not written {}", name);
  } else if (refused_samples(run) > 0) {
    item.verdict = Verdict::kNotChecked;
    item.detail = "the run refused samples";
  } else if (questions == inputs.end()) {
    item.verdict = Verdict::kNotChecked;
    item.detail = "needs the question or annotation file";
  } else {
    try {
      const ScratchFolder scratch;
      const fs::path again = scratch.path() / name;
      submit_run({run.folder, again, questions->second, false});
      if (sha256_file(again) != sha256_file(file)) {
        item.verdict = Verdict::kDiffers;
        item.detail = "predictions.jsonl gives another submission";
      }
    } catch (const Error& error) {
      item.verdict = Verdict::kDiffers;
      item.detail = error.what();
    }
  }
  report.items.push_back(std::move(item));
}

OrderedJson read_metrics(const FinishedRun& run) {
  const fs::path file = run.folder / "metrics.json";
  reports::check_metrics(read_json(file), file.string());
  return OrderedJson::parse(read_file(file)->text());
}

}  // namespace bteval::app
