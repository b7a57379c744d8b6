#include "tasks/score_matrix.h"

#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "checkpoint/npy.h"
#include "checkpoint/tensor_copy.h"
#include "core/json.h"

namespace bteval::app {
namespace {

using checkpoint::DType;
using checkpoint::TensorView;

/// The readers of checkpoints blame the checkpoint; here the file is data.
template <typename Read>
auto read_as_data(const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCheckpoint) throw;
    throw Error(ErrorCode::kData, error.message(), error.context());
  }
}

template <typename T>
std::pair<std::span<const T>, std::shared_ptr<const void>> elements_of(const TensorView& view) {
  constexpr DType kDType = std::is_same_v<T, double> ? DType::kFloat64 : DType::kFloat32;
  const auto count = static_cast<std::size_t>(view.numel());
  if (view.dtype == kDType && reinterpret_cast<std::uintptr_t>(view.data) % alignof(T) == 0) {
    return {{reinterpret_cast<const T*>(view.data), count}, view.owner};
  }
  auto held = std::make_shared<std::vector<T>>(count);
  checkpoint::convert_floats(view.dtype, view.data, kDType, reinterpret_cast<std::byte*>(held->data()),
                             count);
  return {*held, held};
}

/// The one tensor of the file.
TensorView only_tensor(const std::shared_ptr<const Bytes>& bytes) {
  checkpoint::SafetensorsFile file = read_data_safetensors(bytes);
  if (file.tensors.size() == 1) return std::move(file.tensors.begin()->second);
  std::string names;
  for (const auto& [name, view] : file.tensors) names += (names.empty() ? "" : ", ") + name;
  throw Error(ErrorCode::kData,
              fmt::format("should hold one tensor, the score matrix, but holds {}: {}", file.tensors.size(),
                          printable(names)),
              {bytes->name(), "", std::nullopt});
}

bool looks_like_safetensors(const Bytes& bytes) {
  constexpr std::size_t kLength = sizeof(std::uint64_t);  // the header's length stands before the header
  return bytes.size() > kLength && bytes.text()[kLength] == '{';
}

TensorView raw_float32(const std::shared_ptr<const Bytes>& bytes, std::vector<std::int64_t> shape) {
  TensorView view;
  view.dtype = DType::kFloat32;
  view.shape = std::move(shape);
  view.strides = checkpoint::row_major_strides(view.shape);
  view.data = bytes->data();
  view.owner = bytes;
  return view;
}

}  // namespace

checkpoint::SafetensorsFile read_data_safetensors(const std::shared_ptr<const Bytes>& bytes) {
  return read_as_data([&] { return checkpoint::read_safetensors(bytes); });
}

records::ScoreMatrix matrix_over_tensor(const TensorView& view, std::uint32_t num_images,
                                        std::uint32_t num_captions, bool caption_major) {
  records::ScoreMatrix out;
  out.num_images = num_images;
  out.num_captions = num_captions;
  out.caption_major = caption_major;
  if (view.dtype == DType::kFloat64) {
    std::tie(out.f64, out.owner) = elements_of<double>(view);
  } else {
    std::tie(out.f32, out.owner) = elements_of<float>(view);
  }
  return out;
}

records::ScoreMatrix read_score_matrix(const std::shared_ptr<const Bytes>& bytes, std::uint32_t num_images,
                                       std::uint32_t num_captions, bool transposed) {
  const auto fail = [&](const std::string& message) {
    throw Error(ErrorCode::kData, message, {bytes->name(), "", std::nullopt});
  };
  const std::vector<std::int64_t> by_image = {num_images, num_captions};
  const std::vector<std::int64_t> by_caption = {num_captions, num_images};
  const std::vector<std::int64_t>& expected = transposed ? by_caption : by_image;
  const std::vector<std::int64_t>& swapped = transposed ? by_image : by_caption;
  const std::uint64_t raw_size = std::uint64_t{num_images} * num_captions * sizeof(float);

  TensorView view;
  if (checkpoint::is_npy(*bytes)) {
    view = read_as_data([&] { return checkpoint::read_npy(bytes); });
  } else if (bytes->size() == raw_size && !bytes->name().ends_with(".safetensors")) {
    view = raw_float32(bytes, expected);
  } else if (looks_like_safetensors(*bytes)) {
    view = only_tensor(bytes);
  } else {
    if (bytes->size() == 0 || bytes->text().starts_with("version https://git-lfs")) {
      refuse_if_not_json(bytes->text(), bytes->name());  // it knows what to say
    }
    fail(
        fmt::format("is neither a safetensors nor a NumPy file, and raw float32 scores of {} images and {} "
                    "captions would "
                    "take {} bytes, not {}",
                    num_images, num_captions, raw_size, bytes->size()));
  }
  if (!checkpoint::is_floating(view.dtype)) {
    fail(fmt::format("holds {}; scores are floating-point numbers", checkpoint::dtype_name(view.dtype)));
  }
  if (view.shape != expected) {
    const char* hint = view.shape == swapped ? (transposed ? "; without --transposed it would fit"
                                                           : "; with --transposed it would fit")
                                             : "";
    fail(fmt::format(
        "has the shape [{}], but the split has {} images and {} captions, so that it should be [{}]{}",
        fmt::join(view.shape, ", "), num_images, num_captions, fmt::join(expected, ", "), hint));
  }
  // An array in Fortran order lies in memory as its transpose does in C order.
  const bool in_order = view.is_contiguous();
  return matrix_over_tensor(view, num_images, num_captions, transposed == in_order);
}

}  // namespace bteval::app
