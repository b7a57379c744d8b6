#include "tasks/retrieval_scores.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

#include "checkpoint/safetensors.h"
#include "checkpoint/tensor_copy.h"
#include "core/checked.h"
#include "core/version.h"
#include "tasks/score_matrix.h"

namespace bteval::app {
namespace {

using checkpoint::DType;
using checkpoint::SafetensorsFile;
using checkpoint::TensorView;
using records::RetrievalScores;
using records::ScoredPair;

constexpr const char* kFormatKey = "format";
constexpr const char* kFormat = "bteval.retrieval_scores.1";
constexpr const char* kRunPrefix = "run.";

static_assert(std::endian::native == std::endian::little, "the files are little-endian");
static_assert(std::is_standard_layout_v<ScoredPair> && sizeof(ScoredPair) % sizeof(float) == 0);

template <typename T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>) return DType::kFloat32;
  if constexpr (std::is_same_v<T, double>) return DType::kFloat64;
  if constexpr (std::is_same_v<T, std::uint32_t>) return DType::kInt32;  // indices, checked to be below 2^31
  if constexpr (std::is_same_v<T, std::uint8_t>) return DType::kUInt8;
}

template <typename T>
TensorView matrix_view(const T* data, std::int64_t rows, std::int64_t columns) {
  return {dtype_of<T>(), {rows, columns}, {columns, 1}, reinterpret_cast<const std::byte*>(data), nullptr};
}

/// One member of all pairs, without a copy.
template <typename T>
TensorView column_view(const std::vector<ScoredPair>& pairs, std::size_t offset) {
  return {dtype_of<T>(),
          {static_cast<std::int64_t>(pairs.size())},
          {static_cast<std::int64_t>(sizeof(ScoredPair) / sizeof(T))},
          reinterpret_cast<const std::byte*>(pairs.data()) + offset,
          nullptr};
}

void check_consistent(const RetrievalScores& scores) {
  constexpr std::uint32_t kMax = std::numeric_limits<std::int32_t>::max();
  const auto elements = [](std::uint32_t a, std::uint32_t b) { return std::uint64_t{a} * b; };
  const records::ScoreMatrix& dense = scores.dense;
  const bool ok = scores.num_images <= kMax && scores.num_captions <= kMax &&
                  (scores.image_embeddings.empty() == scores.text_embeddings.empty()) &&
                  (scores.image_embeddings.empty() ||
                   (scores.image_embeddings.size() == elements(scores.num_images, scores.itc_size) &&
                    scores.text_embeddings.size() == elements(scores.num_captions, scores.itc_size))) &&
                  (dense.empty() ||
                   (dense.num_images == scores.num_images && dense.num_captions == scores.num_captions &&
                    dense.f32.size() + dense.f64.size() == elements(dense.num_images, dense.num_captions)));
  if (!ok) throw Error(ErrorCode::kInternal, "the retrieval scores contradict each other in their sizes");
}

class ScoreFileReader {
 public:
  explicit ScoreFileReader(const std::shared_ptr<const Bytes>& bytes)
      : name_(bytes->name()), file_(read_data_safetensors(bytes)) {}

  RetrievalScoreFile read() {
    const auto format = file_.metadata.find(kFormatKey);
    if (format == file_.metadata.end() || format->second != kFormat) {
      fail("", "is no score file of bteval that this version reads");
    }
    RetrievalScoreFile out;
    out.info = {text("dataset"), text("split"), text("captions_sha256"), text("head"), {}};
    for (const auto& [key, value] : file_.metadata) {
      if (key.starts_with(kRunPrefix)) out.info.run[key.substr(std::strlen(kRunPrefix))] = value;
    }
    RetrievalScores& scores = out.scores;
    scores.num_images = number("num_images");
    scores.num_captions = number("num_captions");
    scores.top_k = number("top_k");
    read_embeddings(scores);
    read_pairs(scores);
    if (const TensorView* view = find("scores")) {
      const bool caption_major = text("scores_rows") == "captions";
      scores.dense = dense_matrix(*view, scores, caption_major);
    }
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& tensor, const std::string& message) const {
    throw Error(ErrorCode::kData, message, {name_, tensor.empty() ? "" : "tensor " + tensor, std::nullopt});
  }

  const std::string& text(const char* key) const {
    const auto found = file_.metadata.find(key);
    if (found == file_.metadata.end()) fail("", fmt::format("the metadata have no \"{}\"", key));
    return found->second;
  }

  std::uint32_t number(const char* key) const {
    const std::string& value = text(key);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) {
      fail("", fmt::format("\"{}\" in the metadata should be a number, but is \"{}\"", key,
                           printable(value, 40)));
    }
    return number;
  }

  const TensorView* find(const char* tensor) const {
    const auto found = file_.tensors.find(tensor);
    return found == file_.tensors.end() ? nullptr : &found->second;
  }

  const TensorView& need(const char* tensor, DType dtype, std::span<const std::int64_t> shape) const {
    const TensorView* view = find(tensor);
    if (view == nullptr) fail(tensor, "is missing");
    if (view->dtype != dtype || !std::ranges::equal(view->shape, shape)) {
      fail(tensor, fmt::format("should be {} [{}], but is {} [{}]", dtype_name(dtype), fmt::join(shape, ", "),
                               dtype_name(view->dtype), fmt::join(view->shape, ", ")));
    }
    return *view;
  }

  void read_embeddings(RetrievalScores& scores) const {
    const TensorView* images = find("image_embeddings");
    if (images == nullptr && find("text_embeddings") == nullptr) return;
    if (images == nullptr || images->shape.size() != 2) fail("image_embeddings", "is no matrix");
    scores.itc_size = checked_cast<std::uint32_t>(images->shape[1], "the size of an embedding");
    const std::int64_t image_shape[] = {scores.num_images, scores.itc_size};
    const std::int64_t text_shape[] = {scores.num_captions, scores.itc_size};
    scores.image_embeddings =
        checkpoint::float32_values(need("image_embeddings", DType::kFloat32, image_shape));
    scores.text_embeddings = checkpoint::float32_values(need("text_embeddings", DType::kFloat32, text_shape));
  }

  void read_pairs(RetrievalScores& scores) const {
    const TensorView* images = find("pair_image");
    if (images == nullptr) return;
    if (images->shape.size() != 1) fail("pair_image", "is no vector");
    const std::int64_t shape[] = {images->shape[0]};
    scores.pairs.resize(static_cast<std::size_t>(images->shape[0]));
    read_column<std::uint32_t>(need("pair_image", DType::kInt32, shape), scores.pairs, &ScoredPair::image);
    read_column<std::uint32_t>(need("pair_caption", DType::kInt32, shape), scores.pairs,
                               &ScoredPair::caption);
    read_column<float>(need("pair_itc", DType::kFloat32, shape), scores.pairs, &ScoredPair::itc);
    read_column<float>(need("pair_cross", DType::kFloat32, shape), scores.pairs, &ScoredPair::cross);
    read_column<std::uint8_t>(need("pair_directions", DType::kUInt8, shape), scores.pairs,
                              &ScoredPair::directions);
    check_pairs(scores);
  }

  template <typename T>
  static void read_column(const TensorView& view, std::vector<ScoredPair>& pairs, T ScoredPair::*member) {
    const std::byte* from = view.data;
    for (ScoredPair& pair : pairs) {
      std::memcpy(&(pair.*member), from, sizeof(T));
      from += sizeof(T);
    }
  }

  void check_pairs(const RetrievalScores& scores) const {
    const ScoredPair* previous = nullptr;
    for (const ScoredPair& pair : scores.pairs) {
      const auto index = static_cast<std::size_t>(&pair - scores.pairs.data());
      if (pair.image >= scores.num_images || pair.caption >= scores.num_captions) {
        fail("pair_image",
             fmt::format("pair {} is of image {} and caption {}, but there are {} and {}", index, pair.image,
                         pair.caption, scores.num_images, scores.num_captions));
      }
      if (previous != nullptr &&
          std::pair(previous->image, previous->caption) >= std::pair(pair.image, pair.caption)) {
        fail("pair_image", fmt::format("pair {} stands before its predecessor by image and caption", index));
      }
      if (pair.directions == 0 || pair.directions > (records::kImageToText | records::kTextToImage)) {
        fail("pair_directions", fmt::format("pair {} has the value {}", index, pair.directions));
      }
      previous = &pair;
    }
  }

  records::ScoreMatrix dense_matrix(const TensorView& view, const RetrievalScores& scores,
                                    bool caption_major) const;

  std::string name_;
  SafetensorsFile file_;
};

records::ScoreMatrix ScoreFileReader::dense_matrix(const TensorView& view, const RetrievalScores& scores,
                                                   bool caption_major) const {
  const std::int64_t images = scores.num_images;
  const std::int64_t captions = scores.num_captions;
  const std::int64_t shape[] = {caption_major ? captions : images, caption_major ? images : captions};
  const bool is_double = view.dtype == DType::kFloat64;
  return matrix_over_tensor(need("scores", is_double ? DType::kFloat64 : DType::kFloat32, shape),
                            scores.num_images, scores.num_captions, caption_major);
}

}  // namespace

void write_retrieval_scores(const std::filesystem::path& path, const RetrievalScores& scores,
                            const RetrievalScoreInfo& info) {
  check_consistent(scores);
  std::map<std::string, TensorView> tensors;
  if (!scores.image_embeddings.empty()) {
    tensors["image_embeddings"] =
        matrix_view(scores.image_embeddings.data(), scores.num_images, scores.itc_size);
    tensors["text_embeddings"] =
        matrix_view(scores.text_embeddings.data(), scores.num_captions, scores.itc_size);
  }
  if (scores.top_k > 0 || !scores.pairs.empty()) {
    tensors["pair_image"] = column_view<std::uint32_t>(scores.pairs, offsetof(ScoredPair, image));
    tensors["pair_caption"] = column_view<std::uint32_t>(scores.pairs, offsetof(ScoredPair, caption));
    tensors["pair_itc"] = column_view<float>(scores.pairs, offsetof(ScoredPair, itc));
    tensors["pair_cross"] = column_view<float>(scores.pairs, offsetof(ScoredPair, cross));
    tensors["pair_directions"] = column_view<std::uint8_t>(scores.pairs, offsetof(ScoredPair, directions));
  }
  std::map<std::string, std::string> metadata = {{kFormatKey, kFormat},
                                                 {"bteval", version()},
                                                 {"dataset", info.dataset},
                                                 {"split", info.split},
                                                 {"captions_sha256", info.captions_sha256},
                                                 {"head", info.head},
                                                 {"num_images", std::to_string(scores.num_images)},
                                                 {"num_captions", std::to_string(scores.num_captions)},
                                                 {"top_k", std::to_string(scores.top_k)}};
  for (const auto& [key, value] : info.run) metadata[kRunPrefix + key] = value;
  if (const records::ScoreMatrix& dense = scores.dense; !dense.empty()) {
    const std::int64_t rows = dense.caption_major ? dense.num_captions : dense.num_images;
    const std::int64_t columns = dense.caption_major ? dense.num_images : dense.num_captions;
    tensors["scores"] = dense.f32.empty() ? matrix_view(dense.f64.data(), rows, columns)
                                          : matrix_view(dense.f32.data(), rows, columns);
    metadata["scores_rows"] = dense.caption_major ? "captions" : "images";
  }
  checkpoint::write_safetensors(path, tensors, metadata);
}

bool is_retrieval_score_file(const std::shared_ptr<const Bytes>& bytes) {
  // A safetensors file begins with its header's length and the header's brace.
  constexpr std::size_t kLength = sizeof(std::uint64_t);
  if (bytes->size() <= kLength || bytes->text()[kLength] != '{') return false;
  try {
    const SafetensorsFile file = checkpoint::read_safetensors(bytes);
    const auto format = file.metadata.find(kFormatKey);
    return format != file.metadata.end() && format->second.starts_with("bteval.retrieval_scores.");
  } catch (const Error&) {
    return false;  // whoever reads it says why
  }
}

RetrievalScoreFile read_retrieval_scores(const std::shared_ptr<const Bytes>& bytes) {
  return ScoreFileReader(bytes).read();
}

}  // namespace bteval::app
