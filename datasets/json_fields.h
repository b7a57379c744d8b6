// What the readers of annotation files share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/json_reader.h"

namespace bteval::datasets {

/// An id that is an integer or, in files that others made, a string of decimal digits. Throws as JsonReader
/// does.
std::int64_t read_id(JsonReader& reader);

/// "questions[17]", or "question_id 262148000" where the id is known.
std::string record_name(const char* list, std::size_t index, const char* key, std::optional<std::int64_t> id);

/// Throws Error(kData) "has no "KEY"" unless `present`.
void require_member(const JsonReader& reader, bool present, const char* key);

/// Whether there is anything but ASCII white space.
bool has_text(std::string_view text);

}  // namespace bteval::datasets
