// A pull parser for JSON files of hundreds of megabytes: no document in memory, strings as views into the
// text.
//
// For the large, flat annotation files; everything else goes through core/json.h. The grammar is RFC 8259's
// with UTF-8 and without unpaired surrogates; tests and a fuzzer compare what it accepts with what the other
// parser accepts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"

namespace bteval {

/// Reads one document from front to back:
///
///     reader.enter_object();
///     std::string_view key;
///     while (reader.next_key(key)) {
///       if (key == "ids") {
///         reader.enter_array();
///         while (reader.next_element()) ids.push_back(reader.read_int());
///       } else {
///         reader.skip();
///       }
///     }
///     reader.finish();
///
/// Every method throws Error(code) with the name and the byte offset where the text is malformed or holds
/// something else than what is asked for. The text must outlive the reader.
class JsonReader {
 public:
  enum class Type { kObject, kArray, kString, kNumber, kBoolean, kNull };

  /// A text that is obviously no JSON is refused as by refuse_if_not_json().
  JsonReader(std::string_view text, std::string name, ErrorCode code = ErrorCode::kData);

  /// Type of the next value, by its first byte.
  Type peek();

  void enter_object();
  /// Moves to the next member's value and gives its key, or leaves the object and returns false.
  bool next_key(std::string_view& key);
  void enter_array();
  /// Moves to the next element, or leaves the array and returns false.
  bool next_element();

  /// The decoded string; the view is valid until the next call of read_string() or next_key().
  std::string_view read_string();
  /// A number without fraction and exponent that fits 64 bits.
  std::int64_t read_int();
  /// Any number, as the nearest double.
  double read_double();
  /// Reads any value and drops it; nested at most kMaxDepth deep.
  void skip();
  /// Checks that nothing but white space follows.
  void finish();

  /// Offset of the next byte to be read.
  std::size_t offset() const { return pos_; }
  /// Throws the reader's kind of error at an offset.
  [[noreturn]] void fail(const std::string& message, std::size_t offset) const;

  static constexpr std::size_t kMaxDepth = 500;

 private:
  void skip_space();
  char next_byte();
  [[noreturn]] void fail_expected(std::string_view what);
  bool next_member(char close);
  std::string_view read_escaped(std::size_t begin, std::size_t first_escape);
  void append_escape();
  unsigned read_hex4();
  void skip_number();
  void skip_word(std::string_view word);

  std::string_view text_;
  std::string name_;
  ErrorCode code_;
  std::size_t pos_ = 0;
  bool first_ = false;  // whether the next member is its container's first one
  std::string scratch_;
};

}  // namespace bteval
