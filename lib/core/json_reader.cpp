#include "core/json_reader.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <utility>

#include "core/json.h"
#include "core/utf8.h"

namespace bteval {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Length of the longest prefix without quotes, backslashes, control characters and bytes above 0x7f: eight
// bytes at a time, as most of an annotation file is such text.
std::size_t plain_prefix(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  std::size_t pos = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; pos + 8 <= text.size(); pos += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + pos, 8);
      const std::uint64_t quote = word ^ (kOnes * '"');
      const std::uint64_t backslash = word ^ (kOnes * '\\');
      // (x - 1) & ~x has its high bit set in a byte that is zero, and in none below the first such byte.
      const std::uint64_t stop = (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) |
                                  ((word - kOnes * 0x20) & ~word) | word) &
                                 kHigh;
      if (stop != 0) return pos + static_cast<std::size_t>(std::countr_zero(stop)) / 8;
    }
  }
  for (; pos < text.size(); ++pos) {
    const auto byte = static_cast<unsigned char>(text[pos]);
    if (byte == '"' || byte == '\\' || byte < 0x20 || byte > 0x7f) break;
  }
  return pos;
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::string name, ErrorCode code)
    : text_(text), name_(std::move(name)), code_(code) {
  refuse_if_not_json(text_, name_, code_);
  if (text_.starts_with("\xef\xbb\xbf")) pos_ = 3;  // a byte order mark
}

void JsonReader::fail(const std::string& message, std::size_t offset) const {
  throw Error(code_, message, {name_, "", offset});
}

void JsonReader::fail_expected(std::string_view what) {
  if (pos_ >= text_.size()) fail(fmt::format("ends where {} should stand", what), pos_);
  fail(fmt::format("expected {}, found '{}'", what, printable(text_.substr(pos_, 30), 40)), pos_);
}

void JsonReader::skip_space() {
  while (pos_ < text_.size() &&
         (text_[pos_] == ' ' || text_[pos_] == '\n' || text_[pos_] == '\r' || text_[pos_] == '\t')) {
    ++pos_;
  }
}

char JsonReader::next_byte() {
  skip_space();
  return pos_ < text_.size() ? text_[pos_] : '\0';
}

JsonReader::Type JsonReader::peek() {
  const char c = next_byte();
  switch (c) {
    case '{':
      return Type::kObject;
    case '[':
      return Type::kArray;
    case '"':
      return Type::kString;
    case 't':
    case 'f':
      return Type::kBoolean;
    case 'n':
      return Type::kNull;
    default:
      if (c == '-' || is_digit(c)) return Type::kNumber;
      fail_expected("a value");
  }
}

void JsonReader::enter_object() {
  if (next_byte() != '{') fail_expected("an object");
  ++pos_;
  first_ = true;
}

void JsonReader::enter_array() {
  if (next_byte() != '[') fail_expected("a list");
  ++pos_;
  first_ = true;
}

bool JsonReader::next_member(char close) {
  const char c = next_byte();
  if (c == close) {
    ++pos_;
    first_ = false;
    return false;
  }
  if (!first_) {
    if (c != ',') fail_expected(fmt::format("',' or '{}'", close));
    ++pos_;
  }
  first_ = false;
  return true;
}

bool JsonReader::next_key(std::string_view& key) {
  if (!next_member('}')) return false;
  if (next_byte() != '"') fail_expected("a key");
  key = read_string();
  if (next_byte() != ':') fail_expected("':'");
  ++pos_;
  return true;
}

bool JsonReader::next_element() {
  if (!next_member(']')) return false;
  peek();  // refuses a comma before the bracket
  return true;
}

std::string_view JsonReader::read_string() {
  if (next_byte() != '"') fail_expected("a string");
  const std::size_t begin = ++pos_;
  for (;;) {
    pos_ += plain_prefix(text_.substr(pos_));
    if (pos_ >= text_.size()) fail("ends within a string", pos_);
    const auto byte = static_cast<unsigned char>(text_[pos_]);
    if (byte == '"') return text_.substr(begin, pos_++ - begin);
    if (byte == '\\') return read_escaped(begin, pos_);
    if (byte < 0x20) fail("has a control character within a string", pos_);
    const std::size_t length = utf8_sequence_length(text_.substr(pos_));
    if (length == 0) fail("has invalid UTF-8 within a string", pos_);
    pos_ += length;
  }
}

std::string_view JsonReader::read_escaped(std::size_t begin, std::size_t first_escape) {
  scratch_.assign(text_.substr(begin, first_escape - begin));
  for (;;) {
    const std::size_t plain = plain_prefix(text_.substr(pos_));
    scratch_ += text_.substr(pos_, plain);
    pos_ += plain;
    if (pos_ >= text_.size()) fail("ends within a string", pos_);
    const auto byte = static_cast<unsigned char>(text_[pos_]);
    if (byte == '"') {
      ++pos_;
      return scratch_;
    }
    if (byte == '\\') {
      ++pos_;
      append_escape();
      continue;
    }
    if (byte < 0x20) fail("has a control character within a string", pos_);
    const std::size_t length = utf8_sequence_length(text_.substr(pos_));
    if (length == 0) fail("has invalid UTF-8 within a string", pos_);
    scratch_ += text_.substr(pos_, length);
    pos_ += length;
  }
}

void JsonReader::append_escape() {
  if (pos_ >= text_.size()) fail("ends within a string", pos_);
  const std::size_t start = pos_ - 1;
  const char c = text_[pos_++];
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (const std::size_t found = kLetters.find(c); found != std::string_view::npos) {
    scratch_ += kMeanings[found];
    return;
  }
  if (c != 'u') fail("has an unknown escape within a string", start);
  unsigned code = read_hex4();
  if (code >= 0xdc00 && code <= 0xdfff) fail("has an unpaired surrogate within a string", start);
  if (code >= 0xd800 && code <= 0xdbff) {
    if (text_.substr(pos_, 2) != "\\u") fail("has an unpaired surrogate within a string", start);
    pos_ += 2;
    const unsigned low = read_hex4();
    if (low < 0xdc00 || low > 0xdfff) fail("has an unpaired surrogate within a string", start);
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  utf8_append(scratch_, static_cast<char32_t>(code));
}

unsigned JsonReader::read_hex4() {
  unsigned value = 0;
  const std::string_view digits = text_.substr(pos_, 4);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4) {
    fail("has a malformed \\u escape within a string", pos_);
  }
  pos_ += 4;
  return value;
}

std::int64_t JsonReader::read_int() {
  if (peek() != Type::kNumber) fail_expected("an integer");
  const std::size_t begin = pos_;
  skip_number();
  const std::string_view number = text_.substr(begin, pos_ - begin);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc() || end != number.data() + number.size()) {
    fail(fmt::format("expected an integer of 64 bits, found '{}'", printable(number, 40)), begin);
  }
  return value;
}

double JsonReader::read_double() {
  if (peek() != Type::kNumber) fail_expected("a number");
  const std::size_t begin = pos_;
  skip_number();
  double value = 0;
  const auto [end, error] = std::from_chars(text_.data() + begin, text_.data() + pos_, value);
  if (error != std::errc()) fail("has a number that no double holds", begin);
  return value;
}

void JsonReader::skip_number() {
  const std::size_t begin = pos_;
  const auto digits = [&] {
    const std::size_t from = pos_;
    while (pos_ < text_.size() && is_digit(text_[pos_])) ++pos_;
    if (pos_ == from) fail("has a malformed number", begin);
  };
  if (text_[pos_] == '-') ++pos_;
  if (pos_ < text_.size() && text_[pos_] == '0') {
    ++pos_;
  } else {
    digits();
  }
  if (pos_ < text_.size() && text_[pos_] == '.') {
    ++pos_;
    digits();
  }
  if (pos_ < text_.size() && (text_[pos_] == 'e' || text_[pos_] == 'E')) {
    ++pos_;
    if (pos_ < text_.size() && (text_[pos_] == '+' || text_[pos_] == '-')) ++pos_;
    digits();
  }
}

void JsonReader::skip_word(std::string_view word) {
  if (text_.substr(pos_, word.size()) != word) fail_expected("a value");
  pos_ += word.size();
}

void JsonReader::skip() {
  std::string open;  // the brackets that are open, innermost last
  do {
    bool value_follows = true;
    if (!open.empty()) {
      std::string_view key;
      value_follows = open.back() == '{' ? next_key(key) : next_element();
      if (!value_follows) open.pop_back();
    }
    if (!value_follows) continue;
    switch (peek()) {
      case Type::kObject:
      case Type::kArray:
        if (open.size() >= kMaxDepth) fail(fmt::format("is nested more than {} deep", kMaxDepth), pos_);
        open += text_[pos_++];
        first_ = true;
        break;
      case Type::kString:
        read_string();
        break;
      case Type::kNumber:
        skip_number();
        break;
      case Type::kBoolean:
        skip_word(text_[pos_] == 't' ? "true" : "false");
        break;
      case Type::kNull:
        skip_word("null");
        break;
    }
  } while (!open.empty());
}

void JsonReader::finish() {
  skip_space();
  if (pos_ != text_.size()) fail_expected("the end of the document");
}

}  // namespace bteval
