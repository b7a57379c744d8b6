#include "tasks/guards.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <unordered_map>

namespace bteval::app {
namespace {

struct TrainedOn {
  std::string_view task, split, why;
};

constexpr std::array kTrainedOn = {
    TrainedOn{"vqav2", "train2014", "VQAv2 checkpoints are fine-tuned on train"},
    TrainedOn{
        "vqav2", "val2014",
        "METER and BridgeTower fine-tune on train and all of val for the test server, ViLT on train and "
        "most of val"},
    TrainedOn{"nlvr2", "train", "NLVR2 checkpoints are fine-tuned on train"},
    TrainedOn{"snli-ve", "train", "SNLI-VE checkpoints are fine-tuned on train"},
    TrainedOn{"flickr30k", "train", "Flickr30K checkpoints are fine-tuned on train"},
    TrainedOn{"coco", "train",
              "MSCOCO checkpoints are fine-tuned on train and restval, and pre-training has seen both"},
    TrainedOn{"coco", "restval",
              "MSCOCO checkpoints are fine-tuned on train and restval, and pre-training has seen both"},
};

}  // namespace

std::optional<std::string> training_data_warning(const std::string& task, const std::string& split) {
  for (const TrainedOn& entry : kTrainedOn) {
    const bool with_restval = entry.task == "coco" && split.starts_with("train");
    if (entry.task != task || (entry.split != split && !(with_restval && entry.split == "train"))) continue;
    return fmt::format("{} is training data, as published ({}): the score says little about unseen samples",
                       split, entry.why);
  }
  return std::nullopt;
}

std::optional<std::string> duplicate_image_warning(const records::SampleSet& samples,
                                                   std::span<const std::uint64_t> digests) {
  constexpr std::size_t kNamed = 3;
  std::unordered_map<std::uint64_t, std::size_t> first;
  std::size_t repeated = 0;
  std::string examples;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    if (digests[i] == 0) continue;
    const auto [seen, is_new] = first.emplace(digests[i], i);
    if (is_new) continue;
    if (++repeated <= kNamed) {
      examples += fmt::format("{}{} = {}", examples.empty() ? "" : ", ", samples.images[i].id,
                              samples.images[seen->second].id);
    }
  }
  if (repeated == 0) return std::nullopt;
  return fmt::format("{} images have the content of another one under a second id: {}{}", repeated, examples,
                     repeated > kNamed ? ", …" : "");
}

std::optional<std::string> refusal_warning(std::uint64_t refused, std::uint64_t samples,
                                           engine::OnBadImage on_bad_image) {
  if (refused == 0) return std::nullopt;
  return fmt::format("{} of {} samples have no readable image and {}", refused, samples,
                     on_bad_image == engine::OnBadImage::kExclude
                         ? "are excluded: the score is that of the others alone"
                         : "count as wrong");
}

std::optional<std::string> truncation_warning(std::uint64_t truncated_texts, std::uint32_t max_length) {
  if (truncated_texts == 0) return std::nullopt;
  return fmt::format("{} texts were longer than {} tokens and were truncated", truncated_texts, max_length);
}

}  // namespace bteval::app
