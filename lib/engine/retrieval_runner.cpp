#include "engine/retrieval_runner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "core/interrupt.h"
#include "engine/device.h"
#include "engine/feature_store.h"
#include "engine/loaded_model.h"
#include "engine/model_calls.h"
#include "engine/prefetch.h"
#include "engine/retrieval_plan.h"
#include "engine/transfer.h"
#include "model/torch_compat.h"

namespace bteval::engine {
namespace {

/// Images of one pass of the image tower: part of a unit, never of two.
struct ImageBatch {
  std::uint32_t first_image = 0, end_image = 0;
};

std::vector<ImageBatch> cut(std::span<const ImageUnit> units, std::uint32_t images_per_batch) {
  std::vector<ImageBatch> batches;
  for (const ImageUnit& unit : units) {
    for (std::uint32_t first = unit.first_image; first < unit.end_image; first += images_per_batch)
      batches.push_back({first, std::min(unit.end_image, first + images_per_batch)});
  }
  return batches;
}

at::Tensor load_batch(const ImageSource& images, const ImageBatch& batch, const at::Device& device) try {
  const std::int64_t floats = 3 * images.height() * images.width();
  at::Tensor pixels = host_buffer({batch.end_image - batch.first_image, 3, images.height(), images.width()},
                                  at::kFloat, device);
  for (std::uint32_t i = batch.first_image; i < batch.end_image; ++i) {
    images.load(
        i, {pixels.data_ptr<float>() + (i - batch.first_image) * floats, static_cast<std::size_t>(floats)});
  }
  return pixels;
} catch (const c10::Error& error) {  // no memory for the pixels
  model::rethrow_torch_error(error);
}

std::vector<float> floats_of(const at::Tensor& from) {
  const at::Tensor dense = from.to(at::kCPU, at::kFloat).contiguous();
  return {dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel()};
}

void advance_by(const RetrievalRunner::Advance& advance, std::uint64_t done) {
  if (advance) advance(done);
}

/// Kept parts come from a file.
void require_itc_size(const std::vector<float>& values, std::size_t rows,
                      const records::RetrievalScores& scores) {
  if (values.size() != rows * scores.itc_size)
    throw Error(ErrorCode::kData, "embeddings were kept in another size");
}

class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds) {}
  ~Stopwatch() {
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double& seconds_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

using SlotSink = std::function<void(std::uint64_t slot, float score)>;
using FeaturesOfUnit = std::function<const model::ImageFeatures&()>;

}  // namespace

void RetrievalOptions::resolve(const EngineOptions& engine) {
  if (parse_devices(engine.device).size() > 1)
    throw Error(ErrorCode::kUsage, "retrieval runs on one device, not on " + engine.device);
  const bool cuda = parse_device(engine.device).is_cuda();
  if (images_per_unit == 0) images_per_unit = cuda ? 64 : 32;
  if (images_per_batch == 0) images_per_batch = cuda ? 32 : 8;
  if (text_cache_bytes == kChoose) text_cache_bytes = std::uint64_t{cuda ? 4096U : 64U} << 20U;
}

struct RetrievalRunner::State : LoadedModel {
  RetrievalOptions retrieval;
  RetrievalCounts counts;
  ModelCalls calls{bridgetower};
  const ImageSource& images;
  const CaptionTokens& captions;
  PartStore* parts = nullptr;
  CaptionBuckets buckets;
  TextFeatureStore texts;

  State(const checkpoint::Checkpoint& checkpoint, const EngineOptions& resolved,
        const RetrievalOptions& retrieval_options, const ImageSource& all_images,
        const CaptionTokens& all_captions)
      : LoadedModel(checkpoint, resolved, parse_device(resolved.device)),
        retrieval(retrieval_options),
        images(all_images),
        captions(all_captions),
        buckets(all_captions, options.pairs_per_batch),
        texts(buckets.buckets.size(), retrieval.text_cache_bytes) {}

  void set_sizes(records::RetrievalScores& scores) const {
    scores.num_images = images.size();
    scores.num_captions = captions.size();
  }
  bool has(RetrievalStage stage, std::uint64_t part) const { return parts && parts->has(stage, part); }
  std::vector<float> part(RetrievalStage stage, std::uint64_t number, std::size_t rows,
                          const std::function<std::vector<float>()>& compute);
  model::TextFeatures encode_bucket(std::size_t bucket);
  model::ImageFeatures encode_images(const at::Tensor& pixels);
  void embed_images(records::RetrievalScores& scores, const Advance& advance);
  void embed_captions(records::RetrievalScores& scores, const Advance& advance);
  at::Tensor head_scores(CrossHead head, const at::Tensor& cls) const;
  std::uint64_t part_number(std::size_t unit, const PairTile& tile) const {
    return std::uint64_t{unit} * buckets.buckets.size() + tile.bucket;
  }
  bool is_kept(const RetrievalPlan& plan, std::size_t number) const;
  RetrievalPlan plan_of(std::span<const records::ScoredPair> pairs) const {
    return {buckets, images.size(), retrieval.images_per_unit, pairs};
  }
  RetrievalPlan plan_of_all() const { return {buckets, images.size(), retrieval.images_per_unit}; }
  std::vector<std::uint64_t> open_units(const RetrievalPlan& plan) const;
  void for_each_loaded(UnitSource& items,
                       const std::function<std::vector<ImageBatch>(std::uint64_t)>& batches_of,
                       const std::function<void(std::uint64_t, const std::vector<at::Tensor>&)>& body);
  std::vector<float> score_tile(const PairTile& tile, const model::ImageFeatures& features, CrossHead head);
  void score_unit(const RetrievalPlan& plan, std::size_t number, CrossHead head,
                  const FeaturesOfUnit& features, const Advance& advance, const SlotSink& sink);
  void score_plan(const RetrievalPlan& plan, CrossHead head, const Advance& advance, const SlotSink& sink);
};

model::TextFeatures RetrievalRunner::State::encode_bucket(std::size_t bucket) {
  if (const model::TextFeatures* kept = texts.find(bucket)) return *kept;
  std::vector<std::span<const std::int32_t>> tokens;
  for (const std::int64_t caption : buckets.buckets[bucket])
    tokens.push_back(captions[static_cast<std::size_t>(caption)]);
  const TextBatch batch = pad_texts(tokens, bridgetower.config().pad_token_id, device);
  model::TextFeatures features = calls.encode_text(batch);
  counts.text_passes += tokens.size();
  texts.offer(bucket, features);
  return features;
}

model::ImageFeatures RetrievalRunner::State::encode_images(const at::Tensor& pixels) {
  return calls.encode_image(Upload(pixels, device).arrive());
}

/// The values of a part, as many for each of its rows: kept ones, or new ones, which are kept.
std::vector<float> RetrievalRunner::State::part(RetrievalStage stage, std::uint64_t number, std::size_t rows,
                                                const std::function<std::vector<float>()>& compute) {
  if (!has(stage, number)) {
    std::vector<float> values = model::run_inference(compute);
    if (parts != nullptr) parts->add(stage, number, values);
    return values;
  }
  std::vector<float> values = parts->take(stage, number);
  if (values.empty() || values.size() % rows != 0)
    throw Error(ErrorCode::kData, fmt::format("part {} was kept with another number of values", number));
  return values;
}

void RetrievalRunner::State::embed_images(records::RetrievalScores& scores, const Advance& advance) {
  const ImageUnit all{0, images.size()};
  const auto batches = cut({&all, 1}, retrieval.images_per_batch);
  std::vector<std::size_t> open;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    if (!has(RetrievalStage::kImages, b)) open.push_back(b);
  }
  OrderedPrefetch<at::Tensor> loaded(
      counted(open.size()), options.loader_threads, options.prefetch_units,
      [&](std::uint64_t i) { return load_batch(images, batches[open[i]], device); });
  for (std::size_t b = 0; b < batches.size(); ++b) {
    throw_if_interrupted();
    const std::size_t rows = batches[b].end_image - batches[b].first_image;
    const std::vector<float> values = part(RetrievalStage::kImages, b, rows, [&] {
      return floats_of(bridgetower.itc_image(encode_images(*loaded.next())));
    });
    counts.image_passes += rows;
    if (b == 0) {
      scores.itc_size = static_cast<std::uint32_t>(values.size() / rows);
      scores.image_embeddings.resize(std::size_t{images.size()} * scores.itc_size);
    }
    require_itc_size(values, rows, scores);
    std::ranges::copy(
        values, scores.image_embeddings.begin() + std::ptrdiff_t{batches[b].first_image} * scores.itc_size);
    advance_by(advance, rows);
  }
}

void RetrievalRunner::State::embed_captions(records::RetrievalScores& scores, const Advance& advance) {
  scores.text_embeddings.resize(std::size_t{captions.size()} * scores.itc_size);
  std::vector<float> rows;
  std::vector<std::size_t> first_row;  // by bucket
  for (std::size_t b = 0; b < buckets.buckets.size(); ++b) {
    throw_if_interrupted();
    first_row.push_back(rows.size());
    const std::size_t size = buckets.buckets[b].size();
    const std::vector<float> values = part(RetrievalStage::kCaptions, b, size,
                                           [&] { return floats_of(bridgetower.itc_text(encode_bucket(b))); });
    require_itc_size(values, size, scores);
    rows.insert(rows.end(), values.begin(), values.end());
    advance_by(advance, size);
  }
  for (std::size_t c = 0; c < buckets.bucket_of.size(); ++c) {
    const std::size_t row = first_row[buckets.bucket_of[c]] + buckets.row_of[c] * scores.itc_size;
    std::copy_n(rows.data() + row, scores.itc_size, scores.text_embeddings.data() + c * scores.itc_size);
  }
  advance_by(advance, buckets.bucket_of.size() - rows.size() / scores.itc_size);
}

at::Tensor RetrievalRunner::State::head_scores(CrossHead head, const at::Tensor& cls) const {
  return head == CrossHead::kItm ? bridgetower.itm_logits(cls).select(1, 1)
                                 : bridgetower.rank_score(cls).select(1, 0);
}

std::vector<float> RetrievalRunner::State::score_tile(const PairTile& tile,
                                                      const model::ImageFeatures& features, CrossHead head) {
  const model::TextFeatures text = encode_bucket(tile.bucket);
  std::vector<at::Tensor> scores;  // fetched once: a GPU goes on with the next batch meanwhile
  fuse_pairs(calls.fuser(), text, features, tile.text_rows, tile.image_rows, options.pairs_per_batch,
             [&](std::size_t, const at::Tensor& cls) { scores.push_back(head_scores(head, cls)); });
  return floats_of(at::cat(scores));
}

void RetrievalRunner::State::score_unit(const RetrievalPlan& plan, std::size_t number, CrossHead head,
                                        const FeaturesOfUnit& features, const Advance& advance,
                                        const SlotSink& sink) {
  const ImageUnit& unit = plan.units()[number];
  plan.for_each_tile(unit, [&](const PairTile& tile) {
    throw_if_interrupted();
    const std::vector<float> values = part(RetrievalStage::kPairs, part_number(number, tile), tile.size(),
                                           [&] { return score_tile(tile, features(), head); });
    if (values.size() != tile.size())
      throw Error(ErrorCode::kData, "a tile's scores were kept in another number");
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i])) {
        throw Error(ErrorCode::kCheckpoint,
                    "the score of a pair is not a number: weights or number type are unfit",
                    {"", fmt::format("image {}", unit.first_image + tile.image_rows[i]), std::nullopt});
      }
      for (std::size_t s = tile.first_slot[i]; s < tile.first_slot[i + 1]; ++s)
        sink(tile.slots[s], values[i]);
    }
    counts.pairs += tile.size();
    advance_by(advance, tile.first_slot.back());
  });
}

bool RetrievalRunner::State::is_kept(const RetrievalPlan& plan, std::size_t number) const {
  if (parts == nullptr) return false;
  bool kept = true;
  plan.for_each_tile(plan.units()[number], [&](const PairTile& tile) {
    kept = kept && has(RetrievalStage::kPairs, part_number(number, tile));
  });
  return kept;
}

void RetrievalRunner::State::score_plan(const RetrievalPlan& plan, CrossHead head, const Advance& advance,
                                        const SlotSink& sink) {
  std::vector<ImageUnit> open;
  std::vector<bool> is_open;
  for (std::size_t u = 0; u < plan.units().size(); ++u) {
    is_open.push_back(!is_kept(plan, u));
    if (is_open.back()) open.push_back(plan.units()[u]);
  }
  const auto batches = cut(open, retrieval.images_per_batch);
  OrderedPrefetch<at::Tensor> loaded(counted(batches.size()), options.loader_threads, options.prefetch_units,
                                     [&](std::uint64_t b) { return load_batch(images, batches[b], device); });
  auto batch = batches.begin();
  for (std::size_t u = 0; u < plan.units().size(); ++u) {
    const ImageUnit& unit = plan.units()[u];
    counts.image_passes += unit.end_image - unit.first_image;
    ImageFeatureCollector collector(unit.end_image - unit.first_image);
    for (; is_open[u] && batch != batches.end() && batch->first_image < unit.end_image; ++batch) {
      throw_if_interrupted();
      const at::Tensor pixels = *loaded.next();
      model::run_inference([&] { collector.add(encode_images(pixels)); });
    }
    score_unit(
        plan, u, head, [&]() -> const model::ImageFeatures& { return collector.features(); }, advance, sink);
  }
}

RetrievalRunner::RetrievalRunner(const checkpoint::Checkpoint& checkpoint, const EngineOptions& options,
                                 const RetrievalOptions& retrieval, const ImageSource& images,
                                 const CaptionTokens& captions) {
  if (images.size() == 0 || captions.size() == 0)
    throw Error(ErrorCode::kData, "retrieval needs at least one image and one caption");
  state_ = std::make_unique<State>(checkpoint, options, retrieval, images, captions);
}
RetrievalRunner::~RetrievalRunner() = default;

const model::ModelConfig& RetrievalRunner::config() const { return state_->bridgetower.config(); }

bool RetrievalRunner::has_itc() const {
  return state_->bridgetower.has_head(model::Head::kItcText) &&
         state_->bridgetower.has_head(model::Head::kItcImage);
}

bool RetrievalRunner::has(CrossHead head) const {
  return state_->bridgetower.has_head(head == CrossHead::kItm ? model::Head::kItm : model::Head::kRank);
}

std::vector<std::pair<std::string, std::string>> RetrievalRunner::environment() const {
  return state_->environment();
}

const RetrievalCounts& RetrievalRunner::counts() const { return state_->counts; }

void RetrievalRunner::keep_parts(PartStore& parts) { state_->parts = &parts; }

std::uint32_t RetrievalRunner::images_per_unit() const { return state_->retrieval.images_per_unit; }

std::vector<std::uint64_t> RetrievalRunner::open_items(RetrievalStage stage) const {
  const ImageUnit all{0, state_->images.size()};
  const std::size_t count = stage == RetrievalStage::kImages
                                ? cut({&all, 1}, state_->retrieval.images_per_batch).size()
                                : state_->buckets.buckets.size();
  std::vector<std::uint64_t> open;
  for (std::uint64_t item = 0; item < count; ++item) {
    if (!state_->has(stage, item)) open.push_back(item);
  }
  return open;
}

std::vector<std::uint64_t> RetrievalRunner::State::open_units(const RetrievalPlan& plan) const {
  std::vector<std::uint64_t> open;
  for (std::size_t u = 0; u < plan.units().size(); ++u) {
    if (!is_kept(plan, u)) open.push_back(u);
  }
  return open;
}

std::vector<std::uint64_t> RetrievalRunner::open_units(std::span<const records::ScoredPair> pairs) const {
  return state_->open_units(state_->plan_of(pairs));
}

std::vector<std::uint64_t> RetrievalRunner::open_units_of_all() const {
  return state_->open_units(state_->plan_of_all());
}

std::span<const records::ScoredPair> RetrievalRunner::pairs_of_unit(
    std::span<const records::ScoredPair> pairs, std::uint64_t unit) const {
  const std::uint64_t first = unit * state_->retrieval.images_per_unit;
  const auto begin = std::ranges::lower_bound(pairs, first, {}, &records::ScoredPair::image);
  const auto end = std::ranges::lower_bound(pairs, first + state_->retrieval.images_per_unit, {},
                                            &records::ScoredPair::image);
  return {begin, end};
}

void RetrievalRunner::compute_items(RetrievalStage stage, UnitSource& items, const ItemSink& sink) {
  const Stopwatch watch(state_->counts.seconds);
  const auto deliver = [&](std::uint64_t item, const std::function<std::vector<float>()>& compute) {
    const FinishedPart part{stage, item, model::run_inference(compute)};
    sink(item, {&part, 1});
    throw_if_interrupted();
  };
  if (stage == RetrievalStage::kCaptions) {
    const ClosedAtEnd closed(items);
    while (const auto bucket = items.next()) {
      deliver(*bucket,
              [&] { return floats_of(state_->bridgetower.itc_text(state_->encode_bucket(*bucket))); });
    }
    return;
  }
  const ImageUnit all{0, state_->images.size()};
  const auto batches = cut({&all, 1}, state_->retrieval.images_per_batch);
  state_->for_each_loaded(
      items, [&](std::uint64_t item) { return std::vector{batches.at(item)}; },
      [&](std::uint64_t item, const std::vector<at::Tensor>& pixels) {
        deliver(item, [&] {
          return floats_of(state_->bridgetower.itc_image(state_->encode_images(pixels.front())));
        });
      });
}

void RetrievalRunner::compute_units(CrossHead head, UnitSource& units, const PairsOfUnit& pairs_of,
                                    const ItemSink& sink) {
  const Stopwatch watch(state_->counts.seconds);
  const RetrievalPlan all = state_->plan_of_all();
  state_->for_each_loaded(
      units,
      [&](std::uint64_t unit) {
        return cut(all.units().subspan(unit, 1), state_->retrieval.images_per_batch);
      },
      [&](std::uint64_t unit, const std::vector<at::Tensor>& pixels) {
        const ImageUnit& images = all.units()[unit];
        ImageFeatureCollector collector(images.end_image - images.first_image);
        for (const at::Tensor& batch : pixels)
          model::run_inference([&] { collector.add(state_->encode_images(batch)); });
        const std::vector<records::ScoredPair> pairs =
            pairs_of ? pairs_of(unit) : std::vector<records::ScoredPair>();
        std::vector<FinishedPart> parts;
        const auto score = [&](const PairTile& tile) {
          parts.push_back({RetrievalStage::kPairs, state_->part_number(unit, tile), model::run_inference([&] {
                             return state_->score_tile(tile, collector.features(), head);
                           })});
        };
        pairs_of ? state_->plan_of(pairs).for_each_tile(images, score) : all.for_each_tile(images, score);
        sink(unit, parts);
        throw_if_interrupted();
      });
}

/// Loads the batches of each item that `items` gives, ahead of `body`, which gets them in that order.
void RetrievalRunner::State::for_each_loaded(
    UnitSource& items, const std::function<std::vector<ImageBatch>(std::uint64_t)>& batches_of,
    const std::function<void(std::uint64_t, const std::vector<at::Tensor>&)>& body) {
  using Loaded = std::pair<std::uint64_t, std::vector<at::Tensor>>;
  OrderedPrefetch<Loaded> loaded([&] { return items.next(); }, options.loader_threads, options.prefetch_units,
                                 [&](std::uint64_t item) {
                                   Loaded result{item, {}};
                                   for (const ImageBatch& batch : batches_of(item))
                                     result.second.push_back(load_batch(images, batch, device));
                                   return result;
                                 });
  const ClosedAtEnd closed(items);
  while (const std::optional<Loaded> item = loaded.next()) body(item->first, item->second);
}

void RetrievalRunner::embed(records::RetrievalScores& scores, const Advance& advance) {
  const Stopwatch watch(state_->counts.seconds);
  state_->set_sizes(scores);
  state_->embed_images(scores, advance);
  state_->embed_captions(scores, advance);
}

void RetrievalRunner::score_pairs(CrossHead head, records::RetrievalScores& scores, const Advance& advance) {
  const Stopwatch watch(state_->counts.seconds);
  const RetrievalPlan plan = state_->plan_of(scores.pairs);
  state_->score_plan(plan, head, advance,
                     [&](std::uint64_t slot, float score) { scores.pairs[slot].cross = score; });
}

void RetrievalRunner::score_all(CrossHead head, records::RetrievalScores& scores, const Advance& advance) {
  const Stopwatch watch(state_->counts.seconds);
  state_->set_sizes(scores);
  const RetrievalPlan plan = state_->plan_of_all();
  std::vector<float> dense(plan.num_pairs());
  state_->score_plan(plan, head, advance, [&](std::uint64_t slot, float score) { dense[slot] = score; });
  scores.dense = records::ScoreMatrix::own(scores.num_images, scores.num_captions, std::move(dense));
}

}  // namespace bteval::engine
