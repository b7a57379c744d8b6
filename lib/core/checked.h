// Size arithmetic on numbers that come from files: every overflow is an error, never a wrap-around.
#pragma once

#include <concepts>
#include <limits>
#include <utility>

#include "core/error.h"

namespace bteval {

/// a + b, or an Error(kData) that says what overflowed.
template <std::integral T>
T checked_add(T a, T b, const char* what) {
  T result{};
  if (__builtin_add_overflow(a, b, &result)) throw Error(ErrorCode::kData, fmt::format("{} is too large", what));
  return result;
}

/// a * b, or an Error(kData) that says what overflowed.
template <std::integral T>
T checked_mul(T a, T b, const char* what) {
  T result{};
  if (__builtin_mul_overflow(a, b, &result)) throw Error(ErrorCode::kData, fmt::format("{} is too large", what));
  return result;
}

/// value as a To, or an Error(kData) where it does not fit.
template <std::integral To, std::integral From>
To checked_cast(From value, const char* what) {
  if (!std::in_range<To>(value)) throw Error(ErrorCode::kData, fmt::format("{} is out of range", what));
  return static_cast<To>(value);
}

}  // namespace bteval
