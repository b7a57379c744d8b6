// Turns a work unit into what the device needs: decoded, resized, normalised pixels and token ids.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/options.h"
#include "engine/plan.h"
#include "records/sample.h"
#include "text/tokenizer.h"

namespace bteval::engine {

/// A unit in host memory.
struct LoadedUnit {
  const WorkUnit* unit = nullptr;
  at::Tensor pixels;                      ///< [images that could be read, 3, S, S] float32
  std::vector<std::int64_t> row_of_view;  ///< row of `pixels` for each view; -1 where the image was refused
  std::vector<std::string> refusal_of_view;   ///< why; empty where it was not
  std::vector<std::uint64_t> digest_of_view;  ///< of the image's encoded content; 0 where it was refused
  std::vector<text::Encoding> texts;          ///< each distinct text of the unit once
  std::vector<std::uint32_t> text_of_sample;  ///< index into `texts` for each sample of the unit
};

/// Thread-safe: units are loaded by several threads at once. Keeps references to its arguments.
class UnitLoader {
 public:
  UnitLoader(const records::SampleSet& set, const text::Tokenizer& tokenizer, const EngineOptions& options);

  /// Throws Error(kData) naming the sample where a text is empty or no UTF-8; BadImage naming the image with
  /// OnBadImage::kFail; and, whatever is done about bad images, IoError(kData) and Error(kDevice) where a
  /// file system fails or memory is short.
  LoadedUnit load(const WorkUnit& unit) const;

 private:
  void load_images(LoadedUnit& loaded) const;
  void load_texts(LoadedUnit& loaded) const;

  const records::SampleSet& set_;
  const text::Tokenizer& tokenizer_;
  const EngineOptions& options_;
};

}  // namespace bteval::engine
