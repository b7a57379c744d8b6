#include "reports/manifest.h"

#include <utility>

#include "core/hash.h"
#include "core/version.h"

namespace bteval::reports {

OrderedJson manifest_to_json(const records::RunManifest& manifest) {
  OrderedJson json;
  json["schema"] = kManifestSchema;
  json["tool"] = {
      {"name", "bteval"}, {"version", version()}, {"git_revision", git_revision()}, {"build", build_info()}};
  json["task"] = manifest.task;
  json["split"] = manifest.split;
  json["signature"] = manifest.signature;
  json["identity"] = manifest_identity(manifest);
  json["inputs"] = OrderedJson::array();
  for (const records::SourceFile& input : manifest.inputs) {
    OrderedJson entry = {{"role", input.role}, {"path", input.path}, {"sha256", input.sha256}};
    if (input.bytes > 0) entry["bytes"] = input.bytes;
    json["inputs"].push_back(std::move(entry));
  }
  json["options"] = manifest.options;
  json["counts"] = manifest.counts;
  json["refused"] = manifest.refused;
  json["warnings"] = manifest.warnings;
  json["environment"] = OrderedJson::object();
  for (const auto& [key, value] : manifest.environment) json["environment"][key] = value;
  json["command"] = manifest.command;
  json["timing"] = manifest.timing;
  return json;
}

std::string manifest_identity(const records::RunManifest& manifest) {
  OrderedJson json;
  json["schema"] = kManifestSchema;
  json["version"] = version();
  json["task"] = manifest.task;
  json["split"] = manifest.split;
  for (const records::SourceFile& input : manifest.inputs)
    json["inputs"].push_back({input.role, input.sha256});
  json["options"] = manifest.options;
  return sha256(json.dump());
}

}  // namespace bteval::reports
