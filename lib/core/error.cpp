#include "core/error.h"

#include "core/utf8.h"

namespace bteval {
namespace {

std::string compose(const std::string& message, const ErrorContext& context) {
  std::string line;
  if (!context.file.empty()) line += printable(context.file, 4096) + ": ";
  if (!context.record.empty()) line += printable(context.record, 400) + ": ";
  if (context.offset) line += fmt::format("at byte {}: ", *context.offset);
  return line + printable(message, 4000);
}

}  // namespace

int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal:
      return 1;
    case ErrorCode::kUsage:
      return 2;
    case ErrorCode::kData:
      return 3;
    case ErrorCode::kCheckpoint:
      return 4;
    case ErrorCode::kDevice:
      return 5;
    case ErrorCode::kRefused:
      return 6;
    case ErrorCode::kRanks:
      return 7;
    case ErrorCode::kInterrupted:
      return 130;
  }
  return 1;
}

Error::Error(ErrorCode code, std::string message, ErrorContext context)
    : std::runtime_error(compose(message, context)),
      code_(code),
      message_(std::move(message)),
      context_(std::move(context)) {}

Error Error::with_context(const ErrorContext& outer) const {
  ErrorContext merged = context_;
  if (merged.file.empty()) merged.file = outer.file;
  if (merged.record.empty()) merged.record = outer.record;
  if (!merged.offset) merged.offset = outer.offset;
  return Error(code_, message_, std::move(merged));
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string out;
  std::size_t pos = 0;
  while (pos < text.size()) {
    if (out.size() >= max_bytes) return out + "…";
    const std::size_t length = utf8_sequence_length(text.substr(pos));
    const auto byte = static_cast<unsigned char>(text[pos]);
    if (length == 0 || (length == 1 && (byte < 0x20 || byte == 0x7f))) {
      out += fmt::format("\\x{:02x}", byte);
      ++pos;
    } else {
      out += text.substr(pos, length);
      pos += length;
    }
  }
  return out;
}

}  // namespace bteval
