// What it takes to get from files to inputs, alone and beside the computing.
#include <chrono>

#include "core/bytes.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/read_file.h"
#include "engine/plan.h"
#include "engine/runner.h"
#include "image/decode.h"
#include "image/transform.h"
#include "tasks/bench_modes.h"
#include "tasks/bench_work.h"

namespace bteval::app {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// One pass over all images, each step's seconds added to its stage; and over all texts.
struct InputPass {
  double decode = 0, resize = 0, normalise = 0, tokenise = 0;

  void images(const std::vector<std::shared_ptr<const Bytes>>& files,
              const image::TransformOptions& transform) {
    std::vector<float> pixels(3 * static_cast<std::size_t>(transform.size_px) *
                              static_cast<std::size_t>(transform.size_px));
    for (const auto& file : files) {
      throw_if_interrupted();
      const auto start = Clock::now();
      const image::RgbImage decoded = image::decode_rgb(file->span());
      const auto resizing = Clock::now();
      const image::RgbImage resized = image::apply_transform(decoded, transform);
      const auto normalising = Clock::now();
      image::normalise_into(resized, pixels);
      normalise += seconds_since(normalising);
      decode += std::chrono::duration<double>(resizing - start).count();
      resize += std::chrono::duration<double>(normalising - resizing).count();
    }
  }
  void texts(const records::SampleSet& set, const text::Tokenizer& tokenizer, std::uint32_t max_length) {
    const auto start = Clock::now();
    for (const records::Sample& sample : set.samples) tokenizer.encode(sample.text, max_length);
    tokenise = seconds_since(start);
  }
};

/// Logits of an evaluation in the order of the samples.
at::Tensor run_evaluation(engine::Runner& runner, const records::SampleSet& set,
                          const text::Tokenizer& tokenizer, const engine::PairPlan& plan, Timings& timings) {
  at::Tensor logits =
      at::zeros({static_cast<std::int64_t>(set.samples.size()), runner.head_width(engine::Head::kVqa)});
  const auto start = Clock::now();
  runner.run(set, tokenizer, plan, engine::Head::kVqa, [&](const engine::UnitOutput& output) {
    for (std::size_t i = 0; i < output.samples.size(); ++i) {
      std::copy_n(output.logits.data() + static_cast<std::ptrdiff_t>(i) * output.width, output.width,
                  logits.data_ptr<float>() + output.samples[i] * output.width);
    }
  });
  timings.seconds.push_back(seconds_since(start));
  return logits;
}

}  // namespace

BenchReport bench_input(const BenchOptions& options) {
  const records::SampleSet set =
      sample_set_of_folder(options.image_folder, options.images, options.texts_per_image);
  const text::Tokenizer tokenizer = bench_tokenizer(options);
  std::vector<std::shared_ptr<const Bytes>> files;
  for (const records::ImageRef& image : set.images) files.push_back(read_file(image.path));
  const auto images = static_cast<double>(set.images.size()), texts = static_cast<double>(set.samples.size());
  std::vector<StageResult> stages = {{"decode", "images", images},
                                     {"resize", "images", images},
                                     {"normalise", "images", images},
                                     {"tokenise", "texts", texts}};
  for (std::uint32_t i = 0; i < options.warm_up + options.repeats; ++i) {
    InputPass pass;
    pass.images(files, options.engine.transform);
    pass.texts(set, tokenizer, options.engine.max_length);
    if (i < options.warm_up) continue;
    const double seconds[] = {pass.decode, pass.resize, pass.normalise, pass.tokenise};
    for (std::size_t s = 0; s < stages.size(); ++s) stages[s].timings.seconds.push_back(seconds[s]);
  }
  BenchReport report;
  report.json = {
      {"images", set.images.size()}, {"texts", set.samples.size()}, {"stages", stages_json(stages, {})}};
  report.text = "one thread\n" + stages_text(stages, {});
  return report;
}

BenchReport bench_end_to_end(const BenchOptions& options) {
  const records::SampleSet set =
      sample_set_of_folder(options.image_folder, options.images, options.texts_per_image);
  const text::Tokenizer tokenizer = bench_tokenizer(options);
  const checkpoint::Checkpoint checkpoint = open_bench_checkpoint(options);
  BenchModel model("inputs ready", checkpoint, options, {});
  engine::Runner runner(checkpoint, options.engine);
  const engine::PairPlan plan(set, options.engine.plan);
  const engine::PreparedWork work = load_work(set, tokenizer, options.engine);
  model.warm_up(work, options.warm_up);
  Timings files, ratios;
  for (std::uint32_t i = 0; i < options.repeats; ++i) {
    throw_if_interrupted();
    if (digest_of(run_evaluation(runner, set, tokenizer, plan, files)) != model.digest())
      throw Error(ErrorCode::kInternal, "an evaluation from files computed other values than the benchmark");
    model.repeat(work);
    ratios.seconds.push_back(files.seconds.back() / model.timings().seconds.back());
  }
  BenchReport report;
  const auto pairs = static_cast<double>(set.samples.size());
  report.json = {{"images", set.images.size()},
                 {"pairs", set.samples.size()},
                 {"loader_threads", options.engine.loader_threads},
                 {"from_files", timings_json(files)},
                 {"inputs_ready", timings_json(model.timings())},
                 {"ratio", {{"median", ratios.median()}, {"low", ratios.best()}, {"high", ratios.worst()}}},
                 {"logits_sha256", model.digest()}};
  report.text = fmt::format(
      "{} images, {} pairs, {} loader threads on the same cores; same logits\n"
      "from files:   {:.3f} s (median of {}; {:.3f} to {:.3f}), {:.3f} pairs/s\n"
      "inputs ready: {:.3f} s ({:.3f} to {:.3f}), {:.3f} pairs/s\n"
      "from files takes {:.3f} times as long (median of the repeats' ratios; {:.3f} to {:.3f})\n",
      set.images.size(), set.samples.size(), options.engine.loader_threads, files.median(),
      files.seconds.size(), files.best(), files.worst(), pairs / files.median(), model.timings().median(),
      model.timings().best(), model.timings().worst(), pairs / model.timings().median(), ratios.median(),
      ratios.best(), ratios.worst());
  return report;
}

}  // namespace bteval::app
