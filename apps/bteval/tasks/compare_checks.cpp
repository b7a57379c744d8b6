#include "tasks/compare_checks.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "core/error.h"
#include "core/hash.h"

namespace bteval::app {
namespace {

// Inputs that make the model; everything else is the data.
constexpr std::array<std::string_view, 4> kModelRoles = {"checkpoint", "config", "tokenizer", "vocabulary"};

// Options that decide what is counted, and how: all tasks' scorer, and the rules of retrieval.
constexpr std::array<const char*, 6> kScoringOptions = {"scorer", "protocol", "ties",
                                                        "folds",  "fold",     "captions"};

std::map<std::string, std::set<std::string>> data_digests(const FinishedRun& run) {
  const std::string file = (run.folder / "manifest.json").string();
  std::map<std::string, std::set<std::string>> digests;
  for (const Json& input : json_member<Json>(run.manifest, "inputs", file, "manifest")) {
    const auto role = json_member<std::string>(input, "role", file, "inputs");
    if (std::find(kModelRoles.begin(), kModelRoles.end(), role) != kModelRoles.end()) continue;
    digests[role].insert(json_member<std::string>(input, "sha256", file, role).substr(0, 12));
  }
  return digests;
}

std::string shown(const std::set<std::string>& digests) {
  std::string text;
  for (const std::string& digest : digests) text += (text.empty() ? "" : "+") + digest;
  return text.empty() ? "none" : text;
}

/// How many, which first, and for more than one a digest, so that other samples never look the same.
std::string shown(const std::vector<std::string>& ids) {
  if (ids.empty()) return "none";
  if (ids.size() == 1) return "1 (" + ids.front() + ")";
  std::string lines;
  for (const std::string& id : ids) lines += id + "\n";
  return fmt::format("{} ({}, …; digest {})", ids.size(), ids.front(), sha256(lines).substr(0, 12));
}

std::string option(const FinishedRun& run, const char* name) {
  const auto options = run.manifest.find("options");
  if (options == run.manifest.end() || !options->is_object() || !options->contains(name)) return "none";
  const Json& value = options->at(name);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::vector<std::string> comparability_problems(const FinishedRun& a, const FinishedRun& b) {
  std::vector<std::string> problems;
  const auto compare = [&](const std::string& what, const std::string& of_a, const std::string& of_b) {
    if (of_a == of_b) return;
    problems.push_back(fmt::format("{}: {} has {}, {} has {}", what, a.folder.string(), printable(of_a),
                                   b.folder.string(), printable(of_b)));
  };
  compare("task", a.task, b.task);
  compare("split", a.split, b.split);
  auto data_a = data_digests(a), data_b = data_digests(b);
  for (const auto& [role, digests] : data_b) data_a.try_emplace(role);
  for (const auto& [role, digests] : data_a)
    compare("digest of the " + role, shown(digests), shown(data_b[role]));
  for (const char* name : kScoringOptions) compare(name, option(a, name), option(b, name));
  compare("excluded samples", shown(excluded_samples(a)), shown(excluded_samples(b)));
  return problems;
}

}  // namespace bteval::app
