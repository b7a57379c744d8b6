// Size arithmetic on numbers that come from files: every overflow is an error, never a wrap-around.
#pragma once

#include <concepts>
#include <limits>
#include <utility>

#include "core/error.h"

namespace bteval {

/// a + b, or an Error(code) that says what overflowed.
template <std::integral T>
T checked_add(T a, T b, const char* what, ErrorCode code = ErrorCode::kData) {
  T result{};
  if (__builtin_add_overflow(a, b, &result)) throw Error(code, fmt::format("{} is too large", what));
  return result;
}

/// a * b, or an Error(code) that says what overflowed.
template <std::integral T>
T checked_mul(T a, T b, const char* what, ErrorCode code = ErrorCode::kData) {
  T result{};
  if (__builtin_mul_overflow(a, b, &result)) throw Error(code, fmt::format("{} is too large", what));
  return result;
}

/// value as a To, or an Error(code) where it does not fit.
template <std::integral To, std::integral From>
To checked_cast(From value, const char* what, ErrorCode code = ErrorCode::kData) {
  if (!std::in_range<To>(value)) throw Error(code, fmt::format("{} is out of range", what));
  return static_cast<To>(value);
}

}  // namespace bteval
