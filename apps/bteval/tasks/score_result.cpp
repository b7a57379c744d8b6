#include "tasks/score_result.h"

#include "core/file.h"
#include "core/version.h"
#include "reports/score_json.h"
#include "reports/signature.h"
#include "reports/table.h"

namespace bteval::app {

std::string score_signature(const std::string& task, const std::string& split, const records::Score& score,
                            std::uint64_t of, std::span<const records::SourceFile> files) {
  reports::Signature signature(task);
  signature.add("split", split.empty() ? "unknown" : split)
      .add("scorer", score.scorer)
      .add("n", score.overall.count);
  if (of > static_cast<std::uint64_t>(score.overall.count)) {
    signature.add("of", static_cast<std::int64_t>(of)).add("partial", "yes");
  }
  for (const records::SourceFile& file : files) signature.add_sha256(file.role, file.sha256);
  return signature.add("bteval", version()).line();
}

OrderedJson files_to_json(std::span<const records::SourceFile> files) {
  OrderedJson json = OrderedJson::array();
  for (const records::SourceFile& file : files) {
    json.push_back({{"role", file.role}, {"path", file.path}, {"sha256", file.sha256}});
  }
  return json;
}

OrderedJson to_json(const ScoreResult& result) {
  return {{"task", result.task},           {"split", result.split},
          {"signature", result.signature}, {"score", reports::score_to_json(result.score)},
          {"counts", result.counts},       {"files", files_to_json(result.files)}};
}

void report_score(const ScoreResult& result, const std::filesystem::path& json,
                  const std::vector<std::string>& lines) {
  if (!json.empty()) write_file_atomic(json, to_json(result).dump(2) + "\n");
  fmt::print("{}\n", reports::to_text(reports::score_to_table(result.score)));
  for (const records::CountMatrix& matrix : result.score.matrices) {
    fmt::print("{}\n", reports::to_text(reports::matrix_to_table(matrix)));
  }
  for (const std::string& line : lines) fmt::print("{}\n", line);
  for (const std::string& note : result.notes) fmt::print("{}\n", note);
  fmt::print("{}\n", result.signature);
}

}  // namespace bteval::app
