#include "reports/json_text.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "core/utf8.h"

namespace bteval::reports {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kLineSeparator = "\xe2\x80\xa8", kParagraphSeparator = "\xe2\x80\xa9";

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '"' &&
         c != '\\' && c != '<' && c != '>' && c != '&';
}

void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_plain(text[end])) ++end;
    out += text.substr(i, end - i);
    i = end;
    if (i == text.size()) break;
    const char c = text[i];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
      ++i;
    } else if (static_cast<unsigned char>(c) < 0x80) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      ++i;
    } else {
      const std::size_t length = utf8_sequence_length(text.substr(i));
      const std::string_view sequence = text.substr(i, length);
      if (length == 0) {
        out += kReplacement;
      } else if (sequence == kLineSeparator || sequence == kParagraphSeparator) {
        out += sequence == kLineSeparator ? "\\u2028" : "\\u2029";
      } else {
        out += sequence;
      }
      i += length == 0 ? 1 : length;
    }
  }
}

}  // namespace

void JsonText::comma() {
  if (needs_comma_) text_ += ',';
  needs_comma_ = true;
}

JsonText& JsonText::open(char bracket) {
  comma();
  text_ += bracket;
  needs_comma_ = false;
  return *this;
}

JsonText& JsonText::close(char bracket) {
  text_ += bracket;
  needs_comma_ = true;
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  add(name);
  text_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonText& JsonText::add(std::string_view text) {
  comma();
  text_ += '"';
  append_escaped(text_, text);
  text_ += '"';
  return *this;
}

JsonText& JsonText::add(double number) {
  if (!std::isfinite(number)) return null();
  comma();
  fmt::format_to(std::back_inserter(text_), "{:.6g}", number == 0 ? 0.0 : number);  // no "-0"
  return *this;
}

JsonText& JsonText::null() {
  comma();
  text_ += "null";
  return *this;
}

JsonText& JsonText::add_base64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  comma();
  text_ += '"';
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t block = 0;
    for (std::size_t k = 0; k < 3; ++k)
      block = block << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text_ += i + k <= bytes.size() ? kDigits[block >> (18 - 6 * k) & 63] : '=';
  }
  text_ += '"';
  return *this;
}

}  // namespace bteval::reports
