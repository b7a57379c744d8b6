#include "model/savings.h"

#include <fmt/format.h>

#include "core/error.h"

namespace bteval::model {

std::span<const NamedSaving> all_savings() {
  static constexpr NamedSaving kAll[] = {
      {"packed-weights", &Savings::packed_weights},
      {"fused-projections", &Savings::fused_projections},
      {"fused-activation", &Savings::fused_activation},
      {"fused-attention", &Savings::fused_attention},
      {"attention-kernel", &Savings::attention_kernel},
      {"absorbed-projections", &Savings::absorbed_projections},
      {"shared-first-layer", &Savings::shared_first_layer},
      {"packed-texts", &Savings::packed_texts},
      {"pooled-row", &Savings::pooled_row},
      {"towers-once", &Savings::towers_once},
      {"length-buckets", &Savings::length_buckets},
      {"kept-buffers", &Savings::kept_buffers},
  };
  return kAll;
}

void turn_off(Savings& savings, const std::string& name) {
  std::string names;
  for (const NamedSaving& saving : all_savings()) {
    if (saving.name == name) {
      savings.*saving.member = false;
      return;
    }
    names += (names.empty() ? "" : ", ");
    names += saving.name;
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("there is no saving \"{}\": there are {}", printable(name, 40), names));
}

}  // namespace bteval::model
