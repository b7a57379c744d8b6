#include "datasets/data_check.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "core/read_file.h"
#include "datasets/data_check_tasks.h"
#include "datasets/folders.h"
#include "datasets/image_scan.h"
#include "datasets/nlvr2_layout.h"
#include "datasets/snli_ve_layout.h"
#include "datasets/vqav2_layout.h"

namespace bteval::datasets {
namespace {

std::string same_name(const std::string& name) { return name; }

constexpr CheckedTask kTasks[] = {
    {"vqav2", [](const std::string& name) { return vqav2_split(name).name; }, present_vqav2_splits,
     scan_vqav2, false},
    {"nlvr2", nlvr2_split, present_nlvr2_splits, scan_nlvr2, true},
    {"snli-ve", snli_ve_split, present_snli_ve_splits, scan_snli_ve, false},
    {"flickr30k", same_name, present_flickr30k_splits, scan_flickr30k, false},
    {"coco", same_name, present_coco_splits, scan_coco, false},
};

const CheckedTask& task_of(const std::string& name) {
  std::string names;
  for (const CheckedTask& task : kTasks) {
    if (name == task.name) return task;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", task.name);
  }
  throw Error(ErrorCode::kUsage, fmt::format("there is no task '{}'; choose one of {}", name, names));
}

std::vector<SplitScan> scan_splits(const CheckedTask& task, const DataCheckOptions& options,
                                   const std::vector<std::string>& names) {
  if (names.empty()) {
    throw Error(
        ErrorCode::kData,
        fmt::format("holds no annotation file of {0}; 'bteval data layout {0}' prints what is expected",
                    options.task),
        {options.root.string(), "", std::nullopt});
  }
  std::vector<SplitScan> scans;
  for (const std::string& name : names) scans.emplace_back(task.split_name(name));
  parallel_for(scans.size(), options.threads, [&](std::size_t i) {
    task.scan(options.root, scans[i]);
    scans[i].check_records();
    scans[i].check_counts(task.name);
  });
  return scans;
}

// The images of all splits, each path once.
struct AllImages {
  std::vector<std::string> paths;
  std::unordered_map<std::string, std::uint32_t> index;
};

AllImages collect_images(const std::vector<SplitScan>& scans) {
  AllImages all;
  for (const SplitScan& scan : scans) {
    if (scan.no_images()) continue;
    for (const ScannedImage& image : scan.images()) {
      if (all.index.try_emplace(image.path, static_cast<std::uint32_t>(all.paths.size())).second) {
        all.paths.push_back(image.path);
      }
    }
  }
  return all;
}

void report_images(const CheckedTask& task, const AllImages& all, const ImageScan& images, SplitScan& scan) {
  if (scan.no_images()) return;
  for (const ScannedImage& image : scan.images()) {
    const ImageProbe& probe = images.probes[all.index.at(image.path)];
    const std::string detail = fmt::format("{} (needed by {})", probe.detail, image.first_user);
    if (const auto fault = image_fault(probe)) scan.add_finding(*fault, image.path, detail);
    const std::string extension = std::filesystem::path(image.path).extension().string();
    if (!task.names_lie && is_readable_image(probe.content) &&
        contradicts_extension(probe.content, extension)) {
      scan.add_finding(Fault::kMislabelledImage, image.path,
                       fmt::format("is {}", content_name(probe.content)));
    }
  }
}

std::vector<FindingGroup> report_folders(const AllImages& all, const ImageScan& images) {
  std::map<Fault, std::vector<Finding>> findings;
  for (const SameContent& same : images.same) {
    findings[Fault::kSameImage].push_back(
        {all.paths[same.second], fmt::format("has the content of {}", all.paths[same.first])});
  }
  for (std::string& path : extra_images(all.paths)) {
    findings[Fault::kExtraImage].push_back({std::move(path), "is not used"});
  }
  return to_groups(std::move(findings));
}

}  // namespace

std::optional<Fault> image_fault(const ImageProbe& probe) {
  switch (probe.state) {
    case ImageProbe::State::kGood:
      return std::nullopt;
    case ImageProbe::State::kMissing:
      return Fault::kMissingImage;
    case ImageProbe::State::kUnreadable:
      return Fault::kUnreadableImage;
    case ImageProbe::State::kNotAnImage:
      return Fault::kNotAnImage;
    case ImageProbe::State::kUnsupported:
      return Fault::kUnsupportedImage;
    case ImageProbe::State::kDamaged:
      return Fault::kDamagedImage;
    case ImageProbe::State::kNoEnd:
      return Fault::kCutOffImage;
  }
  return std::nullopt;
}

bool is_decodable(const ImageProbe& probe) {
  return probe.state == ImageProbe::State::kGood || probe.state == ImageProbe::State::kNoEnd;
}

std::shared_ptr<const Bytes> open_annotations(const std::filesystem::path& path, SplitScan& scan) {
  try {
    auto file = read_file(path);
    scan.add_file(path.string());
    return file;
  } catch (const Error& error) {
    scan.add_finding(Fault::kBadFile, path.string(), error.message());
    return nullptr;
  }
}

DataCheck check_data(const DataCheckOptions& options) {
  const CheckedTask& task = task_of(options.task);
  if (options.depth == ImageDepth::kDecode && !options.decode) {
    throw Error(ErrorCode::kInternal, "a check that decodes needs a decoder");
  }
  require_folder(options.root);
  const std::vector<std::string> present = task.present_splits(options.root);
  if (present.empty()) {
    std::vector<std::string> tables = present_arrow_splits(options.task, options.root);
    if (!tables.empty()) return check_arrow_data(options, options.splits.empty() ? tables : options.splits);
  }
  std::vector<SplitScan> scans =
      scan_splits(task, options, options.splits.empty() ? present : options.splits);
  const AllImages all = collect_images(scans);
  ImageScan images = scan_images(all.paths, options.threads);
  if (options.depth >= ImageDepth::kDecode) decode_images(all.paths, options.threads, options.decode, images);
  if (options.depth >= ImageDepth::kHash) find_same(all.paths, options.threads, images);

  DataCheck out;
  out.task = options.task;
  out.root = options.root.string();
  out.depth = options.depth;
  for (SplitScan& scan : scans) {
    report_images(task, all, images, scan);
    out.splits.push_back(std::move(scan).result());
  }
  out.groups = report_folders(all, images);
  for (const ImageProbe& probe : images.probes) {
    if (probe.state == ImageProbe::State::kMissing) continue;
    ++out.image_files;
    out.image_bytes += probe.size;
  }
  return out;
}

}  // namespace bteval::datasets
