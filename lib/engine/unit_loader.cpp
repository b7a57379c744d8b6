#include "engine/unit_loader.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "engine/pixels.h"
#include "engine/transfer.h"
#include "model/torch_compat.h"

namespace bteval::engine {

UnitLoader::UnitLoader(const records::SampleSet& set, const text::Tokenizer& tokenizer,
                       const EngineOptions& options)
    : set_(set), tokenizer_(tokenizer), options_(options) {}

LoadedUnit UnitLoader::load(const WorkUnit& unit) const {
  LoadedUnit loaded;
  loaded.unit = &unit;
  load_texts(loaded);
  try {
    load_images(loaded);
  } catch (const c10::Error& error) {  // no memory for the pixels
    model::rethrow_torch_error(error);
  }
  return loaded;
}

void UnitLoader::load_images(LoadedUnit& loaded) const {
  const auto& views = loaded.unit->views;
  const std::int64_t size = options_.transform.size_px;
  const at::Device device = options_.device.starts_with("cuda") ? at::kCUDA : at::kCPU;
  at::Tensor pixels =
      host_buffer({static_cast<std::int64_t>(views.size()), 3, size, size}, at::kFloat, device);
  const std::int64_t floats_per_image = 3 * size * size;
  loaded.row_of_view.assign(views.size(), -1);
  loaded.refusal_of_view.assign(views.size(), "");
  loaded.digest_of_view.assign(views.size(), 0);
  std::map<std::uint32_t, std::size_t> first_view;  // a picture that is left and right is decoded once
  std::int64_t rows = 0;
  for (std::size_t v = 0; v < views.size(); ++v) {
    const auto [seen, is_new] = first_view.emplace(views[v].image, v);
    if (!is_new) {
      loaded.row_of_view[v] = loaded.row_of_view[seen->second];
      loaded.refusal_of_view[v] = loaded.refusal_of_view[seen->second];
      loaded.digest_of_view[v] = loaded.digest_of_view[seen->second];
      continue;
    }
    const records::ImageRef& image = set_.images[views[v].image];
    try {
      loaded.digest_of_view[v] = load_pixels(
          image, options_.transform,
          {pixels.data_ptr<float>() + rows * floats_per_image, static_cast<std::size_t>(floats_per_image)});
      loaded.row_of_view[v] = rows++;
    } catch (const BadImage& error) {
      if (options_.on_bad_image == OnBadImage::kFail)
        throw BadImage(error.with_context({"", "image " + image.id, std::nullopt}));
      loaded.refusal_of_view[v] = error.what();
    }
  }
  loaded.pixels = pixels.narrow(0, 0, rows);
}

void UnitLoader::load_texts(LoadedUnit& loaded) const {
  std::map<std::vector<std::int32_t>, std::uint32_t> index_of;
  for (const PlannedSample& planned : loaded.unit->samples) {
    const records::Sample& sample = set_.samples[planned.sample];
    text::Encoding encoding;
    try {
      encoding = tokenizer_.encode(sample.text, options_.max_length);
    } catch (const Error& error) {
      throw error.with_context({"", "sample " + sample.id, std::nullopt});
    }
    if (encoding.ids.size() <= 2) {
      throw Error(ErrorCode::kData, "the text is empty", {"", "sample " + sample.id, std::nullopt});
    }
    const auto next = static_cast<std::uint32_t>(loaded.texts.size());
    const auto [found, is_new] = index_of.emplace(encoding.ids, next);
    loaded.text_of_sample.push_back(found->second);
    if (is_new) {
      loaded.texts.push_back(std::move(encoding));
    } else {
      loaded.texts[found->second].truncated |= encoding.truncated;
    }
  }
}

}  // namespace bteval::engine
