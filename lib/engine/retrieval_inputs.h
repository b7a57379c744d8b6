// What a retrieval run reads: images by index, and the token ids of all captions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "image/transform.h"
#include "records/sample.h"
#include "text/tokenizer.h"

namespace bteval::engine {

/// Images that can be loaded more than once: a run goes over them for the embeddings and again for the pairs.
class ImageSource {
 public:
  virtual ~ImageSource() = default;
  virtual std::uint32_t size() const = 0;
  /// The images are [3, height, width].
  virtual std::int64_t height() const = 0;
  virtual std::int64_t width() const = 0;
  /// Writes one image, normalised, as [3, height, width] float32. Called from several threads at once.
  /// BadImage naming the image where that cannot be used; else as load_pixels().
  virtual void load(std::uint32_t image, std::span<float> out_chw) const = 0;
};

/// The images of a data set. Keeps a reference to `images`.
class FileImages : public ImageSource {
 public:
  FileImages(std::span<const records::ImageRef> images, const image::TransformOptions& transform)
      : images_(images), transform_(transform), digests_(images.size()) {}
  std::uint32_t size() const override { return static_cast<std::uint32_t>(images_.size()); }
  std::int64_t height() const override { return transform_.size_px; }
  std::int64_t width() const override { return transform_.size_px; }
  void load(std::uint32_t image, std::span<float> out_chw) const override;
  /// By image: the first 64 bits of the SHA-256 of its content; 0 where it was not loaded.
  std::span<const std::uint64_t> digests() const { return digests_; }
  /// Reads the images that were not loaded, as an earlier process of the run has, for their digests. Not
  /// while images are loaded. Throws as load() does.
  void complete_digests();

 private:
  std::span<const records::ImageRef> images_;
  image::TransformOptions transform_;
  mutable std::vector<std::uint64_t> digests_;  // each image is loaded by one thread at a time
};

/// The token ids of many texts, one behind the other.
class CaptionTokens {
 public:
  void add(std::span<const std::int32_t> ids) {
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    begin_.push_back(ids_.size());
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(begin_.size() - 1); }
  std::span<const std::int32_t> operator[](std::size_t caption) const {
    return std::span(ids_).subspan(begin_[caption], begin_[caption + 1] - begin_[caption]);
  }

  std::uint64_t truncated = 0;  ///< texts that were longer than the longest allowed

 private:
  std::vector<std::int32_t> ids_;
  std::vector<std::size_t> begin_ = {0};
};

/// Tokenises every sample's text. Error(kData) naming the sample where a text is empty or no UTF-8.
CaptionTokens tokenise_captions(const records::SampleSet& set, const text::Tokenizer& tokenizer,
                                std::uint32_t max_length);

}  // namespace bteval::engine
