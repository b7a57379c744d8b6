// What a piece of code says when it fails.
#pragma once

#include <string>

#include "core/error.h"

namespace bteval::testing {

/// The text of the bteval::Error that `action` throws, or "no error"; other exceptions pass.
template <typename Action>
std::string error_text(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace bteval::testing
