#include <unordered_map>
#include <utility>

#include "datasets/arrow_source.h"
#include "datasets/arrow_splits.h"
#include "datasets/retrieval_names.h"

namespace bteval::datasets {

std::vector<std::string> retrieval_arrow_names(const std::string& dataset, const std::string& split) {
  return {fmt::format("{}_caption_karpathy_{}", dataset == "flickr30k" ? "f30k" : dataset, split)};
}

RetrievalTable open_retrieval_arrow(const std::vector<std::filesystem::path>& paths) {
  RetrievalTable out;
  out.annotations.form = RetrievalForm::kArrow;
  std::unordered_map<std::string, std::string> row_of;  // image -> file and row
  for (const std::filesystem::path& path : paths) {
    ArrowSource source(path);
    out.owners.push_back(source.owner());
    for (std::size_t row = 0; row < source->num_rows(); ++row) {
      const std::string name = source->text("image_id", row);
      const auto [found, is_new] = row_of.try_emplace(name, fmt::format("row {} of {}", row, source->name()));
      if (!is_new) {
        source->fail(row, fmt::format("the image {} stands already in {}", printable(name), found->second));
      }
      const auto image = static_cast<std::uint32_t>(out.images.size());
      const std::string id = image_id_of_path(name);
      out.images.push_back(source.image(id, "image", row));
      out.annotations.images.push_back({name, id});
      std::vector<std::string> captions = source->texts("caption", row);
      if (captions.empty()) source->fail(row, "has no captions");
      for (std::size_t i = 0; i < captions.size(); ++i) {
        out.annotations.captions.push_back({image, fmt::format("{}#{}", image, i), std::move(captions[i])});
      }
    }
    out.files.push_back(source.source());
  }
  return out;
}

}  // namespace bteval::datasets
