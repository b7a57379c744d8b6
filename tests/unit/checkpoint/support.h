// What the tests of this folder share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/tensor_view.h"
#include "core/error.h"

namespace bteval::checkpoint {

/// The one line of the Error(kCheckpoint) that `run` throws; says so where it throws none or another kind.
template <typename F>
std::string error_of(F run) {
  try {
    run();
  } catch (const Error& error) {
    return error.code() == ErrorCode::kCheckpoint ? error.what()
                                                  : std::string("of another kind: ") + error.what();
  }
  return "no error";
}

/// A contiguous tensor over a copy of `values`.
template <typename T>
TensorView tensor_of(DType dtype, std::vector<std::int64_t> shape, const std::vector<T>& values) {
  TensorView view;
  view.dtype = dtype;
  view.strides = row_major_strides(shape);
  view.shape = std::move(shape);
  view.owner = Bytes::from_memory(
      "values", std::string_view(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)));
  view.data = view.owner->data();
  return view;
}

/// safetensors bytes with this header and data.
std::string safetensors_text(std::string_view header, std::string_view data);

namespace pickle_text {
/// A pickle of protocol 2 with this body.
std::string whole(std::string_view body);
std::string text(std::string_view value);                            ///< SHORT_BINUNICODE
std::string global(std::string_view module, std::string_view name);  ///< GLOBAL
std::string stack_global(std::string_view module, std::string_view name);
}  // namespace pickle_text

}  // namespace bteval::checkpoint
