#include "tasks/report_page_thumbnails.h"

#include <algorithm>
#include <exception>
#include <new>

#include "core/error.h"
#include "core/parallel.h"
#include "core/read_file.h"
#include "image/thumbnail.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

/// Where the file is now; the old path where it is nowhere.
fs::path find_image(const fs::path& path, const fs::path& data) {
  std::error_code error;
  if (data.empty() || fs::is_regular_file(path, error)) return path;
  // The path comes from the run's files, which anybody may have written: it must not lead out of `data`.
  if (std::find(path.begin(), path.end(), "..") != path.end()) return path;
  const fs::path relative = path.relative_path();
  for (auto begin = relative.begin(); begin != relative.end(); ++begin) {
    fs::path tried = data;
    for (auto part = begin; part != relative.end(); ++part) tried /= *part;
    if (fs::is_regular_file(tried, error)) return tried;
  }
  return path;
}

/// Why an image has no picture; "" where it has one.
std::string fill(reports::PageThumbnail& thumbnail, const fs::path& path, int pixels) {
  try {
    image::Thumbnail made = image::make_thumbnail(read_file(path)->span(), pixels);
    thumbnail.width = made.width;
    thumbnail.height = made.height;
    thumbnail.jpeg = std::move(made.jpeg);
    return "";
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInterrupted) throw;
    return error.message();
  } catch (const std::bad_alloc&) {
    return "not enough memory";
  }
}

}  // namespace

std::vector<reports::PageThumbnail> make_thumbnails(const std::vector<std::string>& paths, int pixels,
                                                    const fs::path& data, int threads,
                                                    std::vector<std::string>& warnings) {
  std::vector<reports::PageThumbnail> thumbnails(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) thumbnails[i].name = fs::path(paths[i]).filename().string();
  if (pixels <= 0) return thumbnails;
  std::vector<std::string> problems(paths.size());
  parallel_for(paths.size(), threads, [&](std::size_t i) {
    // A table holds many images, and samples do not say which one.
    problems[i] = fs::path(paths[i]).extension() == ".arrow"
                      ? "images in .arrow tables are shown by their table's name"
                      : fill(thumbnails[i], find_image(paths[i], data), pixels);
  });
  const auto failed = [](const std::string& problem) { return !problem.empty(); };
  const auto count = std::count_if(problems.begin(), problems.end(), failed);
  if (count > 0) {
    const auto first =
        static_cast<std::size_t>(std::find_if(problems.begin(), problems.end(), failed) - problems.begin());
    std::error_code error;
    const bool is_gone = !fs::exists(paths[first], error);
    warnings.push_back(fmt::format("{} of {} images have no thumbnail; the first: {}: {}{}", count,
                                   paths.size(), printable(paths[first], 400), problems[first],
                                   is_gone ? " (--data FOLDER tells where images are now)" : ""));
  }
  return thumbnails;
}

}  // namespace bteval::app
