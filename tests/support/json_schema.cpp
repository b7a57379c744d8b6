#include "support/json_schema.h"

#include <algorithm>
#include <regex>
#include <set>

namespace bteval::testing {
namespace {

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return false;
}

}  // namespace

std::vector<std::string> schema_faults(const Json& schema, const Json& document, const std::string& at) {
  static const std::set<std::string> kKnown = {"$schema", "title", "description", "type",    "required",
                                               "items",   "const", "properties",  "pattern", "enum"};
  std::vector<std::string> faults;
  const auto add = [&](const std::string& fault) { faults.push_back(at + ": " + fault); };
  const auto descend = [&](const Json& part, const Json& value, const std::string& name) {
    for (std::string& fault : schema_faults(part, value, at + "/" + name)) faults.push_back(std::move(fault));
  };
  for (const auto& [keyword, rule] : schema.items()) {
    if (!kKnown.contains(keyword)) add("the schema uses " + keyword);
    if (keyword == "type" && !has_type(document, rule.get<std::string>())) add("is no " + rule.dump());
    if (keyword == "const" && document != rule) add("is not " + rule.dump());
    if (keyword == "enum" && std::ranges::find(rule, document) == rule.end())
      add("is none of " + rule.dump());
    if (keyword == "pattern" && document.is_string() &&
        !std::regex_search(document.get<std::string>(), std::regex(rule.get<std::string>())))
      add(document.dump() + " does not match " + rule.dump());
    if (keyword == "required" && document.is_object()) {
      for (const Json& name : rule) {
        if (!document.contains(name.get<std::string>())) add("has no " + name.dump());
      }
    }
    if (keyword == "properties" && document.is_object()) {
      for (const auto& [name, part] : rule.items()) {
        if (document.contains(name)) descend(part, document[name], name);
      }
    }
    if (keyword == "items" && document.is_array()) {
      for (std::size_t i = 0; i < document.size(); ++i) descend(rule, document[i], std::to_string(i));
    }
  }
  return faults;
}

}  // namespace bteval::testing
