// What a data set adapter hands to the engine: images, and samples that refer to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bteval::records {

/// One image of a data set: a file of its own, or bytes inside a larger one.
struct ImageRef {
  std::string id;                         ///< the data set's own id, for messages and reports ("262148")
  std::string path;                       ///< the file to read; the file around `bytes` where those are given
  std::span<const std::byte> bytes = {};  ///< the encoded image (JPEG, PNG) where it is no file of its own
};

/// One item to evaluate: a text with one image (two for NLVR2: left, then right).
struct Sample {
  std::string id;                     ///< the data set's own id ("262148000", "dev-850-0-1")
  std::string text;                   ///< UTF-8, as the annotation file has it
  std::vector<std::uint32_t> images;  ///< indices into SampleSet::images
};

/// A split of a data set, in file order. Every image stands once, however many samples refer to it.
struct SampleSet {
  std::vector<ImageRef> images;
  std::vector<Sample> samples;
  std::vector<std::shared_ptr<const void>> owners = {};  ///< keep what ImageRef::bytes look into alive
};

}  // namespace bteval::records
