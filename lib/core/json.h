// JSON from files and buffers, with errors that name the file, the offset and what the file really is.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/error.h"

namespace bteval {

using Json = nlohmann::json;
/// Keeps the order of insertion: used for everything that is written.
using OrderedJson = nlohmann::ordered_json;

/// How deep a document may be nested: values are copied, printed and compared by recursion. JsonReader's
/// limit, too; what people write by hand or by program is below 20.
inline constexpr std::size_t kMaxJsonDepth = 500;
/// How long a document that is read as a tree may be, as the tree takes up to twenty times its text. Large
/// files, such as annotations, are read by JsonReader instead, which has no such limit. The largest real ones
/// are tokenizers, some 20 MB, and manifests that list every sample of VQAv2 as refused, some 70 MB.
inline constexpr std::size_t kMaxJsonBytes = std::size_t{256} << 20;

/// Parses a whole document. Error(code) with `name` and the byte offset where it is malformed or above a
/// limit; a Git LFS pointer, an HTML page, an empty file or plain text is recognised and said, with its first
/// bytes.
Json parse_json(std::string_view text, const std::string& name, ErrorCode code = ErrorCode::kData);
/// The same, keeping the order of the members.
OrderedJson parse_ordered_json(std::string_view text, const std::string& name,
                               ErrorCode code = ErrorCode::kData);
Json read_json(const std::filesystem::path& path, ErrorCode code = ErrorCode::kData);

/// Throws the error that parse_json would throw for a text that is no JSON, where the first bytes show what
/// it is instead. For readers that parse by other means.
void refuse_if_not_json(std::string_view text, const std::string& name, ErrorCode code = ErrorCode::kData);

/// Whether the value is a whole number that a T holds.
template <std::integral T>
bool holds_integer(const Json& value) {
  if (value.is_number_unsigned()) return std::in_range<T>(value.get<std::uint64_t>());
  return value.is_number_integer() && std::in_range<T>(value.get<std::int64_t>());
}

/// An object's member with the type T; Error(code) naming `name` and `record` where it is absent, of another
/// type, or a number that no T holds.
template <typename T>
T json_member(const Json& object, const char* key, const std::string& name, const std::string& record,
              ErrorCode code = ErrorCode::kData) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end()) {
    throw Error(code, fmt::format("has no \"{}\"", key), {name, record, std::nullopt});
  }
  const auto refuse = [&]() -> Error {
    const std::string text = found->dump(-1, ' ', false, Json::error_handler_t::replace);
    return {code,
            fmt::format("\"{}\" has the wrong type: {}", key, printable(text, 60)),
            {name, record, std::nullopt}};
  };
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    if (!holds_integer<T>(*found)) throw refuse();
  }
  try {
    return found->template get<T>();
  } catch (const nlohmann::json::exception&) {
    throw refuse();
  }
}

}  // namespace bteval
