#include <utility>

#include "core/error.h"
#include "metrics/retrieval_ranks.h"

namespace bteval::metrics {

RetrievalLabels::RetrievalLabels(std::uint32_t num_images, std::vector<std::uint32_t> image_of_caption)
    : image_of_(std::move(image_of_caption)),
      first_(std::size_t{num_images} + 1),
      captions_(image_of_.size()) {
  for (const std::uint32_t image : image_of_) {
    if (image >= num_images) {
      throw Error(ErrorCode::kData,
                  fmt::format("a caption is of image {}, but there are {}", image, num_images));
    }
    ++first_[image + 1];
  }
  for (std::uint32_t image = 0; image < num_images; ++image) {
    if (first_[image + 1] == 0) throw Error(ErrorCode::kData, fmt::format("image {} has no caption", image));
    first_[image + 1] += first_[image];
  }
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for (std::uint32_t caption = 0; caption < num_captions(); ++caption) {
    captions_[next[image_of_[caption]]++] = caption;
  }
}

}  // namespace bteval::metrics
