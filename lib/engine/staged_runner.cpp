#include "engine/staged_runner.h"

#include <algorithm>
#include <map>
#include <span>

#include "core/error.h"
#include "core/interrupt.h"
#include "engine/pair_batches.h"
#include "engine/torch_version.h"
#include "model/torch_compat.h"

namespace bteval::engine {
namespace {

records::SampleSet as_sample_set(const PreparedWork& work) {
  records::SampleSet set;
  set.images.resize(static_cast<std::size_t>(work.pixels.size(0)));
  for (const std::uint32_t image : work.image_of_text) {
    if (image >= set.images.size())
      throw Error(ErrorCode::kUsage, fmt::format("a text refers to image {}, which is not there", image));
    set.samples.push_back({"", "", {image}});
  }
  return set;
}

}  // namespace

template <typename Body>
auto StagedRunner::timed(StageTime& stage, const model::Work& batch, std::int64_t items, Body&& body) const {
  const double start = read_clock(clock_);
  auto result = body();
  wait_for(model_.options().device);
  stage.seconds += read_clock(clock_) - start;
  stage.flop += batch.flop;
  stage.memory_bytes += model::memory_bytes(batch, value_bytes_);
  stage.items += static_cast<std::uint64_t>(items);
  return result;
}

/// A unit of the plan with its distinct texts.
struct StagedRunner::Unit {
  at::Tensor pixels;                                 // on the device
  std::vector<std::int64_t> samples;                 // rows of the result
  std::vector<std::int64_t> image_of_sample;         // rows of `pixels`
  std::vector<std::span<const std::int32_t>> texts;  // each once
  std::vector<std::int64_t> text_of_sample;

  std::vector<std::size_t> tokens() const {
    std::vector<std::size_t> counts;
    for (const auto& text : texts) counts.push_back(text.size());
    return counts;
  }

  Unit(const PreparedWork& work, const WorkUnit& planned, const at::Device& device, bool texts_once) {
    std::vector<std::int64_t> images;
    for (const ImageView& view : planned.views) images.push_back(view.image);
    pixels = work.pixels.index_select(0, at::tensor(images, at::kLong)).to(device);
    std::map<std::vector<std::int32_t>, std::int64_t> index_of;
    for (const PlannedSample& sample : planned.samples) {
      samples.push_back(sample.sample);
      image_of_sample.push_back(sample.views.at(0));
      const std::vector<std::int32_t>& text = work.texts[sample.sample];
      const auto next = static_cast<std::int64_t>(texts.size());
      const auto [found, is_new] = index_of.emplace(text, next);
      text_of_sample.push_back(is_new || !texts_once ? next : found->second);
      if (text_of_sample.back() == next) texts.emplace_back(text);
    }
  }
};

StagedRunner::StagedRunner(const model::BridgeTower& model, const EngineOptions& options, StageClock clock)
    : model_(model),
      calls_(model),
      options_(options),
      clock_(clock),
      work_(model.config(), model.options().savings),
      value_bytes_(static_cast<double>(c10::elementSize(model.options().dtype))) {}

model::ImageFeatures StagedRunner::encode_images(const at::Tensor& pixels, StageTimes& times) const {
  const model::Work one = work_.image(work_.image_rows(pixels.size(2), pixels.size(3)));
  const std::int64_t count = pixels.size(0);
  return timed(times.vision, batch_of(one, static_cast<double>(count)), count,
               [&] { return calls_.encode_image(pixels); });
}

/// The unit's texts as they are fused.
std::vector<std::vector<std::int64_t>> StagedRunner::buckets_of(const Unit& unit) const {
  const bool by_length = model_.options().savings.length_buckets;
  return length_buckets(by_length ? unit.tokens() : std::vector<std::size_t>(unit.texts.size()),
                        options_.pairs_per_batch);
}

model::TextFeatures StagedRunner::encode_texts(const Unit& unit, std::span<const std::int64_t> texts,
                                               StageTimes& times) const {
  std::vector<std::span<const std::int32_t>> tokens;
  Rows lengths;
  for (const std::int64_t text : texts) {
    tokens.push_back(unit.texts[static_cast<std::size_t>(text)]);
    lengths.push_back(static_cast<std::int64_t>(tokens.back().size()));
  }
  const TextBatch batch = pad_texts(tokens, model_.config().pad_token_id, model_.options().device);
  const std::int64_t count = batch.ids.size(0);
  const model::Work work = model_.packs_texts()
                               ? work_.packed_texts(lengths)
                               : batch_of(work_.text(batch.ids.size(1)), static_cast<double>(count));
  return timed(times.text, work, count, [&] { return calls_.encode_text(batch); });
}

at::Tensor StagedRunner::fuse(const model::TextFeatures& text, const model::ImageFeatures& image,
                              StageTimes& times) const {
  const model::Work one = work_.fusion({text.levels[0].size(1), image.levels[0].size(1)});
  const std::int64_t count = text.levels[0].size(0);
  return timed(times.fusion, batch_of(one, static_cast<double>(count)), count,
               [&] { return calls_.fuse(text, image); });
}

void StagedRunner::run_unit(const Unit& unit, StageTimes& times, at::Tensor& cls) const {
  const model::ImageFeatures images = encode_images(unit.pixels, times);
  for (const TextPass& pass : text_passes(buckets_of(unit), unit.tokens(), model_.packs_texts())) {
    const model::TextFeatures texts = encode_texts(unit, pass.texts, times);
    for (const TextPass::Bucket& part : pass.buckets)
      fuse_bucket(unit, bucket_of(pass.texts, part), bucket_of(texts, part), images, times, cls);
  }
}

/// `texts`: of the bucket; `images`: of the unit.
void StagedRunner::fuse_bucket(const Unit& unit, std::span<const std::int64_t> bucket,
                               const model::TextFeatures& texts, const model::ImageFeatures& images,
                               StageTimes& times, at::Tensor& cls) const {
  Rows row_of_text(unit.texts.size(), -1);
  for (std::size_t row = 0; row < bucket.size(); ++row)
    row_of_text[static_cast<std::size_t>(bucket[row])] = static_cast<std::int64_t>(row);
  Rows text_rows, image_rows, outputs;
  for (std::size_t s = 0; s < unit.samples.size(); ++s) {
    const std::int64_t row = row_of_text[static_cast<std::size_t>(unit.text_of_sample[s])];
    if (row < 0) continue;
    text_rows.push_back(row);
    image_rows.push_back(unit.image_of_sample[s]);
    outputs.push_back(unit.samples[s]);
  }
  const at::Tensor rows = to_device(outputs, model_.options().device);
  const auto timed_fuse = [&](const model::TextFeatures& text, const model::ImageFeatures& image) {
    throw_if_interrupted();
    return fuse(text, image, times);
  };
  fuse_pairs(timed_fuse, texts, images, text_rows, image_rows, options_.pairs_per_batch,
             [&](std::size_t first, const at::Tensor& pooled) {
               cls.index_copy_(0, rows.narrow(0, static_cast<std::int64_t>(first), pooled.size(0)), pooled);
             });
}

/// Without towers_once: both towers for every pair, as a model without a plan runs them.
void StagedRunner::run_unit_by_pair(const Unit& unit, StageTimes& times, at::Tensor& cls) const {
  const at::Device& device = model_.options().device;
  for (const Rows& bucket : buckets_of(unit)) {
    throw_if_interrupted();
    Rows image_rows, outputs;  // a text of its own for each sample: equal indices
    for (const std::int64_t s : bucket) {
      image_rows.push_back(unit.image_of_sample[static_cast<std::size_t>(s)]);
      outputs.push_back(unit.samples[static_cast<std::size_t>(s)]);
    }
    const at::Tensor pixels = unit.pixels.index_select(0, to_device(image_rows, device));
    const model::ImageFeatures images = encode_images(pixels, times);
    cls.index_copy_(0, to_device(outputs, device), fuse(encode_texts(unit, bucket, times), images, times));
  }
}

at::Tensor StagedRunner::run(const PreparedWork& work, StagedHead head, StageTimes& times) const {
  const PairPlan plan(as_sample_set(work), options_.plan);
  return model::run_inference([&] {
    const bool towers_once = model_.options().savings.towers_once;
    const at::Device& device = model_.options().device;
    std::vector<at::Tensor> logits;
    std::vector<std::int64_t> order;
    at::Tensor all_cls = at::empty({static_cast<std::int64_t>(work.size()), 2 * model_.config().hidden_size},
                                   at::TensorOptions().dtype(at::kFloat).device(device));
    for (const WorkUnit& planned : plan.units()) {
      const Unit unit(work, planned, device, towers_once);
      towers_once ? run_unit(unit, times, all_cls) : run_unit_by_pair(unit, times, all_cls);
      // The head sees one unit at a time, as in Runner: the shape of a product decides its bits.
      const at::Tensor cls = all_cls.index_select(0, to_device(unit.samples, device));
      const std::int64_t inputs = cls.size(1);
      const bool vqa = head == StagedHead::kVqa;
      const model::Work one =
          vqa ? model::WorkCount::classifier(inputs, model_.label_count(model::Head::kVqa))
              : model::WorkCount::linear(inputs, 2);
      const model::Work head_work = batch_of(one, static_cast<double>(cls.size(0)));
      logits.push_back(timed(times.head, head_work, cls.size(0), [&] {
        return (vqa ? model_.vqa_logits(cls) : model_.itm_logits(cls)).to(at::kCPU, at::kFloat);
      }));
      order.insert(order.end(), unit.samples.begin(), unit.samples.end());
    }
    const at::Tensor joined = at::cat(logits);
    return at::empty_like(joined).index_copy_(0, at::tensor(order, at::kLong), joined);
  });
}

}  // namespace bteval::engine
