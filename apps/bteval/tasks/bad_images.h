// Images that cannot be read, all of them at once.
#pragma once

#include <cstdint>
#include <vector>

#include "core/error.h"
#include "records/sample.h"

namespace bteval::app {

/// Called where a run that does not go on without an image has ended with `error`. Tries to decode every one
/// of `images` (indices into samples.images), on all cores; names each bad one in a line of its own on
/// standard error, and throws Error(kData) with their number and the first. Where all can be read, throws
/// `error` itself.
[[noreturn]] void throw_bad_images(const records::SampleSet& samples,
                                   const std::vector<std::uint32_t>& images, const Error& error, bool quiet);

}  // namespace bteval::app
