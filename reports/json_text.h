// JSON that may stand inside an HTML document, written piece by piece.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace bteval::reports {

/// Appends compact JSON to a string: the caller opens and closes what it writes, commas come by themselves.
/// A document of a hundred megabytes needs no tree of values. Strings hold no `<`, `>`, `&`, U+2028 or
/// U+2029, so that no HTML parser and no JavaScript parser ends them early; invalid UTF-8 becomes U+FFFD.
class JsonText {
 public:
  JsonText& open(char bracket);   ///< '{' or '['
  JsonText& close(char bracket);  ///< '}' or ']'
  JsonText& key(std::string_view name);

  JsonText& add(std::string_view text);
  JsonText& add(const char* text) { return add(std::string_view(text)); }
  JsonText& add(const std::string& text) { return add(std::string_view(text)); }
  /// Six significant digits; null where it is no finite number.
  JsonText& add(double number);
  JsonText& add(float number) { return add(static_cast<double>(number)); }
  template <std::integral T>
  JsonText& add(T number) {
    comma();
    text_ += std::to_string(number);
    return *this;
  }
  JsonText& null();
  /// A string of base64 (RFC 4648, with padding).
  JsonText& add_base64(std::string_view bytes);

  std::string take() && { return std::move(text_); }

 private:
  void comma();

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace bteval::reports
