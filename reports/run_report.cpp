#include "reports/run_report.h"

#include "core/shell_quote.h"
#include "core/version.h"
#include "reports/score_json.h"
#include "reports/table.h"

namespace bteval::reports {
namespace {

std::string text_of(const OrderedJson& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string key_value_table(const OrderedJson& object, const char* key_title, const char* value_title) {
  Table table{{{key_title}, {value_title}}, {}};
  for (const auto& [key, value] : object.items()) table.rows.push_back({key, text_of(value)});
  return to_markdown(table);
}

// A fence longer than any run of backticks inside, so that the content cannot end it.
std::string fenced(const std::string& content) {
  std::string fence = "```";
  while (content.find(fence) != std::string::npos) fence += '`';
  return fence + "\n" + content + "\n" + fence + "\n";
}

}  // namespace

std::string run_report_markdown(const records::RunManifest& manifest,
                                const std::optional<records::Score>& score, const std::string& why_no_score) {
  std::string md = fmt::format("# {} on {}\n\n", manifest.task, manifest.split);
  if (score) {
    md += fmt::format("{}, scorer `{}`.\n\n", score->metric, score->scorer) +
          to_markdown(score_to_table(*score));
    for (const records::CountMatrix& matrix : score->matrices)
      md += "\n" + to_markdown(matrix_to_table(matrix));
  } else {
    md += fmt::format("No score: {}.\n", why_no_score);
  }
  if (!manifest.warnings.empty()) {
    Table table{{{"warning"}}, {}};
    for (const std::string& warning : manifest.warnings) table.rows.push_back({warning});
    md += "\n## Warnings\n\n" + to_markdown(table);
  }
  md += "\n## Signature\n\n" + fenced(manifest.signature);
  md += "\n## Counts\n\n" + key_value_table(manifest.counts, "what", "number");
  if (!manifest.refused.empty()) {
    Table table{{{"sample"}, {"image"}, {"reason"}}, {}};
    for (const OrderedJson& entry : manifest.refused) {
      table.rows.push_back(
          {text_of(entry.at("id")), text_of(entry.at("image_id")), text_of(entry.at("reason"))});
    }
    md += "\n## Refused samples\n\n" + to_markdown(table);
  }
  Table inputs{{{"input"}, {"file"}, {"SHA-256"}}, {}};
  for (const auto& input : manifest.inputs) inputs.rows.push_back({input.role, input.path, input.sha256});
  md += "\n## Inputs\n\n" + to_markdown(inputs);
  md += "\n## Options\n\n" + key_value_table(manifest.options, "option", "value");
  Table environment{{{"what"}, {"value"}}, {{"bteval", version() + " (" + git_revision() + ")"}}};
  for (const auto& [key, value] : manifest.environment) environment.rows.push_back({key, value});
  md += "\n## Environment\n\n" + to_markdown(environment);
  return md + "\n## Command\n\n" + fenced(shell_command(manifest.command));
}

}  // namespace bteval::reports
