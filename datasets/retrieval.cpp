#include "datasets/retrieval.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "datasets/arrow_layout.h"
#include "datasets/arrow_splits.h"
#include "datasets/json_fields.h"
#include "datasets/retrieval_layout.h"
#include "datasets/source.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_names(const std::string& split) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= split.size();) {
    const std::size_t end = std::min(split.find('+', begin), split.size());
    names.push_back(split.substr(begin, end - begin));
    if (names.back().empty()) {
      throw Error(ErrorCode::kUsage, fmt::format("\"{}\" is no split", printable(split, 60)));
    }
    begin = end + 1;
  }
  return names;
}

// Splits that the Karpathy file does not have are a mistake in the command, not in the file.
void require_splits(const RetrievalAnnotations& annotations, const std::vector<std::string>& splits,
                    const std::string& file) {
  if (annotations.form != RetrievalForm::kKarpathy) {
    if (splits.size() == 1) return;
    throw Error(ErrorCode::kUsage, "holds one split, so that several cannot be joined",
                {file, "", std::nullopt});
  }
  for (const std::string& split : splits) {
    if (annotations.splits.contains(split)) continue;
    std::string found;
    for (const auto& [name, count] : annotations.splits) {
      found += fmt::format("{}{} ({} images)", found.empty() ? "" : ", ", printable(name, 40), count);
    }
    throw Error(
        ErrorCode::kUsage,
        fmt::format("has no split \"{}\"; it has {}", printable(split, 40), found.empty() ? "none" : found),
        {file, "", std::nullopt});
  }
}

// Equal to an earlier caption of the same image.
std::vector<bool> find_duplicates(const std::vector<RetrievalCaption>& captions) {
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> images_of;
  std::vector<bool> out;
  out.reserve(captions.size());
  for (const RetrievalCaption& caption : captions) {
    std::vector<std::uint32_t>& images = images_of[caption.text];
    const bool known = std::ranges::find(images, caption.image) != images.end();
    if (!known) images.push_back(caption.image);
    out.push_back(known);
  }
  return out;
}

std::uint64_t count_shared_texts(const std::vector<RetrievalCaption>& captions) {
  constexpr std::uint32_t kCounted = 0xFFFFFFFF;
  std::unordered_map<std::string_view, std::uint32_t> image_of;
  std::uint64_t shared = 0;
  for (const RetrievalCaption& caption : captions) {
    const auto [found, is_new] = image_of.try_emplace(caption.text, caption.image);
    if (is_new || found->second == caption.image || found->second == kCounted) continue;
    found->second = kCounted;
    ++shared;
  }
  return shared;
}

RetrievalCounts count(const RetrievalAnnotations& annotations) {
  RetrievalCounts counts;
  counts.images = annotations.images.size();
  counts.captions = annotations.captions.size();
  std::vector<std::uint64_t> per_image(annotations.images.size());
  for (const RetrievalCaption& caption : annotations.captions) {
    ++per_image[caption.image];
    if (!has_text(caption.text)) ++counts.blank;
  }
  if (!per_image.empty()) {
    const auto [least, most] = std::ranges::minmax(per_image);
    counts.min_captions_per_image = least;
    counts.max_captions_per_image = most;
  }
  counts.shared_texts = count_shared_texts(annotations.captions);
  return counts;
}

void update_number(Sha256& hash, std::uint64_t number) {
  std::byte bytes[8];
  for (std::size_t i = 0; i < std::size(bytes); ++i) bytes[i] = static_cast<std::byte>(number >> (8 * i));
  hash.update(bytes);
}

std::string captions_digest(const RetrievalAnnotations& annotations) {
  Sha256 hash;
  update_number(hash, annotations.images.size());
  for (const RetrievalCaption& caption : annotations.captions) {
    update_number(hash, caption.image);
    update_number(hash, caption.text.size());
    hash.update(caption.text);
  }
  return hash.finish();
}

// What a split is read from: an annotation file, or tables with the images in them.
struct RetrievalSource {
  RetrievalAnnotations annotations;
  std::vector<records::ImageRef> images;  // without paths where they are files of their own
  std::vector<std::shared_ptr<const void>> owners;
  std::vector<records::SourceFile> files;
};

std::optional<std::vector<fs::path>> choose_tables(const RetrievalOptions& options,
                                                   const RetrievalLayout& layout,
                                                   const std::vector<std::string>& splits) {
  if (!options.annotations.empty()) return std::nullopt;
  std::vector<fs::path> tables;
  for (const std::string& split : splits) {
    const auto table =
        choose_arrow_table(options.root, retrieval_arrow_names(options.dataset, split), options.arrow,
                           [&] { find_retrieval_annotations(options.root, layout, options.split); });
    if (!table) return std::nullopt;
    tables.push_back(*table);
  }
  return tables;
}

RetrievalSource read_tables(const std::vector<fs::path>& tables) {
  RetrievalTable table = open_retrieval_arrow(tables);
  return {std::move(table.annotations), std::move(table.images), std::move(table.owners),
          std::move(table.files)};
}

RetrievalSource read_annotations(const RetrievalOptions& options, const RetrievalLayout& layout,
                                 const std::vector<std::string>& splits) {
  const fs::path path = options.annotations.empty()
                            ? find_retrieval_annotations(options.root, layout, options.split)
                            : options.annotations;
  HashedFile file("annotations", path);
  RetrievalSource out;
  out.annotations = read_retrieval_annotations(file.bytes(), splits);
  require_splits(out.annotations, splits, file.bytes().name());
  if (out.annotations.captions.empty()) {
    throw Error(ErrorCode::kData, "has no captions", {file.bytes().name(), "", std::nullopt});
  }
  std::vector<std::string> paths(out.annotations.images.size());
  if (options.with_images) {
    paths = find_retrieval_images(out.annotations.images, options.root, options.images, layout, path,
                                  options.split);
  }
  for (std::size_t i = 0; i < out.annotations.images.size(); ++i) {
    out.images.push_back({std::move(out.annotations.images[i].id), std::move(paths[i])});
  }
  out.files.push_back(file.source());
  return out;
}

}  // namespace

Retrieval open_retrieval(const RetrievalOptions& options) {
  const RetrievalLayout& layout = retrieval_layout(options.dataset);
  const std::vector<std::string> splits = split_names(options.split);
  const auto tables = choose_tables(options, layout, splits);
  RetrievalSource source = tables ? read_tables(*tables) : read_annotations(options, layout, splits);
  RetrievalAnnotations& annotations = source.annotations;

  const std::vector<bool> duplicate = find_duplicates(annotations.captions);
  const auto duplicates = static_cast<std::uint64_t>(std::ranges::count(duplicate, true));
  if (options.unique_captions) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < duplicate.size(); ++i) {
      if (duplicate[i]) continue;
      if (kept != i) annotations.captions[kept] = std::move(annotations.captions[i]);
      ++kept;
    }
    annotations.captions.resize(kept);
  }

  Retrieval out;
  out.dataset = options.dataset;
  out.split = options.split;
  out.form = annotations.form;
  out.captions_sha256 = captions_digest(annotations);
  out.counts = count(annotations);
  out.counts.duplicates_in_image = duplicates;
  out.counts.dropped = options.unique_captions ? duplicates : 0;
  out.samples.images = std::move(source.images);
  out.samples.owners = std::move(source.owners);
  out.samples.samples.reserve(annotations.captions.size());
  for (RetrievalCaption& caption : annotations.captions) {
    out.samples.samples.push_back({std::move(caption.id), std::move(caption.text), {caption.image}});
  }
  out.files = std::move(source.files);
  return out;
}

std::vector<std::uint32_t> image_of_captions(const records::SampleSet& samples) {
  std::vector<std::uint32_t> out;
  out.reserve(samples.samples.size());
  for (const records::Sample& sample : samples.samples) out.push_back(sample.images.at(0));
  return out;
}

}  // namespace bteval::datasets
