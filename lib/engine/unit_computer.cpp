#include "engine/unit_computer.h"

#include <algorithm>

#include "core/error.h"
#include "engine/feature_store.h"
#include "engine/pair_batches.h"
#include "engine/transfer.h"

namespace bteval::engine {

/// The results of one unit while it is computed.
struct UnitComputer::UnitWork {
  const LoadedUnit& loaded;
  UnitOutput& output;
  std::vector<std::size_t> kept;  ///< samples of the unit with all their images, as indices into it
  std::vector<model::ImageFeatures>
      images;                     ///< by slot: slot 0 holds the views of type 1, slot 1 those of type 2
  std::vector<Rows> feature_row;  ///< by slot: row of `images` for each view; -1 where not there
  std::vector<at::Tensor> cls;    ///< by slot: [kept samples, 2H], made at the first result
};

void UnitComputer::find_kept(UnitWork& work, const records::SampleSet& set) {
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

/// Images that do not fit into one pass go through the tower in several.
model::ImageFeatures UnitComputer::encode_images(const at::Tensor& pixels, int type, std::size_t most) {
  const std::int64_t count = pixels.size(0), step = static_cast<std::int64_t>(most);
  if (count <= step) return calls_.encode_image(pixels, type);
  ImageFeatureCollector collector(count);
  for (std::int64_t first = 0; first < count; first += step) {
    const at::Tensor part = pixels.narrow(0, first, std::min(step, count - first));
    collector.add(calls_.encode_image(part, type));
  }
  return collector.features();
}

void UnitComputer::run_image_tower(UnitWork& work, const at::Tensor& pixels, std::size_t most) {
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
    const at::Tensor batch = all_in_order ? pixels : pixels.index_select(0, to_device(rows, model_.device));
    work.images[slot] = encode_images(batch, static_cast<int>(slot) + 1, most);
    work.output.image_passes += rows.size();
  }
}

void UnitComputer::fuse_texts(UnitWork& work, const TextPass& pass, std::size_t most) {
  std::vector<std::span<const std::int32_t>> tokens;
  for (const std::int64_t text : pass.texts)
    tokens.emplace_back(work.loaded.texts[static_cast<std::size_t>(text)].ids);
  const TextBatch batch = pad_texts(tokens, model_.bridgetower.config().pad_token_id, model_.device);
  const model::TextFeatures features = calls_.encode_text(batch);
  work.output.text_passes += tokens.size();
  for (const TextPass::Bucket& part : pass.buckets) {
    fuse_bucket(work, bucket_of(pass.texts, part), bucket_of(features, part), most);
  }
}

/// `features`: of the bucket.
void UnitComputer::fuse_bucket(UnitWork& work, std::span<const std::int64_t> bucket,
                               const model::TextFeatures& features, std::size_t most) {
  Rows row_of_text(work.loaded.texts.size(), -1);
  for (std::size_t row = 0; row < bucket.size(); ++row)
    row_of_text[static_cast<std::size_t>(bucket[row])] = static_cast<std::int64_t>(row);
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
    const at::Tensor outputs = to_device(output_rows, model_.device);
    const auto collect = [&](std::size_t first, const at::Tensor& cls) {
      if (!work.cls[slot].defined()) {
        work.cls[slot] = at::empty({static_cast<std::int64_t>(work.kept.size()), cls.size(1)}, cls.options());
      }
      work.cls[slot].index_copy_(0, outputs.narrow(0, static_cast<std::int64_t>(first), cls.size(0)), cls);
      work.output.pairs += static_cast<std::uint64_t>(cls.size(0));
    };
    fuse_pairs(calls_.fuser(), features, work.images[slot], text_rows, image_rows, most, collect);
  }
}

at::Tensor UnitComputer::head_logits(const UnitWork& work, Head head) const {
  const model::BridgeTower& bridgetower = model_.bridgetower;
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

UnitOutput UnitComputer::compute_within(const PassLimits& limits, const LoadedUnit& loaded,
                                        const records::SampleSet& set, Head head) {
  UnitOutput output;
  output.unit = loaded.unit->index;
  for (std::size_t v = 0; v < loaded.unit->views.size(); ++v) {
    if (loaded.row_of_view[v] >= 0)
      output.image_digests.push_back({loaded.unit->views[v].image, loaded.digest_of_view[v]});
  }
  UnitWork work{loaded, output, {}, {}, {}, std::vector<at::Tensor>(head == Head::kNlvr2 ? 2 : 1)};
  find_kept(work, set);
  if (work.kept.empty()) return output;
  Upload pixels(loaded.pixels, model_.device);
  run_image_tower(work, pixels.arrive(), limits.images());
  std::vector<std::size_t> lengths;
  for (const text::Encoding& text : loaded.texts) lengths.push_back(text.ids.size());
  // Where memory was short, no more texts at a time than pairs.
  const bool together = model_.bridgetower.packs_texts() && limits.times_lowered() == 0;
  for (const TextPass& pass : text_passes(length_buckets(lengths, limits.pairs()), lengths, together))
    fuse_texts(work, pass, limits.pairs());
  const at::Tensor logits = Download(head_logits(work, head).to(at::kFloat)).arrive();
  output.width = logits.size(1);
  output.logits.assign(logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel());
  return output;
}

UnitComputer::UnitComputer(const LoadedModel& model)
    : model_(model),
      calls_(model.bridgetower),
      limits_(std::size_t{model.options.plan.images_per_unit} + 1, model.options.pairs_per_batch) {}

UnitOutput UnitComputer::compute(const LoadedUnit& loaded, const records::SampleSet& set, Head head) {
  return model::run_inference([&] {
    return within_memory(limits_, model_.device,
                         [&](const PassLimits& limits) { return compute_within(limits, loaded, set, head); });
  });
}

}  // namespace bteval::engine
