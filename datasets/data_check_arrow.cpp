// Checks the .arrow tables of a data set: the same findings, of images that are no files of their own.
#include <map>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "core/parallel.h"
#include "datasets/arrow_layout.h"
#include "datasets/arrow_splits.h"
#include "datasets/arrow_table.h"
#include "datasets/data_check_tasks.h"
#include "datasets/source.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSplits[] = {"train",          "val",
                                   "restval",        "dev",
                                   "test",           "test-dev",
                                   "test1",          "test2",
                                   "balanced_dev",   "balanced_test1",
                                   "unbalanced_dev", "unbalanced_test1"};

std::vector<std::string> table_names(const std::string& task, const std::string& split) {
  if (task == "vqav2") return vqav2_arrow_names(split);
  if (task == "nlvr2") return nlvr2_arrow_names(split);
  if (task == "snli-ve") return snli_ve_arrow_names(split);
  return retrieval_arrow_names(task, split);
}

// A split's samples, and what its samples are called.
struct OpenSplit {
  records::SampleSet samples;
  const char* unit;
};

OpenSplit open_split(const std::string& task, const fs::path& table, const std::string& split) {
  if (task == "vqav2") return {open_vqav2_arrow(table, split).samples, "questions"};
  if (task == "nlvr2") return {open_nlvr2_arrow(table, split).samples, "sentences"};
  if (task == "snli-ve") return {open_snli_ve_arrow(table, split).samples, "pairs"};
  RetrievalTable opened = open_retrieval_arrow({table});
  OpenSplit out{{std::move(opened.images), {}, std::move(opened.owners)}, "captions"};
  for (RetrievalCaption& caption : opened.annotations.captions) {
    out.samples.samples.push_back({std::move(caption.id), std::move(caption.text), {caption.image}});
  }
  return out;
}

std::vector<ImageProbe> probe_all(const records::SampleSet& samples, const DataCheckOptions& options) {
  std::vector<ImageProbe> probes(samples.images.size());
  parallel_for(probes.size(), options.threads, [&](std::size_t i) {
    probes[i] = probe_image(samples.images[i].bytes);
    if (options.depth < ImageDepth::kDecode || !is_decodable(probes[i])) return;
    try {
      options.decode(samples.images[i].bytes);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kData) throw;
      probes[i].state = ImageProbe::State::kDamaged;
      probes[i].detail = error.message();
    }
  });
  return probes;
}

// Equal content under two ids. NLVR2 uses an image in several pairs, so that it is normal there.
void find_same(const records::SampleSet& samples, const DataCheckOptions& options, SplitScan& scan) {
  std::vector<std::string> digests(samples.images.size());
  parallel_for(digests.size(), options.threads,
               [&](std::size_t i) { digests[i] = sha256(samples.images[i].bytes); });
  std::unordered_map<std::string_view, std::size_t> first;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    const auto [found, is_new] = first.try_emplace(digests[i], i);
    if (is_new) continue;
    scan.add_finding(Fault::kSameImage,
                     fmt::format("{}: image {}", samples.images[i].path, printable(samples.images[i].id)),
                     fmt::format("has the content of image {}", printable(samples.images[found->second].id)));
  }
}

void check_split(const DataCheckOptions& options, const fs::path& table, SplitScan& scan, DataCheck& out) {
  scan.add_file(table.string());
  OpenSplit split;
  try {
    split = open_split(options.task, table, scan.split());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kData) throw;
    scan.add_finding(Fault::kBadFile,
                     error.context().record.empty()
                         ? table.string()
                         : fmt::format("{}: {}", table.string(), error.context().record),
                     error.message());
    return;
  }
  const records::SampleSet& samples = split.samples;
  scan.add_count(split.unit, samples.samples.size());
  // SNLI-VE's tables have a row an image; NLVR2's have no official number of images.
  if (options.task != "nlvr2") scan.add_count("images", samples.images.size());
  const std::vector<ImageProbe> probes = probe_all(samples, options);
  for (std::size_t i = 0; i < probes.size(); ++i) {
    out.image_bytes += probes[i].size;
    const auto fault = image_fault(probes[i]);
    if (!fault) continue;
    scan.add_finding(*fault, fmt::format("{}: image {}", table.string(), printable(samples.images[i].id)),
                     probes[i].detail);
  }
  out.image_files += probes.size();
  if (options.depth >= ImageDepth::kHash && options.task != "nlvr2") find_same(samples, options, scan);
  // VQAv2's tables leave questions out that no answer in the vocabulary has, so that no number is official.
  const bool left_out = options.task == "vqav2" && (scan.split() == "train" || scan.split() == "val");
  scan.check_counts(left_out ? "none" : options.task);
}

}  // namespace

std::vector<std::string> present_arrow_splits(const std::string& task, const fs::path& root) {
  std::vector<std::string> splits;
  for (const char* split : kSplits) {
    const bool alias = (task == "nlvr2" && (split == std::string("test") || split == std::string("val"))) ||
                       (task == "snli-ve" && split == std::string("val"));
    if (!alias && find_arrow_table(root, table_names(task, split))) splits.emplace_back(split);
  }
  return splits;
}

DataCheck check_arrow_data(const DataCheckOptions& options, const std::vector<std::string>& splits) {
  DataCheck out;
  out.task = options.task;
  out.root = options.root.string();
  out.depth = options.depth;
  for (const std::string& split : splits) {
    SplitScan scan(split);
    const std::vector<std::string> names = table_names(options.task, split);
    if (const auto table = find_arrow_table(options.root, names)) {
      check_split(options, *table, scan, out);
    } else {
      scan.add_finding(Fault::kMissingFile, options.root.string(),
                       fmt::format("has no {}.arrow", names.front()));
    }
    out.splits.push_back(std::move(scan).result());
  }
  return out;
}

}  // namespace bteval::datasets
