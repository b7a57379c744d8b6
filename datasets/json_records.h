// Files that hold one JSON object a record: JSON lines, or one JSON list.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "core/bytes.h"
#include "core/json_reader.h"

namespace bteval::datasets {

/// Reads one record. `id` is what messages call the record: "pairID 1r1c"; the reader sets it as soon as it
/// knows it.
using ReadRecord = std::function<void(JsonReader& reader, std::string& id)>;

/// Calls `read` for every line that is not blank. Its errors come out with the name of the file, "line N" and
/// the record's id, and the byte offset in the file. Error(kData) for a file that is no JSON lines.
void read_json_lines(const Bytes& file, const ReadRecord& read);

/// Calls `read` for every element of a JSON list; errors name "record N" (from 0) and the record's id.
void read_json_list(const Bytes& file, const ReadRecord& read);

/// Whichever of both the file is, by its first character.
void read_json_records(const Bytes& file, const ReadRecord& read);

/// The first character behind white space and a byte order mark; '\0' where there is none.
char first_character(const Bytes& file);

}  // namespace bteval::datasets
