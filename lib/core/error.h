// The one exception type of bteval, and the exit statuses that its codes map to.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace bteval {

/// What went wrong, coarse enough for a shell script to act on. See exit_status().
enum class ErrorCode {
  kInternal,     ///< a defect of bteval itself
  kUsage,        ///< an option or its value does not make sense
  kData,         ///< annotations, images, vocabularies, predictions: missing, malformed, or contradicting
  kCheckpoint,   ///< weights, config.json, tokenizer files: missing, malformed, or not fitting together
  kDevice,       ///< the device is absent, too small or failed
  kRefused,      ///< the run finished, but samples were refused
  kRanks,        ///< another process of the run, or the way to it, is lost
  kInterrupted,  ///< SIGINT or SIGTERM
};

/// Documented process exit status: 1 internal, 2 usage, 3 data, 4 checkpoint, 5 device, 6 refused, 7
/// ranks, 130 interrupted.
int exit_status(ErrorCode code);

/// Where in the input the fault lies. Empty parts are not printed.
struct ErrorContext {
  std::string file;                     ///< path as the user gave it
  std::string record;                   ///< for example "question_id 1234", "tensor a.b.weight", "line 7"
  std::optional<std::uint64_t> offset;  ///< byte offset in the file
};

/// An error for the user. what() is one line: "FILE: RECORD: at byte N: message", with the absent parts left
/// out.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string message, ErrorContext context = {});

  ErrorCode code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const ErrorContext& context() const noexcept { return context_; }

  /// The same error with the parts of `outer` filled in where this one has none. Used at folder boundaries,
  /// where a reader of bytes does not know the name of its file.
  Error with_context(const ErrorContext& outer) const;

 private:
  ErrorCode code_;
  std::string message_;
  ErrorContext context_;
};

/// Makes untrusted text safe for one line of a terminal: control characters and invalid UTF-8 become \xNN,
/// and what is longer than `max_bytes` is cut with "…".
std::string printable(std::string_view text, std::size_t max_bytes = 120);

}  // namespace bteval
