#include "tasks/eval.h"

#include "core/error.h"
#include "reports/table.h"
#include "tasks/suite.h"

namespace bteval::app {

std::optional<EvalResult> evaluate(const EvalOptions& options) {
  if (options.task == "vqav2") return evaluate_vqav2(options);
  if (options.task == "nlvr2") return evaluate_nlvr2(options);
  if (options.task == "snli-ve") return evaluate_snli_ve(options);
  if (options.task == "flickr30k" || options.task == "coco") return evaluate_retrieval(options);
  throw Error(ErrorCode::kUsage,
              fmt::format("there is no task \"{}\": the tasks are vqav2, nlvr2, snli-ve, flickr30k and coco",
                          printable(options.task, 40)));
}

std::uint64_t evaluate_suite(const std::string& suite, const EvalOptions& options) {
  reports::Table table{{{"run"},
                        {"split"},
                        {"scorer"},
                        {"samples", reports::Align::kRight},
                        {"score", reports::Align::kRight}},
                       {}};
  std::uint64_t refused = 0;
  for (const EvalOptions& entry : suite_entries(find_suite(suite), options)) {
    const std::optional<EvalResult> result = evaluate(entry);
    if (!result) continue;
    refused += result->refused;
    table.rows.push_back({result->task, result->split, result->score ? result->score->scorer : "",
                          std::to_string(result->samples),
                          result->score ? fmt::format("{:.2f}", result->score->overall.value) : "none"});
  }
  if (table.rows.size() > 1) fmt::print("\n{}", reports::to_text(table));
  return refused;
}

}  // namespace bteval::app
