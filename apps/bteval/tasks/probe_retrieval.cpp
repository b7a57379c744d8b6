#include "tasks/probe_retrieval.h"

#include <algorithm>
#include <span>
#include <vector>

#include "core/checked.h"
#include "core/embedding_products.h"
#include "core/error.h"
#include "engine/retrieval_candidates.h"
#include "metrics/retrieval_recall.h"
#include "model/torch_compat.h"

namespace bteval::app {
namespace {

using metrics::kNoCandidate;

[[noreturn]] void fail(const std::string& name, const std::string& message) {
  throw Error(ErrorCode::kData, message, {"", "tensor " + name, std::nullopt});
}

at::Tensor integers(const NamedTensors& inputs, const std::string& name, std::int64_t dims) {
  const auto found = inputs.find(name);
  if (found == inputs.end()) throw Error(ErrorCode::kData, "has no tensor " + name);
  if (found->second.is_floating_point()) fail(name, "must hold integers");
  if (found->second.dim() != dims) fail(name, fmt::format("must have {} dimensions", dims));
  return found->second.to(at::kLong).contiguous();
}

/// pixel_values as images of a data set.
class TensorImages : public engine::ImageSource {
 public:
  explicit TensorImages(const NamedTensors& inputs) {
    const auto found = inputs.find("pixel_values");
    if (found == inputs.end()) throw Error(ErrorCode::kData, "has no tensor pixel_values");
    if (!found->second.is_floating_point()) fail("pixel_values", "must hold floats");
    if (found->second.dim() != 4 || found->second.size(1) != 3)
      fail("pixel_values", "must be [images, 3, height, width]");
    pixels_ = found->second.to(at::kFloat).contiguous();
  }
  std::uint32_t size() const override { return checked_cast<std::uint32_t>(pixels_.size(0), "images"); }
  std::int64_t height() const override { return pixels_.size(2); }
  std::int64_t width() const override { return pixels_.size(3); }
  void load(std::uint32_t image, std::span<float> out_chw) const override {
    std::copy_n(pixels_.data_ptr<float>() + image * out_chw.size(), out_chw.size(), out_chw.begin());
  }

 private:
  at::Tensor pixels_;
};

/// Without the padding, which nothing that is read depends on.
engine::CaptionTokens read_captions(const NamedTensors& inputs) {
  const at::Tensor ids = integers(inputs, "input_ids", 2);
  const at::Tensor mask = integers(inputs, "attention_mask", 2);
  if (!ids.sizes().equals(mask.sizes())) fail("attention_mask", "has another shape than input_ids");
  engine::CaptionTokens captions;
  std::vector<std::int32_t> tokens;
  for (std::int64_t c = 0; c < ids.size(0); ++c) {
    const std::int64_t* row = ids.data_ptr<std::int64_t>() + c * ids.size(1);
    const std::int64_t* row_mask = mask.data_ptr<std::int64_t>() + c * ids.size(1);
    const auto* end = std::find(row_mask, row_mask + ids.size(1), 0);
    const auto length = end - row_mask;
    const bool prefix = std::all_of(row_mask, end, [](std::int64_t m) { return m == 1; }) &&
                        std::all_of(end, row_mask + ids.size(1), [](std::int64_t m) { return m == 0; });
    if (length == 0 || !prefix)
      fail("attention_mask", fmt::format("row {} is not ones followed by zeros", c));
    tokens.clear();
    for (std::int64_t t = 0; t < length; ++t)
      tokens.push_back(checked_cast<std::int32_t>(row[t], "a token id", ErrorCode::kCheckpoint));
    captions.add(tokens);
  }
  return captions;
}

at::Tensor similarities(const records::RetrievalScores& scores) {
  at::Tensor sims = at::empty({scores.num_images, scores.num_captions});
  const EmbeddingProducts products(scores.image_embeddings, scores.text_embeddings, scores.itc_size);
  products.multiply_rows(0, scores.num_images, sims.data_ptr<float>());
  return sims;
}

/// The candidates of one direction, a line (image or caption) a row, most similar first: [lines, k] int64.
at::Tensor candidate_lines(std::span<const records::ScoredPair> pairs, std::uint8_t direction,
                           std::uint32_t lines) {
  struct Candidate {
    std::uint32_t line;
    float similarity;
    std::int64_t index;
  };
  std::vector<Candidate> candidates;
  for (const records::ScoredPair& pair : pairs) {
    if ((pair.directions & direction) == 0) continue;
    const bool by_image = direction == records::kImageToText;
    candidates.push_back(
        {by_image ? pair.image : pair.caption, pair.itc, by_image ? pair.caption : pair.image});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.line != b.line) return a.line < b.line;
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.index < b.index;
  });
  at::Tensor out = at::empty({static_cast<std::int64_t>(candidates.size())}, at::kLong);
  for (std::size_t i = 0; i < candidates.size(); ++i) out.data_ptr<std::int64_t>()[i] = candidates[i].index;
  return out.view({lines, -1});
}

/// Scores of the pairs that have one of `directions`; the others are no candidates.
at::Tensor candidate_scores(const records::RetrievalScores& scores, std::uint8_t directions) {
  at::Tensor matrix = at::full({scores.num_images, scores.num_captions}, kNoCandidate);
  for (const records::ScoredPair& pair : scores.pairs) {
    if ((pair.directions & directions) == 0) continue;
    matrix.data_ptr<float>()[std::size_t{pair.image} * scores.num_captions + pair.caption] = pair.cross;
  }
  return matrix;
}

/// In [0, 1]: IR@1, 5, 10, TR@1, 5, 10, mean of each three, mean of both means.
at::Tensor recalls(const metrics::RetrievalRanks& ranks) {
  metrics::RetrievalTally tally;
  tally.add(ranks);
  const metrics::RecallValues image = tally.image.value(metrics::TieRule::kId);
  const metrics::RecallValues text = tally.text.value(metrics::TieRule::kId);
  const double means[] = {image.mean_recall(), text.mean_recall()};
  at::Tensor out = at::tensor({image.recall[0], image.recall[1], image.recall[2], text.recall[0],
                               text.recall[1], text.recall[2], means[0], means[1], (means[0] + means[1]) / 2},
                              at::kDouble);
  return out.div_(100.0).to(at::kFloat);
}

metrics::RetrievalLabels read_labels(const NamedTensors& inputs, std::uint32_t num_images,
                                     std::uint32_t num_captions) {
  const at::Tensor index = integers(inputs, "text_image_index", 1);
  if (index.size(0) != num_captions) fail("text_image_index", "has another length than input_ids");
  std::vector<std::uint32_t> image_of_caption;
  for (std::int64_t c = 0; c < index.size(0); ++c)
    image_of_caption.push_back(checked_cast<std::uint32_t>(index.data_ptr<std::int64_t>()[c], "an index"));
  try {
    return {num_images, std::move(image_of_caption)};
  } catch (const Error& error) {
    throw error.with_context({"", "tensor text_image_index", std::nullopt});
  }
}

at::Tensor dense_matrix(const records::ScoreMatrix& matrix) {
  at::Tensor out = at::empty({matrix.num_images, matrix.num_captions});
  std::copy(matrix.f32.begin(), matrix.f32.end(), out.data_ptr<float>());
  return out;
}

}  // namespace

NamedTensors retrieval_stages(const checkpoint::Checkpoint& checkpoint, const NamedTensors& inputs,
                              std::uint32_t top_k, const engine::EngineOptions& engine,
                              const engine::RetrievalOptions& retrieval) {
  engine::EngineOptions engine_options = engine;
  engine::RetrievalOptions retrieval_options = retrieval;
  engine_options.resolve();
  retrieval_options.resolve(engine_options);
  const TensorImages images(inputs);
  const engine::CaptionTokens captions = read_captions(inputs);
  const metrics::RetrievalLabels labels = read_labels(inputs, images.size(), captions.size());
  const auto threads = static_cast<unsigned>(engine_options.threads);
  engine::RetrievalRunner runner(checkpoint, engine_options, retrieval_options, images, captions);
  NamedTensors out;
  records::RetrievalScores scores;
  if (runner.has_itc()) {
    runner.embed(scores);
    out["sims"] = similarities(scores);
    scores.pairs = engine::find_candidates(scores, top_k);
    out["i2t_topk"] = candidate_lines(scores.pairs, records::kImageToText, scores.num_images);
    out["t2i_topk"] =
        candidate_lines(scores.pairs, records::kTextToImage, scores.num_captions).t().contiguous();
  }
  if (runner.has_itc() && runner.has(engine::CrossHead::kItm)) {
    runner.score_pairs(engine::CrossHead::kItm, scores);
    out["i2t_scores"] = candidate_scores(scores, records::kImageToText);
    out["t2i_scores"] = candidate_scores(scores, records::kTextToImage);
    out["scores"] = candidate_scores(scores, records::kImageToText | records::kTextToImage);
    out["recall_itm_itc"] = recalls(metrics::rank_pairs(scores.pairs, labels, {}));
  }
  if (runner.has(engine::CrossHead::kItm)) {
    runner.score_all(engine::CrossHead::kItm, scores);
    out["itm_full"] = dense_matrix(scores.dense);
  }
  if (runner.has(engine::CrossHead::kRank)) {
    runner.score_all(engine::CrossHead::kRank, scores);
    out["rank_scores"] = dense_matrix(scores.dense);
    out["recall_irtr"] = recalls(metrics::rank_matrix(scores.dense, labels, threads));
  }
  return out;
}

void probe_retrieval(const ProbeRetrievalOptions& options) {
  const NamedTensors inputs = read_tensors(options.inputs);
  const auto checkpoint = checkpoint::open_checkpoint(options.model, options.config);
  try {
    write_tensors(options.out, model::run_inference([&] {
                    return retrieval_stages(checkpoint, inputs, options.top_k, options.engine,
                                            options.retrieval);
                  }));
  } catch (const Error& error) {
    throw error.with_context({options.inputs.string(), "", std::nullopt});
  }
}

}  // namespace bteval::app
