// Images that cannot be read, all of them at once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/pixels.h"
#include "engine/runner.h"
#include "records/sample.h"

namespace bteval::app {

/// Before a run that does not go on without an image: Error(kData) with the number of missing ones and the
/// first five. Where there are more, all are named on standard error before, each in a line.
void require_images(const records::SampleSet& samples);

/// Called where a run that does not go on without an image has ended with `error`. Tries to decode every one
/// of `images` (indices into samples.images), on all cores; names each bad one in a line of its own on
/// standard error, and throws Error(kData) with their number and the first. Where all can be read, throws
/// `error` itself; where a file system fails meanwhile, its IoError.
[[noreturn]] void throw_bad_images(const records::SampleSet& samples,
                                   const std::vector<std::uint32_t>& images, const engine::BadImage& error,
                                   bool quiet);

/// Whether an image is still as bad as an earlier process of the run has found it. Each image is tried once.
class RefusalCheck {
 public:
  explicit RefusalCheck(const records::SampleSet& samples) : samples_(samples) {}
  /// False where the image can be read now, or cannot for another reason. IoError where a file system fails.
  bool still_holds(const engine::Refusal& refusal);

 private:
  const records::SampleSet& samples_;
  std::map<std::uint32_t, std::string> reason_of_image_;  // "": it can be read
};

}  // namespace bteval::app
