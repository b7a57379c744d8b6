// A pickle's value as JSON.
#pragma once

#include "checkpoint/pickle_value.h"
#include "core/json.h"

namespace bteval::checkpoint {

/// Dicts become objects, lists, tuples and sets arrays, classes "module.Name", tensors and bytes short
/// descriptions. An opaque value becomes {"__class__": "module.Name", its items and attributes, "__args__":
/// [...]}. Numpy scalars become numbers. Infinities and NaN become "inf", "-inf" and "nan".
/// Error(kCheckpoint), without a context, where the value is nested more than 100 deep (or contains itself)
/// or unfolds to more than 250,000 values.
Json pickle_to_json(const PickleValue& value);

}  // namespace bteval::checkpoint
