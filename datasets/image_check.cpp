#include "datasets/image_check.h"

#include <algorithm>

#include "core/error.h"
#include "core/io_retry.h"

namespace bteval::datasets {

std::vector<std::uint32_t> missing_images(const records::SampleSet& samples) {
  std::vector<std::uint32_t> missing;
  for (std::size_t i = 0; i < samples.images.size(); ++i) {
    if (!samples.images[i].bytes.empty()) continue;  // inside a file that is open already
    if (!path_exists(samples.images[i].path)) missing.push_back(static_cast<std::uint32_t>(i));
  }
  return missing;
}

void throw_missing_images(const records::SampleSet& samples, const std::vector<std::uint32_t>& missing) {
  constexpr std::size_t kNamed = 5;
  if (missing.empty()) return;
  std::string names;
  for (std::size_t i = 0; i < std::min(kNamed, missing.size()); ++i) {
    names += fmt::format("{}{}", i == 0 ? "" : ", ", samples.images[missing[i]].path);
  }
  throw Error(ErrorCode::kData,
              fmt::format("{} of {} images are missing: {}{}", missing.size(), samples.images.size(), names,
                          missing.size() > kNamed ? ", …" : ""));
}

void require_images(const records::SampleSet& samples) {
  throw_missing_images(samples, missing_images(samples));
}

}  // namespace bteval::datasets
