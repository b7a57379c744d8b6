// Finds out whether the images of a data set are there, before hours are spent on it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "records/sample.h"

namespace bteval::datasets {

/// Indices of the images whose file does not exist, in order.
std::vector<std::uint32_t> missing_images(const records::SampleSet& samples);

/// Error(kData) with the number of missing images and the paths of the first five, where any is missing.
void require_images(const records::SampleSet& samples);

}  // namespace bteval::datasets
