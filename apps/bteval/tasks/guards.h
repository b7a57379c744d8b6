// What makes a score mean less than it seems to: warnings for the manifest and the report.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/options.h"
#include "records/sample.h"

namespace bteval::app {

/// A warning where checkpoints of this kind, as their authors published them, were trained on the split.
/// What a checkpoint was really trained on it does not say. Sources: the data set classes of ViLT, METER and
/// BridgeTower (src/datasets/*_dataset.py of microsoft/BridgeTower); section 4.1 of the paper for
/// pre-training.
std::optional<std::string> training_data_warning(const std::string& task, const std::string& split);

/// A warning naming the first images that stand under two ids: their files have equal content. `digests` by
/// image as engine::load_pixels() gives them; 0 for images that were not read.
std::optional<std::string> duplicate_image_warning(const records::SampleSet& samples,
                                                   std::span<const std::uint64_t> digests);

/// A warning where samples have no readable image: how many, and what became of them.
std::optional<std::string> refusal_warning(std::uint64_t refused, std::uint64_t samples,
                                           engine::OnBadImage on_bad_image);

/// A warning where texts were truncated.
std::optional<std::string> truncation_warning(std::uint64_t truncated_texts, std::uint32_t max_length);

}  // namespace bteval::app
