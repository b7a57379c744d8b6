#include "metrics/retrieval_top.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "core/embedding_products.h"
#include "core/error.h"

namespace bteval::metrics {
namespace {

bool comes_before(const RankedAnswer& a, const RankedAnswer& b) {
  return a.score > b.score || (a.score == b.score && a.index < b.index);
}

void keep_first(std::vector<RankedAnswer>& answers, std::uint32_t depth) {
  const std::size_t kept = std::min<std::size_t>(depth, answers.size());
  std::ranges::partial_sort(answers, answers.begin() + static_cast<std::ptrdiff_t>(kept), comes_before);
  answers.resize(kept);
  answers.shrink_to_fit();
}

/// Collects the first answers of rows and columns of a matrix whose rows come in ascending order.
class TopOfMatrix {
 public:
  TopOfMatrix(std::size_t rows, std::size_t columns, std::uint32_t depth)
      : depth_(depth), rows_(rows), columns_(columns) {}

  template <typename T>
  void add_row(std::uint32_t row, std::span<const T> scores) {
    std::vector<RankedAnswer>& own = rows_[row];
    own.reserve(scores.size());
    for (std::uint32_t column = 0; column < scores.size(); ++column) {
      const auto score = static_cast<double>(scores[column]);
      own.push_back({column, score});
      add_to_column(columns_[column], {row, score});
    }
    keep_first(own, depth_);
  }

  std::pair<std::vector<std::vector<RankedAnswer>>, std::vector<std::vector<RankedAnswer>>> finish() {
    for (std::vector<RankedAnswer>& column : columns_) std::ranges::sort_heap(column, comes_before);
    return {std::move(rows_), std::move(columns_)};
  }

 private:
  // A heap with the last answer on top. A new row has the highest index so far: with an equal score it stays
  // out.
  void add_to_column(std::vector<RankedAnswer>& heap, RankedAnswer answer) const {
    if (heap.size() < depth_) {
      heap.push_back(answer);
      std::ranges::push_heap(heap, comes_before);
    } else if (answer.score > heap.front().score) {
      std::ranges::pop_heap(heap, comes_before);
      heap.back() = answer;
      std::ranges::push_heap(heap, comes_before);
    }
  }

  std::uint32_t depth_;
  std::vector<std::vector<RankedAnswer>> rows_, columns_;
};

template <typename T>
TopAnswers top_of_matrix(std::span<const T> scores, bool caption_major, const RetrievalLabels& labels,
                         std::uint32_t depth) {
  const std::uint32_t rows = caption_major ? labels.num_captions() : labels.num_images();
  const std::uint32_t columns = caption_major ? labels.num_images() : labels.num_captions();
  TopOfMatrix top(rows, columns, depth);
  for (std::uint32_t row = 0; row < rows; ++row) {
    top.add_row(row, scores.subspan(std::size_t{row} * columns, columns));
  }
  auto [by_row, by_column] = top.finish();
  if (caption_major) std::swap(by_row, by_column);
  return {std::move(by_row), std::move(by_column)};
}

TopAnswers top_of_embeddings(const records::RetrievalScores& scores, const RetrievalLabels& labels,
                             std::uint32_t depth) {
  const std::uint32_t captions = labels.num_captions();
  const EmbeddingProducts products(scores.image_embeddings, scores.text_embeddings, scores.itc_size);
  TopOfMatrix top(labels.num_images(), captions, depth);
  std::vector<float> block(std::size_t{EmbeddingProducts::kRowBlock} * captions);
  for (std::uint32_t first = 0; first < labels.num_images(); first += EmbeddingProducts::kRowBlock) {
    const std::uint32_t rows = std::min(EmbeddingProducts::kRowBlock, labels.num_images() - first);
    products.multiply_rows(first, rows, block.data());
    for (std::uint32_t i = 0; i < rows; ++i) {
      top.add_row(first + i, std::span<const float>(block).subspan(std::size_t{i} * captions, captions));
    }
  }
  auto [text, image] = top.finish();
  return {std::move(text), std::move(image)};
}

TopAnswers top_of_pairs(std::span<const records::ScoredPair> pairs, const RetrievalLabels& labels,
                        const PairRule& rule, std::uint32_t depth) {
  TopAnswers out;
  out.text.resize(labels.num_images());
  out.image.resize(labels.num_captions());
  for (const records::ScoredPair& pair : pairs) {
    const float score = rule.add_itc ? pair.cross + pair.itc : pair.cross;
    if (rule.both_directions || (pair.directions & records::kImageToText) != 0) {
      out.text[pair.image].push_back({pair.caption, score});
    }
    if (rule.both_directions || (pair.directions & records::kTextToImage) != 0) {
      out.image[pair.caption].push_back({pair.image, score});
    }
  }
  for (auto* direction : {&out.text, &out.image}) {
    for (std::vector<RankedAnswer>& answers : *direction) keep_first(answers, depth);
  }
  return out;
}

}  // namespace

TopAnswers top_answers(const records::RetrievalScores& scores, const RetrievalLabels& labels,
                       RetrievalProtocol protocol, std::uint32_t depth) {
  if (depth == 0) throw Error(ErrorCode::kUsage, "a run without answers makes no sense: the depth is 0");
  switch (protocol) {
    case RetrievalProtocol::kItm:
      return top_of_pairs(scores.pairs, labels, {true, false}, depth);
    case RetrievalProtocol::kAlbef:
      return top_of_pairs(scores.pairs, labels, {false, false}, depth);
    case RetrievalProtocol::kBlip:
      return top_of_pairs(scores.pairs, labels, {false, true}, depth);
    case RetrievalProtocol::kItc:
      return top_of_embeddings(scores, labels, depth);
    case RetrievalProtocol::kDense:
      return scores.dense.f64.empty()
                 ? top_of_matrix(scores.dense.f32, scores.dense.caption_major, labels, depth)
                 : top_of_matrix(scores.dense.f64, scores.dense.caption_major, labels, depth);
  }
  throw Error(ErrorCode::kInternal, "a protocol without a meaning");
}

}  // namespace bteval::metrics
