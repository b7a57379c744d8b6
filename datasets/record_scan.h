// Reads annotation files to the end although records are wrong: for checks, which list all faults instead of
// stopping at the first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/json_reader.h"

namespace bteval::datasets {

/// One thing that is wrong with an annotation file.
struct ScanProblem {
  std::string record;                   ///< "questions[17]", "line 18"; "" for the file as a whole
  std::optional<std::uint64_t> offset;  ///< of the byte where it shows
  std::string message;
};

/// What a scan found beside the records.
struct ScanResult {
  std::uint64_t records = 0;  ///< those that were seen, wrong ones included
  std::vector<ScanProblem> problems;
  bool complete = true;  ///< whether the whole file was read; false where it breaks off or is no JSON at all
  std::map<std::string, std::string> members;  ///< text members beside the list, such as "data_subtype"
};

/// Where a record stands.
struct RecordPlace {
  std::size_t index = 0;     ///< from 0
  std::uint64_t offset = 0;  ///< of its first byte
  std::string name;          ///< "questions[17]", "line 18"
};

/// Takes one record; the reader stands before it and ends with it. What it throws becomes a problem of this
/// record.
using VisitRecord = std::function<void(JsonReader& reader, const RecordPlace& place)>;

/// Visits the elements of a document's list: the member `list` of its object, or the document itself where
/// `list` is "". Where the text is malformed, the scan ends with a problem.
ScanResult scan_json_list(const Bytes& file, const std::string& list, const VisitRecord& visit);

/// Visits every line that is not blank. A malformed line is a problem of its own.
ScanResult scan_json_lines(const Bytes& file, const VisitRecord& visit);

/// Members of an object whose values are texts or integers, as text; others, and keys that are not asked for,
/// are skipped. Throws as JsonReader does.
class RecordFields {
 public:
  RecordFields(JsonReader& reader, std::initializer_list<std::string_view> keys);

  /// nullptr where the record has no such member, or one that is neither text nor an integer.
  const std::string* find(std::string_view key) const;
  /// Error(kData) where find() has none.
  const std::string& at(std::string_view key) const;
  /// Error(kData) where the member is no text.
  const std::string& text_at(std::string_view key) const;
  /// The number in a member; Error(kData) where it is none.
  std::int64_t id_at(std::string_view key) const;

 private:
  struct Field {
    std::string_view key;
    std::string value;
    bool is_text;
  };
  const Field* find_field(std::string_view key) const;

  std::vector<Field> fields_;
};

}  // namespace bteval::datasets
