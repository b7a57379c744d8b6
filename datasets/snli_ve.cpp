#include "datasets/snli_ve.h"

#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "datasets/arrow_layout.h"
#include "datasets/arrow_splits.h"
#include "datasets/folders.h"
#include "datasets/snli_ve_json.h"
#include "datasets/snli_ve_layout.h"
#include "datasets/source.h"
#include "datasets/text_id_index.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

std::string split_of(const fs::path& annotations) {
  std::string name = annotations.stem().string();
  if (name.starts_with("snli_ve_")) name.erase(0, 8);
  return name;
}

// The images get no paths yet.
void add_samples(std::vector<SnliVeRecord> records, SnliVe& out) {
  std::unordered_map<std::string, std::uint32_t> image_index;
  records::SampleSet& samples = out.samples;
  samples.samples.reserve(records.size());
  for (SnliVeRecord& record : records) {
    const auto next = static_cast<std::uint32_t>(samples.images.size());
    const auto [found, is_new] = image_index.try_emplace(record.image_id, next);
    if (is_new) samples.images.push_back({record.image_id, ""});
    std::string id =
        out.has_pair_ids ? std::move(record.pair_id) : fmt::format("row-{}", samples.samples.size() + 1);
    samples.samples.push_back({std::move(id), std::move(record.hypothesis), {found->second}});
    out.labels.push_back(record.label);
    if (!record.label) ++out.unlabelled;
  }
}

void count_repetitions(SnliVe& out) {
  struct Seen {
    std::uint32_t times = 0;
    std::optional<records::SnliVeClass> label;
    bool conflict = false;
  };
  std::unordered_map<std::string, Seen> pairs;
  for (std::size_t i = 0; i < out.samples.samples.size(); ++i) {
    const records::Sample& sample = out.samples.samples[i];
    Seen& seen = pairs[fmt::format("{} {}", sample.images.front(), sample.text)];
    ++seen.times;
    if (!out.labels[i]) continue;
    seen.conflict |= seen.label && *seen.label != *out.labels[i];
    if (!seen.label) seen.label = out.labels[i];
  }
  for (const auto& [pair, seen] : pairs) {
    if (seen.times > 1) ++out.repeated_pairs;
    if (seen.conflict) ++out.conflicting_pairs;
  }
}

void add_image_paths(const SnliVeOptions& options, const std::string& file, records::SampleSet& samples) {
  std::vector<fs::path> folders = snli_ve_image_folders(options.root);
  if (!options.images.empty()) {
    require_folder(options.images);
    folders = {options.images, options.images / "flickr30k-images", options.images / "flickr30k_images"};
  }
  try {
    const fs::path folder = find_snli_ve_images(folders, samples.images.front().id);
    for (records::ImageRef& image : samples.images) image.path = (folder / (image.id + ".jpg")).string();
  } catch (const Error& error) {
    throw error.with_context({file, "", std::nullopt});
  }
}

}  // namespace

SnliVe open_snli_ve(const SnliVeOptions& options) {
  const std::string split = snli_ve_split(options.split);
  if (options.annotations.empty()) {
    const auto table = choose_arrow_table(options.root, snli_ve_arrow_names(split), options.arrow,
                                          [&] { find_snli_ve_annotations(options.root, split); });
    if (table) {
      SnliVe out = open_snli_ve_arrow(*table, split);
      count_repetitions(out);
      return out;
    }
  }
  const fs::path annotations =
      options.annotations.empty() ? find_snli_ve_annotations(options.root, split) : options.annotations;
  HashedFile file("annotations", annotations);
  std::vector<SnliVeRecord> records = read_snli_ve(file.bytes());
  SnliVe out;
  out.split = options.annotations.empty() ? split : split_of(annotations);
  out.has_pair_ids = !records.front().pair_id.empty();
  add_samples(std::move(records), out);
  TextIdIndex unique(file.bytes().name(), "pairID");
  for (const records::Sample& sample : out.samples.samples) unique.add(sample.id);
  count_repetitions(out);
  if (options.with_images) add_image_paths(options, file.bytes().name(), out.samples);
  out.files.push_back(file.source());
  return out;
}

}  // namespace bteval::datasets
