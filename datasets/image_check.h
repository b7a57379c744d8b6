// Finds out whether the images of a data set are there, before hours are spent on it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "records/sample.h"

namespace bteval::datasets {

/// Indices of the images whose file does not exist, in order. IoError where a file system does not answer.
std::vector<std::uint32_t> missing_images(const records::SampleSet& samples);

/// Error(kData) with the number of `missing` images and the paths of the first five, where there are any.
void throw_missing_images(const records::SampleSet& samples, const std::vector<std::uint32_t>& missing);

/// The same for all images that are missing.
void require_images(const records::SampleSet& samples);

}  // namespace bteval::datasets
