#include "tasks/data_check.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "image/decode.h"

namespace bteval::app {
namespace {

using datasets::DataCheck;
using datasets::FindingGroup;
using datasets::Severity;
using datasets::SplitCheck;

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kInformation:
      break;
  }
  return "information";
}

// Paths and texts of others may hold anything; JSON holds UTF-8.
std::string utf8(const std::string& text) { return printable(text, text.size() * 4 + 4); }

OrderedJson to_json(const std::vector<FindingGroup>& groups) {
  OrderedJson list = OrderedJson::array();
  for (const FindingGroup& group : groups) {
    OrderedJson findings = OrderedJson::array();
    for (const datasets::Finding& finding : group.findings) {
      findings.push_back({{"where", utf8(finding.where)}, {"what", utf8(finding.what)}});
    }
    list.push_back({{"kind", datasets::fault_name(group.fault)},
                    {"severity", severity_name(datasets::fault_severity(group.fault))},
                    {"count", group.findings.size()},
                    {"findings", std::move(findings)}});
  }
  return list;
}

OrderedJson to_json(const SplitCheck& split) {
  OrderedJson counts = OrderedJson::object();
  for (const datasets::CountCheck& count : split.counts) {
    counts[count.name] = {{"found", count.found}};
    if (count.official) counts[count.name]["official"] = *count.official;
  }
  OrderedJson files = OrderedJson::array();
  for (const std::string& file : split.files) files.push_back(utf8(file));
  return {{"split", split.split},
          {"files", std::move(files)},
          {"counts", std::move(counts)},
          {"findings", to_json(split.groups)}};
}

void add_groups(const std::vector<FindingGroup>& groups, std::size_t examples, std::string& text) {
  for (const FindingGroup& group : groups) {
    text += fmt::format("  {}: {} {}\n", severity_name(datasets::fault_severity(group.fault)),
                        group.findings.size(), datasets::fault_title(group.fault));
    for (std::size_t i = 0; i < std::min(examples, group.findings.size()); ++i) {
      text += fmt::format("    {}: {}\n", printable(group.findings[i].where, 300),
                          printable(group.findings[i].what, 300));
    }
    if (group.findings.size() > examples) {
      text += fmt::format("    … and {} more\n", group.findings.size() - examples);
    }
  }
}

}  // namespace

DataCheck check_data(datasets::DataCheckOptions options) {
  options.decode = [](std::span<const std::byte> file) { image::decode_rgb(file); };
  return datasets::check_data(options);
}

OrderedJson to_json(const DataCheck& check) {
  OrderedJson splits = OrderedJson::array();
  for (const SplitCheck& split : check.splits) splits.push_back(to_json(split));
  return {{"task", check.task},
          {"root", utf8(check.root)},
          {"images", datasets::image_depth_name(check.depth)},
          {"image_files", check.image_files},
          {"image_bytes", check.image_bytes},
          {"errors", check.count(Severity::kError)},
          {"warnings", check.count(Severity::kWarning)},
          {"splits", std::move(splits)},
          {"findings", to_json(check.groups)}};
}

std::string to_text(const DataCheck& check, std::size_t examples) {
  std::string text;
  for (const SplitCheck& split : check.splits) {
    text += fmt::format("{} {}\n", check.task, split.split);
    for (const std::string& file : split.files) text += fmt::format("  {}\n", printable(file, 300));
    for (const datasets::CountCheck& count : split.counts) {
      text += fmt::format("  {} {}", count.found, count.name);
      if (count.official) {
        text += *count.official == count.found ? ", as officially"
                                               : fmt::format(", officially {}", *count.official);
      }
      text += '\n';
    }
    add_groups(split.groups, examples, text);
  }
  if (!check.groups.empty()) text += "image folders\n";
  add_groups(check.groups, examples, text);
  text += fmt::format("{} image files, {:.1f} MB, checked by {}: {} errors, {} warnings\n", check.image_files,
                      static_cast<double>(check.image_bytes) / 1e6, datasets::image_depth_name(check.depth),
                      check.count(Severity::kError), check.count(Severity::kWarning));
  return text;
}

}  // namespace bteval::app
