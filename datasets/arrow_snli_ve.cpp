#include <utility>

#include "core/white_space.h"
#include "datasets/arrow_source.h"
#include "datasets/arrow_splits.h"
#include "datasets/snli_ve_layout.h"

namespace bteval::datasets {

std::vector<std::string> snli_ve_arrow_names(const std::string& split) {
  return {"snli_" + snli_ve_split(split)};
}

SnliVe open_snli_ve_arrow(const std::filesystem::path& path, const std::string& split) {
  ArrowSource source(path);
  SnliVe out;
  out.split = snli_ve_split(split);
  out.has_pair_ids = false;
  out.samples.owners.push_back(source.owner());
  for (std::size_t row = 0; row < source->num_rows(); ++row) {
    const std::vector<std::vector<std::string>> sentences = source->text_lists("sentences", row);
    const std::vector<std::int64_t> labels = source->integers("labels", row);
    if (sentences.size() != labels.size()) {
      source->fail(row, fmt::format("has {} sentences and {} labels", sentences.size(), labels.size()));
    }
    const auto image = static_cast<std::uint32_t>(out.samples.images.size());
    out.samples.images.push_back(source.image(fmt::format("row-{}", row), "image", row));
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      if (sentences[i].size() != 2) {
        source->fail(row, fmt::format("sentence {} is no pair of premise and hypothesis", i));
      }
      std::string hypothesis(strip_white_space(sentences[i][1]));
      if (hypothesis.empty()) source->fail(row, fmt::format("hypothesis {} is empty", i));
      if (labels[i] < 0 || labels[i] > 2) {
        source->fail(row, fmt::format("label {} is none of 0, 1 and 2: {}", i, labels[i]));
      }
      out.samples.samples.push_back({fmt::format("row-{}-{}", row, i), std::move(hypothesis), {image}});
      out.labels.push_back(static_cast<records::SnliVeClass>(labels[i]));
    }
  }
  out.files.push_back(source.source());
  return out;
}

}  // namespace bteval::datasets
