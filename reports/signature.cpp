#include "reports/signature.h"

#include <fmt/format.h>

namespace bteval::reports {
namespace {

constexpr std::size_t kDigestDigits = 12;

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '|' || c == ':' || c == '%') {
      out += fmt::format("%{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Signature& Signature::add(std::string_view key, std::string_view value) {
  parts_.emplace_back(escape(key), escape(value));
  return *this;
}

Signature& Signature::add(std::string_view key, std::int64_t value) {
  return add(key, std::to_string(value));
}

Signature& Signature::add_sha256(std::string_view key, std::string_view sha256) {
  return add(key, sha256.substr(0, kDigestDigits));
}

std::string Signature::line() const {
  std::string line = escape(task_);
  for (const auto& [key, value] : parts_) line += fmt::format("|{}:{}", key, value);
  return line;
}

}  // namespace bteval::reports
