// A checker for the part of JSON Schema that our schema files use.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"

namespace bteval::testing {

/// Every place where `document` breaks `schema`: "/inputs/0: has no \"sha256\"". Knows type, required,
/// properties, items, const, enum and pattern; another keyword that constrains is a fault of the schema.
std::vector<std::string> schema_faults(const Json& schema, const Json& document, const std::string& at = "");

}  // namespace bteval::testing
