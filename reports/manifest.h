// manifest.json of a run directory.
#pragma once

#include <string>

#include "records/run_manifest.h"

namespace bteval::reports {

/// The version of the layout below; raised whenever a field changes its meaning.
inline constexpr int kManifestSchema = 1;

/// The document as it is written: tool, task, inputs, options, counts, refusals, environment, timing.
OrderedJson manifest_to_json(const records::RunManifest& manifest);

/// SHA-256 over all that decides the results: task, split, digests of the inputs, options. Paths, environment
/// and timing are left out.
std::string manifest_identity(const records::RunManifest& manifest);

/// The same from a manifest.json, of any version of bteval. Error(kData) naming `name` where a member is
/// missing.
std::string manifest_identity(const OrderedJson& manifest, const std::string& name);

}  // namespace bteval::reports
