#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "core/error.h"
#include "metrics/retrieval_counting.h"

namespace bteval::metrics {
namespace {

constexpr std::uint32_t kRowBlock = 32;

/// The ranks of the rows' and of the columns' queries.
struct MatrixRanks {
  std::vector<RankCounts> rows, columns;
};

template <typename T>
MatrixRanks count_matrix(std::span<const T> scores, const RankTargets<T>& rows, const RankTargets<T>& columns,
                         bool caption_major, unsigned threads) {
  const auto num_rows = static_cast<std::uint32_t>(rows.value.size());
  const std::size_t num_columns = columns.value.size();
  MatrixRanks out{std::vector<RankCounts>(num_rows), std::vector<RankCounts>(num_columns)};
  const std::uint32_t blocks = (num_rows + kRowBlock - 1) / kRowBlock;
  const unsigned count = thread_count(threads, blocks);
  std::vector<RankCounting<T>> counting(count, RankCounting<T>(rows, columns));
  std::atomic<std::uint32_t> next{0};
  run_threads(count, [&](unsigned thread) {
    for (std::uint32_t block = next++; block < blocks; block = next++) {
      const std::uint32_t first = block * kRowBlock;
      counting[thread].add_rows(first, std::min(kRowBlock, num_rows - first),
                                scores.data() + first * num_columns, out.rows);
    }
  });
  std::pair<std::int64_t, std::int64_t> nan(-1, -1);
  for (const RankCounting<T>& part : counting) {
    if (part.nan().first >= 0 && (nan.first < 0 || part.nan() < nan)) nan = part.nan();
    part.merge_into(out.columns);
  }
  if (nan.first >= 0) {
    if (caption_major) std::swap(nan.first, nan.second);
    throw_nan(nan.first, nan.second);
  }
  RankCounting<T>::finish_columns(columns, out.columns);
  return out;
}

template <typename T>
RetrievalRanks rank_scores(std::span<const T> scores, bool caption_major, const RetrievalLabels& labels,
                           unsigned threads) {
  const std::size_t images = labels.num_images();
  const std::size_t captions = labels.num_captions();
  RankTargets<T> of_images(images);
  RankTargets<T> of_captions(captions);
  for (std::uint32_t caption = 0; caption < captions; ++caption) {  // ascending, as add() wants it
    const std::uint32_t image = labels.image_of(caption);
    const T score = scores[caption_major ? caption * images + image : image * captions + caption];
    of_images.add(image, caption, score);
    of_captions.add(caption, image, score);
  }
  if (caption_major) {
    MatrixRanks ranks = count_matrix(scores, of_captions, of_images, true, threads);
    return {std::move(ranks.columns), std::move(ranks.rows)};
  }
  MatrixRanks ranks = count_matrix(scores, of_images, of_captions, false, threads);
  return {std::move(ranks.rows), std::move(ranks.columns)};
}

}  // namespace

void throw_nan(std::int64_t image, std::int64_t caption) {
  throw Error(ErrorCode::kData, "the score is NaN",
              {"", fmt::format("image {}, caption {} (counted from 0)", image, caption), std::nullopt});
}

unsigned thread_count(unsigned asked, std::size_t blocks) {
  const unsigned wanted = asked > 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
  return static_cast<unsigned>(std::clamp<std::size_t>(wanted, 1, std::max<std::size_t>(blocks, 1)));
}

void run_threads(unsigned count, const std::function<void(unsigned)>& work) {
  std::exception_ptr failure;
  std::mutex mutex;
  const auto guarded = [&](unsigned thread) {
    try {
      work(thread);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned thread = 1; thread < count; ++thread) others.emplace_back(guarded, thread);
    guarded(0);
  }
  if (failure) std::rethrow_exception(failure);
}

RetrievalRanks rank_matrix(const records::ScoreMatrix& scores, const RetrievalLabels& labels,
                           unsigned threads) {
  const std::size_t elements = std::size_t{labels.num_images()} * labels.num_captions();
  if (scores.num_images != labels.num_images() || scores.num_captions != labels.num_captions() ||
      scores.f32.size() + scores.f64.size() != elements) {
    throw Error(
        ErrorCode::kData,
        fmt::format("the scores are of {} images and {} captions, the split has {} and {}", scores.num_images,
                    scores.num_captions, labels.num_images(), labels.num_captions()));
  }
  return scores.f64.empty() ? rank_scores(scores.f32, scores.caption_major, labels, threads)
                            : rank_scores(scores.f64, scores.caption_major, labels, threads);
}

}  // namespace bteval::metrics
