#include "tasks/verify.h"

#include <algorithm>

#include "core/error.h"
#include "core/read_file.h"
#include "core/shell_quote.h"
#include "core/version.h"
#include "reports/manifest.h"
#include "tasks/verify_parts.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSignatureDigits = 12;

void verify_identity(const FinishedRun& run, VerifyReport& report) {
  const fs::path file = run.folder / "manifest.json";
  const auto ordered = OrderedJson::parse(read_file(file)->text());  // the order of the options counts
  const std::string identity = reports::manifest_identity(ordered, file.string());
  const bool same = identity == ordered.value("identity", "");
  report.items.push_back({"identity", same ? Verdict::kMatches : Verdict::kDiffers,
                          same ? "" : "the manifest's inputs or options are not those of its identity"});
}

void verify_signature(const FinishedRun& run, VerifyReport& report) {
  const std::string signature = run.manifest.value("signature", "");
  std::string detail;
  for (const Json& input : run.manifest.value("inputs", Json::array())) {
    const std::string role = input.value("role", "");
    const std::string part = "|" + role + ":" + input.value("sha256", "").substr(0, kSignatureDigits);
    if (signature.find(part) == std::string::npos) detail = "has another digest for the " + role;
  }
  const std::size_t excluded = excluded_samples(run).size();
  const std::string left_out = excluded > 0 ? fmt::format("|excluded:{}|", excluded) : "|excluded:";
  if ((signature.find(left_out) != std::string::npos) != (excluded > 0))
    detail = "does not say how many samples are excluded";
  if (!signature.starts_with(run.task + "|split:")) detail = "is of another task";
  if (read_metrics(run).value("signature", "") != signature) detail = "metrics.json has another one";
  report.items.push_back({"signature", detail.empty() ? Verdict::kMatches : Verdict::kDiffers, detail});
}

}  // namespace

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMatches:
      return "matches";
    case Verdict::kDiffers:
      return "differs";
    case Verdict::kNotChecked:
      return "not checked";
  }
  throw Error(ErrorCode::kInternal, "a verdict without a name");
}

std::size_t VerifyReport::count(Verdict verdict) const {
  return static_cast<std::size_t>(std::ranges::count(items, verdict, &VerifyItem::verdict));
}

VerifyReport verify_run(const VerifyOptions& options) {
  const FinishedRun run = open_finished_run(options.run);
  VerifyReport report;
  verify_identity(run, report);
  verify_signature(run, report);
  const FoundInputs inputs = verify_inputs(run, options, report);
  verify_outputs(run, report);
  verify_score(run, inputs, report);
  verify_submission(run, inputs, report);
  return report;
}

Reproduction reproduce_run(const fs::path& folder) {
  const FinishedRun run = open_finished_run(folder);
  const std::string name = (folder / "manifest.json").string();
  const auto command = json_member<std::vector<std::string>>(run.manifest, "command", name, "manifest");
  if (command.empty()) throw Error(ErrorCode::kData, "names no command", {name, "", std::nullopt});
  Reproduction result{shell_command(command), {}};
  const auto warn = [&](std::string text) { result.warnings.push_back(std::move(text)); };
  const Json tool = run.manifest.value("tool", Json::object());
  const std::string made_by = tool.value("version", "?"), revision = tool.value("git_revision", "?");
  if (made_by != version() || revision != git_revision()) {
    warn(fmt::format("the run was made by bteval {} ({}), this is {} ({})", printable(made_by, 40),
                     printable(revision, 60), version(), git_revision()));
  }
  if (std::ranges::find(command, "--suite") != command.end())
    warn("the command runs a whole suite, of which this run is one entry");
  bool relative = false;
  for (const Json& input : run.manifest.value("inputs", Json::array())) {
    const fs::path path = input.value("path", "");
    relative = relative || path.is_relative();
    if (!fs::exists(path)) {
      warn(fmt::format("the {} is not there: {}", printable(input.value("role", ""), 40),
                       printable(path.string(), 400)));
    }
  }
  if (relative) warn("paths are relative to the folder in which the run was started");
  return result;
}

}  // namespace bteval::app
