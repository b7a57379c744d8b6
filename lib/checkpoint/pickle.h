// A pickle reader that builds data and runs nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "checkpoint/pickle_value.h"

namespace bteval::checkpoint {

/// Bounds on what a pickle may make bteval allocate.
struct PickleLimits {
  std::size_t max_bytes = std::size_t{256} << 20;
  std::size_t max_values =
      1'000'000;  ///< values made, plus items copied by constructors; real files have 10^4 to 10^5
  std::size_t max_marks = 1000;  ///< containers open at the same time
};

/// Interprets the opcodes of protocols 2 to 5 that build data. `file` and `base` (the pickle's offset in it)
/// are for messages. The bytes of `text` must outlive the document.
///
/// Nothing is imported or called: classes in the table of pickle_globals.h become tensors, dicts, lists and
/// so on, all other classes opaque values. Error(kCheckpoint) naming file and offset for: truncated or
/// malformed opcodes, opcodes of protocols 0 and 1 that no torch.save writes, extension and out-of-band
/// opcodes, names that classify_global() refuses, calls of anything that is not a named class, and exceeded
/// limits.
PickleDocument parse_pickle(std::string_view text, const std::string& file, std::uint64_t base = 0,
                            const PickleLimits& limits = {});

}  // namespace bteval::checkpoint
