#include "datasets/image_scan.h"

#include <dirent.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/hash.h"
#include "core/parallel.h"
#include "core/read_file.h"

namespace bteval::datasets {
namespace {

constexpr std::size_t kChunk = 64;  // files that a thread takes at a time

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string_view name_of(const std::string& path) {
  return std::string_view(path).substr(path.rfind('/') + 1);
}

// Names in a folder; none where it cannot be listed.
std::unordered_set<std::string> list_folder(const std::string& folder, bool& listed) {
  std::unordered_set<std::string> names;
  DIR* stream = ::opendir(folder.c_str());
  listed = stream != nullptr;
  if (!listed) return names;
  while (const dirent* entry = ::readdir(stream)) names.emplace(entry->d_name);
  ::closedir(stream);
  return names;
}

struct Folder {
  std::string path;
  std::unordered_set<std::string> names;
  bool listed = false;
};

// The folders of some paths, listed, and the folder of each path.
struct Folders {
  std::vector<Folder> list;
  std::vector<std::uint32_t> of_path;
};

Folders list_folders(std::span<const std::string> paths, int threads) {
  Folders folders;
  std::unordered_map<std::string, std::uint32_t> index;
  for (const std::string& path : paths) {
    const std::string folder = folder_of(path);
    const auto [found, is_new] = index.try_emplace(folder, static_cast<std::uint32_t>(folders.list.size()));
    if (is_new) folders.list.push_back({folder, {}, false});
    folders.of_path.push_back(found->second);
  }
  parallel_for(folders.list.size(), threads, [&](std::size_t i) {
    Folder& folder = folders.list[i];
    folder.names = list_folder(folder.path, folder.listed);
  });
  return folders;
}

bool has_image_extension(std::string_view name) {
  std::string extension(name.substr(std::min(name.rfind('.'), name.size())));
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const std::string_view known : {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}) {
    if (extension == known) return true;
  }
  return false;
}

bool decodes(const ImageProbe& probe) {
  return probe.state == ImageProbe::State::kGood || probe.state == ImageProbe::State::kNoEnd;
}

}  // namespace

ImageScan scan_images(std::span<const std::string> paths, int threads) {
  const Folders folders = list_folders(paths, threads);
  ImageScan scan;
  scan.probes.resize(paths.size());
  const auto probe = [&](std::size_t i) {
    const Folder& folder = folders.list[folders.of_path[i]];
    if (folder.listed && !folder.names.contains(std::string(name_of(paths[i])))) {
      scan.probes[i].state = ImageProbe::State::kMissing;
      scan.probes[i].detail = "the file is not in its folder";
    } else {
      scan.probes[i] = probe_image(paths[i]);
    }
  };
  parallel_for(paths.size(), threads, probe, kChunk);
  return scan;
}

void find_same(std::span<const std::string> paths, int threads, ImageScan& scan) {
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_size;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (decodes(scan.probes[i])) by_size[scan.probes[i].size].push_back(static_cast<std::uint32_t>(i));
  }
  std::vector<std::uint32_t> candidates;
  for (const auto& [size, files] : by_size) {
    if (files.size() > 1) candidates.insert(candidates.end(), files.begin(), files.end());
  }
  std::sort(candidates.begin(), candidates.end());
  std::vector<std::string> digests(candidates.size());
  parallel_for(
      candidates.size(), threads,
      [&](std::size_t i) {
        try {
          digests[i] = sha256_file(paths[candidates[i]]);
        } catch (const Error& error) {
          ImageProbe& probe = scan.probes[candidates[i]];
          probe.state = ImageProbe::State::kUnreadable;
          probe.detail = error.message();
        }
      },
      kChunk);
  std::unordered_map<std::string_view, std::uint32_t> first;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (digests[i].empty()) continue;
    const auto [found, is_new] = first.try_emplace(digests[i], candidates[i]);
    if (!is_new) scan.same.push_back({found->second, candidates[i]});
  }
}

void decode_images(std::span<const std::string> paths, int threads,
                   const std::function<void(std::span<const std::byte>)>& decode, ImageScan& scan) {
  parallel_for(paths.size(), threads, [&](std::size_t i) {
    ImageProbe& probe = scan.probes[i];
    if (!decodes(probe)) return;
    try {
      decode(read_file(paths[i])->span());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kData) throw;
      probe.state = ImageProbe::State::kDamaged;
      probe.detail = error.message();
    }
  });
}

std::vector<std::string> extra_images(std::span<const std::string> paths) {
  const std::unordered_set<std::string_view> known(paths.begin(), paths.end());
  std::vector<std::string> extra;
  for (const Folder& folder : list_folders(paths, 1).list) {
    for (const std::string& name : folder.names) {
      if (!has_image_extension(name)) continue;
      std::string path = fmt::format("{}/{}", folder.path, name);
      if (!known.contains(path)) extra.push_back(std::move(path));
    }
  }
  std::sort(extra.begin(), extra.end());
  return extra;
}

}  // namespace bteval::datasets
