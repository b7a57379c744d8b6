#include "engine/runner.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>

#include "core/error.h"
#include "core/interrupt.h"
#include "engine/loaded_model.h"
#include "engine/pair_batches.h"
#include "engine/prefetch.h"
#include "engine/unit_loader.h"
#include "model/torch_compat.h"

namespace bteval::engine {
namespace {

/// The results of one unit while it is computed.
struct UnitWork {
  const LoadedUnit& loaded;
  UnitOutput& output;
  std::vector<std::size_t> kept;  ///< samples of the unit with all their images, as indices into it
  std::vector<model::ImageFeatures>
      images;                     ///< by slot: slot 0 holds the views of type 1, slot 1 those of type 2
  std::vector<Rows> feature_row;  ///< by slot: row of `images` for each view; -1 where not there
  std::vector<at::Tensor> cls;    ///< by slot: [kept samples, 2H], made at the first result
};

}  // namespace

struct Runner::State : LoadedModel {
  using LoadedModel::LoadedModel;

  UnitOutput compute(const LoadedUnit& loaded, const records::SampleSet& set, Head head);
  void find_kept(UnitWork& work, const records::SampleSet& set) const;
  void run_image_tower(UnitWork& work);
  void fuse_bucket(UnitWork& work, const Rows& bucket);
  at::Tensor head_logits(const UnitWork& work, Head head) const;
};

void Runner::State::find_kept(UnitWork& work, const records::SampleSet& set) const {
  const WorkUnit& unit = *work.loaded.unit;
  UnitOutput& output = work.output;
  for (std::size_t s = 0; s < unit.samples.size(); ++s) {
    const PlannedSample& planned = unit.samples[s];
    const auto bad = std::find_if(planned.views.begin(), planned.views.end(),
                                  [&](std::uint32_t view) { return work.loaded.row_of_view[view] < 0; });
    if (bad == planned.views.end()) {
      work.kept.push_back(s);
      output.samples.push_back(planned.sample);
      output.truncated_texts += work.loaded.texts[work.loaded.text_of_sample[s]].truncated ? 1 : 0;
    } else {
      output.refused.push_back(
          {planned.sample, set.images[unit.views[*bad].image].id, work.loaded.refusal_of_view[*bad]});
    }
  }
}

void Runner::State::run_image_tower(UnitWork& work) {
  const at::Tensor pixels = work.loaded.pixels.to(device, /*non_blocking=*/true);
  const auto& views = work.loaded.unit->views;
  const std::size_t slots = work.cls.size();
  work.images.resize(slots);
  work.feature_row.assign(slots, Rows(views.size(), -1));
  for (std::size_t slot = 0; slot < slots; ++slot) {
    Rows rows;
    for (std::size_t v = 0; v < views.size(); ++v) {
      if (views[v].type != slot + 1 || work.loaded.row_of_view[v] < 0) continue;
      work.feature_row[slot][v] = static_cast<std::int64_t>(rows.size());
      rows.push_back(work.loaded.row_of_view[v]);
    }
    if (rows.empty()) continue;
    const bool all_in_order = static_cast<std::int64_t>(rows.size()) == pixels.size(0) && slots == 1;
    const at::Tensor batch = all_in_order ? pixels : pixels.index_select(0, to_device(rows, device));
    work.images[slot] = bridgetower.encode_image(batch, static_cast<int>(slot) + 1);
    work.output.image_passes += rows.size();
  }
}

void Runner::State::fuse_bucket(UnitWork& work, const Rows& bucket) {
  const auto& texts = work.loaded.texts;
  std::vector<std::span<const std::int32_t>> tokens;
  Rows row_of_text(texts.size(), -1);
  for (const std::int64_t text : bucket) {
    row_of_text[static_cast<std::size_t>(text)] = static_cast<std::int64_t>(tokens.size());
    tokens.emplace_back(texts[static_cast<std::size_t>(text)].ids);
  }
  const TextBatch batch = pad_texts(tokens, bridgetower.config().pad_token_id, device);
  const model::TextFeatures features = bridgetower.encode_text(batch.ids, batch.mask);
  work.output.text_passes += bucket.size();

  const WorkUnit& unit = *work.loaded.unit;
  for (std::size_t slot = 0; slot < work.cls.size(); ++slot) {
    Rows text_rows, image_rows, output_rows;
    for (std::size_t k = 0; k < work.kept.size(); ++k) {
      const std::int64_t text_row = row_of_text[work.loaded.text_of_sample[work.kept[k]]];
      if (text_row < 0) continue;
      text_rows.push_back(text_row);
      image_rows.push_back(work.feature_row[slot][unit.samples[work.kept[k]].views[slot]]);
      output_rows.push_back(static_cast<std::int64_t>(k));
    }
    const at::Tensor outputs = to_device(output_rows, device);
    const auto collect = [&](std::size_t first, const at::Tensor& cls) {
      if (!work.cls[slot].defined()) {
        work.cls[slot] = at::empty({static_cast<std::int64_t>(work.kept.size()), cls.size(1)}, cls.options());
      }
      work.cls[slot].index_copy_(0, outputs.narrow(0, static_cast<std::int64_t>(first), cls.size(0)), cls);
      work.output.pairs += static_cast<std::uint64_t>(cls.size(0));
    };
    fuse_pairs(bridgetower, features, work.images[slot], text_rows, image_rows, options.pairs_per_batch,
               collect);
  }
}

at::Tensor Runner::State::head_logits(const UnitWork& work, Head head) const {
  switch (head) {
    case Head::kVqa:
      return bridgetower.vqa_logits(work.cls.at(0));
    case Head::kSnli:
      return bridgetower.snli_logits(work.cls.at(0));
    case Head::kNlvr2:
      return bridgetower.nlvr2_logits(work.cls.at(0), work.cls.at(1));
  }
  throw Error(ErrorCode::kInternal, "unknown head");
}

UnitOutput Runner::State::compute(const LoadedUnit& loaded, const records::SampleSet& set, Head head) {
  UnitOutput output;
  output.unit = loaded.unit->index;
  for (std::size_t v = 0; v < loaded.unit->views.size(); ++v) {
    if (loaded.row_of_view[v] >= 0)
      output.image_digests.push_back({loaded.unit->views[v].image, loaded.digest_of_view[v]});
  }
  UnitWork work{loaded, output, {}, {}, {}, std::vector<at::Tensor>(head == Head::kNlvr2 ? 2 : 1)};
  find_kept(work, set);
  if (work.kept.empty()) return output;
  run_image_tower(work);
  std::vector<std::size_t> lengths;
  for (const text::Encoding& text : loaded.texts) lengths.push_back(text.ids.size());
  for (const Rows& bucket : length_buckets(lengths, options.pairs_per_batch)) fuse_bucket(work, bucket);
  const at::Tensor logits = head_logits(work, head).to(at::kCPU, at::kFloat).contiguous();
  output.width = logits.size(1);
  output.logits.assign(logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel());
  return output;
}

Runner::Runner(const checkpoint::Checkpoint& checkpoint, const EngineOptions& options)
    : state_(std::make_unique<State>(checkpoint, options)) {}
Runner::~Runner() = default;

std::int64_t Runner::head_width(Head head) const {
  const model::Head wanted = head == Head::kVqa    ? model::Head::kVqa
                             : head == Head::kSnli ? model::Head::kSnli
                                                   : model::Head::kNlvr2;
  const std::int64_t width = state_->bridgetower.label_count(wanted);
  if (width == 0) throw Error(ErrorCode::kCheckpoint, "the checkpoint has no classifier for this task");
  return width;
}

const model::ModelConfig& Runner::config() const { return state_->bridgetower.config(); }

std::vector<std::pair<std::string, std::string>> Runner::environment() const { return state_->environment(); }

RunCounts Runner::run(const records::SampleSet& set, const text::Tokenizer& tokenizer, const PairPlan& plan,
                      Head head, const std::function<void(const UnitOutput&)>& sink,
                      const std::set<std::uint64_t>& done) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<const WorkUnit*> open;
  for (const WorkUnit& unit : plan.units()) {
    if (!done.contains(unit.index)) open.push_back(&unit);
  }
  const UnitLoader loader(set, tokenizer, state_->options);
  OrderedPrefetch<LoadedUnit> units(open.size(), state_->options.loader_threads,
                                    state_->options.prefetch_units,
                                    [&](std::uint64_t index) { return loader.load(*open[index]); });
  RunCounts counts;
  while (true) {
    throw_if_interrupted();
    const std::optional<LoadedUnit> loaded = units.next();
    if (!loaded) break;
    const UnitOutput output = model::run_inference([&] { return state_->compute(*loaded, set, head); });
    counts.units += 1;
    counts.samples += output.samples.size() + output.refused.size();
    counts.pairs += output.pairs;
    counts.image_passes += output.image_passes;
    counts.text_passes += output.text_passes;
    sink(output);
  }
  counts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return counts;
}

}  // namespace bteval::engine
