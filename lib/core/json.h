// JSON from files and buffers, with errors that name the file, the offset and what the file really is.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/error.h"

namespace bteval {

using Json = nlohmann::json;
/// Keeps the order of insertion: used for everything that is written.
using OrderedJson = nlohmann::ordered_json;

/// Parses a whole document. Error(code) with `name` and the byte offset where it is malformed; a Git LFS
/// pointer, an HTML page, an empty file or plain text is recognised and said, with its first bytes.
Json parse_json(std::string_view text, const std::string& name, ErrorCode code = ErrorCode::kData);
Json read_json(const std::filesystem::path& path, ErrorCode code = ErrorCode::kData);

/// Throws the error that parse_json would throw for a text that is no JSON, where the first bytes show what
/// it is instead. For readers that parse by other means.
void refuse_if_not_json(std::string_view text, const std::string& name, ErrorCode code = ErrorCode::kData);

/// An object's member with the type T; Error(code) naming `name` and `record` where it is absent or of
/// another type.
template <typename T>
T json_member(const Json& object, const char* key, const std::string& name, const std::string& record,
              ErrorCode code = ErrorCode::kData) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end()) {
    throw Error(code, fmt::format("has no \"{}\"", key), {name, record, std::nullopt});
  }
  try {
    return found->template get<T>();
  } catch (const nlohmann::json::exception&) {
    throw Error(code, fmt::format("\"{}\" has the wrong type: {}", key, printable(found->dump(), 60)),
                {name, record, std::nullopt});
  }
}

}  // namespace bteval
