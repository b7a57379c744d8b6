#include "engine/retrieval_inputs.h"

#include "core/error.h"
#include "core/parallel.h"
#include "engine/pixels.h"

namespace bteval::engine {

void FileImages::load(std::uint32_t image, std::span<float> out_chw) const {
  const records::ImageRef& ref = images_[image];
  try {
    digests_[image] = load_pixels(ref, transform_, out_chw);
  } catch (const BadImage& error) {
    throw BadImage(error.with_context({"", "image " + ref.id, std::nullopt}));
  }
}

void FileImages::complete_digests() {
  parallel_for(images_.size(), 0, [this](std::size_t i) {
    if (digests_[i] != 0) return;
    try {
      digests_[i] = image_digest(images_[i]);
    } catch (const BadImage& error) {
      throw BadImage(error.with_context({"", "image " + images_[i].id, std::nullopt}));
    }
  });
}

CaptionTokens tokenise_captions(const records::SampleSet& set, const text::Tokenizer& tokenizer,
                                std::uint32_t max_length) {
  CaptionTokens tokens;
  for (const records::Sample& sample : set.samples) {
    try {
      const text::Encoding encoding = tokenizer.encode(sample.text, max_length);
      if (encoding.ids.size() <= 2) throw Error(ErrorCode::kData, "the caption is empty");
      tokens.add(encoding.ids);
      tokens.truncated += encoding.truncated ? 1 : 0;
    } catch (const Error& error) {
      throw error.with_context({"", "caption " + sample.id, std::nullopt});
    }
  }
  return tokens;
}

}  // namespace bteval::engine
