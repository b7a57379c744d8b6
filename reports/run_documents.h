// Whether the documents of a run directory that somebody gives us have the shape that their readers rely on.
#pragma once

#include <string>

#include "core/json.h"

namespace bteval::reports {

/// Checks a manifest.json: an object; every member that a reader of bteval looks at has the type that
/// docs/manifest.schema.json gives it, where it is there at all, and names of outputs are names of files in
/// the run's folder. Error(kData) naming `name` and the member that is otherwise.
void check_manifest(const Json& manifest, const std::string& name);

/// Checks a metrics.json in the same way: the signature, the score with its groups, and the server's reply.
void check_metrics(const Json& metrics, const std::string& name);

}  // namespace bteval::reports
