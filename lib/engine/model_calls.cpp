#include "engine/model_calls.h"

#include <string>
#include <utility>

namespace bteval::engine {
namespace {

// Above these a GPU computes longer than the host needs to launch: an image of 384 pixels is 577 rows, a text
// a dozen.
constexpr std::int64_t kImages = 4, kTexts = 16, kPairs = 8;

Tensors tensors_of(const model::TextFeatures& text) {
  Tensors all = text.levels;
  all.insert(all.end(), {text.first_self_attention, text.first_query, text.first_key_value, text.key_mask,
                         text.last_row});
  return all;
}

Tensors tensors_of(const model::ImageFeatures& image) {
  Tensors all = image.levels;
  all.insert(all.end(),
             {image.first_self_attention, image.first_query, image.first_key_value, image.last_row});
  return all;
}

/// The reverse of tensors_of().
model::TextFeatures text_of(Tensors all) {
  model::TextFeatures text;
  text.last_row = all.at(all.size() - 1);
  text.key_mask = all.at(all.size() - 2);
  text.first_key_value = all.at(all.size() - 3);
  text.first_query = all.at(all.size() - 4);
  text.first_self_attention = all.at(all.size() - 5);
  all.resize(all.size() - 5);
  text.levels = std::move(all);
  return text;
}

model::ImageFeatures image_of(Tensors all) {
  model::ImageFeatures image;
  image.last_row = all.at(all.size() - 1);
  image.first_key_value = all.at(all.size() - 2);
  image.first_query = all.at(all.size() - 3);
  image.first_self_attention = all.at(all.size() - 4);
  all.resize(all.size() - 4);
  image.levels = std::move(all);
  return image;
}

}  // namespace

model::ImageFeatures ModelCalls::encode_image(const at::Tensor& pixels, int image_type) {
  if (!graphs_.is_on() || pixels.size(0) > kImages) return model_.encode_image(pixels, image_type);
  return image_of(graphs_.run("image " + std::to_string(image_type), {pixels}, [&](const Tensors& inputs) {
    return tensors_of(model_.encode_image(inputs[0], image_type));
  }));
}

model::TextFeatures ModelCalls::encode_text(const TextBatch& batch) {
  if (!graphs_.is_on() || batch.ids.size(0) > kTexts) return model_.encode_text(batch.ids, batch.mask);
  const model::TextInput input = model_.check_text(batch.ids, batch.mask);
  return text_of(graphs_.run("text", {input.ids, input.mask}, [&](const Tensors& inputs) {
    return tensors_of(model_.encode_text(model::TextInput{inputs[0], inputs[1]}));
  }));
}

at::Tensor ModelCalls::fuse(const model::TextFeatures& text, const model::ImageFeatures& image) {
  if (!graphs_.is_on() || text.last_row.size(0) > kPairs) return model_.fuse(text, image).cls;
  Tensors all = tensors_of(text);
  const std::size_t of_text = all.size();
  const Tensors of_image = tensors_of(image);
  all.insert(all.end(), of_image.begin(), of_image.end());
  return graphs_.run("fuse", all, [&](const Tensors& inputs) -> Tensors {
    const auto middle = inputs.begin() + static_cast<std::ptrdiff_t>(of_text);
    return {model_.fuse(text_of({inputs.begin(), middle}), image_of({middle, inputs.end()})).cls};
  })[0];
}

}  // namespace bteval::engine
