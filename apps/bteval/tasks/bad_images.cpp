#include "tasks/bad_images.h"

#include <map>
#include <mutex>

#include "core/parallel.h"
#include "core/progress.h"
#include "engine/pixels.h"

namespace bteval::app {

void throw_bad_images(const records::SampleSet& samples, const std::vector<std::uint32_t>& images,
                      const Error& error, bool quiet) {
  fmt::print(stderr, "bteval: {}\nbteval: checking the other images\n", error.what());
  std::mutex mutex;
  std::map<std::size_t, Error> bad;
  {
    Progress progress("check", "images", images.size(), quiet ? Progress::Mode::kOff : Progress::Mode::kAuto);
    parallel_for(images.size(), 0, [&](std::size_t i) {
      const records::ImageRef& image = samples.images[images[i]];
      std::optional<Error> fault;
      try {
        engine::check_image(image);
      } catch (const Error& found) {
        fault = found.with_context({image.path, "image " + image.id, std::nullopt});
      }
      const std::lock_guard lock(mutex);
      if (fault) bad.emplace(i, *fault);
      progress.advance(1);
    });
  }
  if (bad.empty()) throw error;
  for (const auto& [i, fault] : bad) fmt::print(stderr, "bteval: {}\n", fault.what());
  throw Error(
      ErrorCode::kData,
      fmt::format("{} of {} images cannot be read, the first being {}; the same command goes on when they "
                  "can",
                  bad.size(), images.size(), bad.begin()->second.what()));
}

}  // namespace bteval::app
