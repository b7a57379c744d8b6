#include "tasks/bad_images.h"

#include <map>
#include <mutex>

#include "core/parallel.h"
#include "core/progress.h"
#include "datasets/image_check.h"

namespace bteval::app {

void require_images(const records::SampleSet& samples) {
  constexpr std::size_t kInOneLine = 5;
  const std::vector<std::uint32_t> missing = datasets::missing_images(samples);
  if (missing.size() > kInOneLine) {
    for (const std::uint32_t i : missing) {
      const records::ImageRef& image = samples.images[i];
      fmt::print(stderr, "bteval: {}: image {}: is missing\n", printable(image.path, 4096),
                 printable(image.id));
    }
  }
  datasets::throw_missing_images(samples, missing);
}

void throw_bad_images(const records::SampleSet& samples, const std::vector<std::uint32_t>& images,
                      const engine::BadImage& error, bool quiet) {
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
      } catch (const engine::BadImage& found) {
        fault = found.with_context({"", "image " + image.id, std::nullopt});
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

bool RefusalCheck::still_holds(const engine::Refusal& refusal) {
  for (const std::uint32_t image : samples_.samples.at(refusal.sample).images) {
    if (samples_.images[image].id != refusal.image_id) continue;
    const auto [known, is_new] = reason_of_image_.try_emplace(image);
    if (is_new) {
      try {
        engine::check_image(samples_.images[image]);
      } catch (const engine::BadImage& error) {
        known->second = error.what();
      }
    }
    return known->second == refusal.reason;
  }
  return false;
}

}  // namespace bteval::app
