#include "reports/manifest.h"

#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "core/version.h"

namespace bteval::reports {

namespace {

OrderedJson inputs_json(const records::RunManifest& manifest) {
  OrderedJson json = OrderedJson::array();
  for (const records::SourceFile& input : manifest.inputs) {
    OrderedJson entry = {{"role", input.role}, {"path", input.path}, {"sha256", input.sha256}};
    if (input.bytes > 0) entry["bytes"] = input.bytes;
    json.push_back(std::move(entry));
  }
  return json;
}

/// What the identity depends on.
OrderedJson head_of(const records::RunManifest& manifest) {
  return {{"schema", kManifestSchema}, {"tool", {{"version", version()}}}, {"task", manifest.task},
          {"split", manifest.split},   {"inputs", inputs_json(manifest)},  {"options", manifest.options}};
}

}  // namespace

OrderedJson manifest_to_json(const records::RunManifest& manifest) {
  OrderedJson json;
  json["schema"] = kManifestSchema;
  json["tool"] = {
      {"name", "bteval"}, {"version", version()}, {"git_revision", git_revision()}, {"build", build_info()}};
  json["task"] = manifest.task;
  json["split"] = manifest.split;
  json["signature"] = manifest.signature;
  json["identity"] = manifest_identity(manifest);
  json["inputs"] = inputs_json(manifest);
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
  return manifest_identity(head_of(manifest), "manifest");
}

std::string manifest_identity(const OrderedJson& manifest, const std::string& name) {
  const auto member = [&](const OrderedJson& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (object.is_object() && found != object.end()) return *found;
    throw Error(ErrorCode::kData, fmt::format("has no \"{}\"", key), {name, "manifest", std::nullopt});
  };
  OrderedJson json;
  json["schema"] = member(manifest, "schema");
  json["version"] = member(member(manifest, "tool"), "version");
  json["task"] = member(manifest, "task");
  json["split"] = member(manifest, "split");
  for (const OrderedJson& input : member(manifest, "inputs"))
    json["inputs"].push_back({member(input, "role"), member(input, "sha256")});
  json["options"] = member(manifest, "options");
  return sha256(json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
}

}  // namespace bteval::reports
