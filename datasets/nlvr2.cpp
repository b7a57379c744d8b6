#include "datasets/nlvr2.h"

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "datasets/arrow_layout.h"
#include "datasets/arrow_splits.h"
#include "datasets/folders.h"
#include "datasets/nlvr2_categories.h"
#include "datasets/nlvr2_json.h"
#include "datasets/nlvr2_layout.h"
#include "datasets/source.h"
#include "datasets/text_id_index.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

class Nlvr2Builder {
 public:
  explicit Nlvr2Builder(const fs::path& annotations)
      : file_("annotations", annotations),
        records_(read_nlvr2(file_.bytes())),
        index_(file_.bytes().name(), "identifier") {
    for (const Nlvr2Record& record : records_) index_.add(record.identifier);
  }

  void add_labels(Nlvr2& out) const {
    std::unordered_map<std::string, std::uint32_t> groups;
    for (const Nlvr2Record& record : records_) {
      const auto next = static_cast<std::uint32_t>(groups.size());
      const std::string group = parse_nlvr2_identifier(record.identifier)->group();
      out.labels.group_of_example.push_back(groups.try_emplace(group, next).first->second);
      out.labels.labels.push_back(record.label);
      if (!record.label) ++out.unlabelled;
    }
    out.labels.num_groups = static_cast<std::uint32_t>(groups.size());
  }

  // Without `roots` the images get no paths.
  void add_samples(const std::vector<fs::path>* roots, records::SampleSet& samples) const {
    std::unordered_map<std::string, std::uint32_t> image_index;
    std::map<std::string, Nlvr2ImageFolder, std::less<>> folders;
    for (const Nlvr2Record& record : records_) {
      const Nlvr2Identifier identifier = *parse_nlvr2_identifier(record.identifier);
      auto folder = folders.find(identifier.split);
      if (roots != nullptr && folder == folders.end())
        folder = folders.emplace(identifier.split, find_folder(*roots, record)).first;
      records::Sample sample{record.identifier, record.sentence, {}};
      for (const int side : {0, 1}) {
        const auto next = static_cast<std::uint32_t>(samples.images.size());
        const std::string name = identifier.image_name(side);
        const auto [found, is_new] = image_index.try_emplace(name, next);
        if (is_new) {
          samples.images.push_back(
              {name, roots == nullptr ? "" : folder->second.path(name, record.directory)});
        }
        sample.images.push_back(found->second);
      }
      samples.samples.push_back(std::move(sample));
    }
  }

  void add_subset(const std::string& kind, const fs::path& path, Nlvr2& out) const {
    HashedFile file(kind, path);
    const std::vector<Nlvr2Record> records = read_nlvr2(file.bytes());
    TextIdIndex unique(file.bytes().name(), "identifier");
    records::SampleSubset subset{kind, {}};
    for (const Nlvr2Record& record : records) {
      unique.add(record.identifier);
      const auto fail = [&](const std::string& message) {
        throw Error(ErrorCode::kData, message,
                    {file.bytes().name(), "identifier " + record.identifier, std::nullopt});
      };
      const auto position = index_.find(record.identifier);
      if (!position) {
        fail("is not in " + file_.bytes().name());
        continue;
      }
      const std::optional<bool> label = records_[*position].label;
      if (label && record.label && *label != *record.label) {
        fail("has another label than in " + file_.bytes().name());
      }
      subset.samples.push_back(*position);
    }
    out.labels.subsets.push_back(std::move(subset));
    out.files.push_back(file.source());
  }

  void add_categories(const fs::path& path, Nlvr2& out) const {
    HashedFile file("categories", path);
    std::map<std::string, std::vector<std::uint32_t>> samples_of;
    bool any = false;
    for (Nlvr2Category& entry : read_nlvr2_categories(file.bytes())) {
      const auto position = index_.find(entry.identifier);
      if (!position) {
        ++out.unknown_categories;
        continue;
      }
      any = true;
      samples_of[std::move(entry.category)].push_back(*position);
    }
    if (!any) {
      throw Error(ErrorCode::kData, "has no category for any example of " + file_.bytes().name(),
                  {file.bytes().name(), "", std::nullopt});
    }
    for (auto& [name, samples] : samples_of) out.labels.categories.push_back({name, std::move(samples)});
    out.files.push_back(file.source());
  }

  records::SourceFile source() { return file_.source(); }

 private:
  Nlvr2ImageFolder find_folder(const std::vector<fs::path>& roots, const Nlvr2Record& first) const {
    try {
      return Nlvr2ImageFolder(roots, first);
    } catch (const Error& error) {
      throw error.with_context({file_.bytes().name(), "identifier " + first.identifier, std::nullopt});
    }
  }

  HashedFile file_;
  std::vector<Nlvr2Record> records_;
  TextIdIndex index_;
};

fs::path annotation_path(const Nlvr2Options& options) {
  return options.annotations.empty() ? find_nlvr2_annotations(options.root, nlvr2_split(options.split))
                                     : options.annotations;
}

// Subsets belong to splits that are found by their name; an annotation file that is given stands alone.
std::optional<fs::path> subset_path(const Nlvr2Options& options, const fs::path& given, const char* kind,
                                    const fs::path& annotations) {
  if (!given.empty()) return given;
  if (!options.annotations.empty()) return std::nullopt;
  return find_nlvr2_subset(annotations, kind, nlvr2_split(options.split));
}

}  // namespace

Nlvr2 open_nlvr2(const Nlvr2Options& options) {
  if (options.annotations.empty()) {
    const auto table = choose_arrow_table(options.root, nlvr2_arrow_names(options.split), options.arrow, [&] {
      find_nlvr2_annotations(options.root, nlvr2_split(options.split));
    });
    if (table) return open_nlvr2_arrow(*table, options.split);
  }
  const fs::path annotations = annotation_path(options);
  Nlvr2Builder builder(annotations);
  Nlvr2 out;
  out.split = options.annotations.empty() ? nlvr2_split(options.split) : annotations.stem().string();
  builder.add_labels(out);
  if (options.with_images) {
    std::vector<fs::path> roots = nlvr2_image_roots(options.root);
    if (!options.images.empty()) {
      // DIR/dev/, or DIR itself where it is called dev.
      require_folder(options.images);
      roots = {options.images, options.images / "images", options.images.parent_path()};
    }
    builder.add_samples(&roots, out.samples);
  } else {
    builder.add_samples(nullptr, out.samples);
  }
  if (const auto path = subset_path(options, options.balanced, "balanced", annotations))
    builder.add_subset("balanced", *path, out);
  if (const auto path = subset_path(options, options.unbalanced, "unbalanced", annotations))
    builder.add_subset("unbalanced", *path, out);
  if (!options.categories.empty()) builder.add_categories(options.categories, out);
  out.files.insert(out.files.begin(), builder.source());
  return out;
}

}  // namespace bteval::datasets
