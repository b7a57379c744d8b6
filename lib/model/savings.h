// The savings that make a run fast, each with a switch that shows what it is worth.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bteval::model {

/// Everything is on in an evaluation; `bteval bench --without NAME` turns one off. None changes what is
/// computed: results differ by rounding at most. docs/performance.md has the gains.
struct Savings {
  bool packed_weights = true;  ///< weights in oneDNN's layout, arranged once while loading (CPU)
  bool fused_projections =
      true;  ///< query, key and value, and cross-attention's key and value, as one product
  bool fused_activation = true;      ///< GELU and SiLU applied inside the product
  bool fused_attention = true;       ///< attention without its [S, S] matrices in memory
  bool attention_kernel = true;      ///< ours in place of LibTorch's (float32, CPUs with AVX-512)
  bool absorbed_projections = true;  ///< cross-attention between a short text and an image moves the image's
                                     ///< projections to the text's few rows (attention.h)
  bool shared_first_layer = true;  ///< self-attention of the first cross-modal layer once an image and a text
  bool packed_texts = true;        ///< text tower without padding, a unit's texts at once (CPU)
  bool pooled_row = true;          ///< the last cross-modal layer for the pooled row only
  bool towers_once = true;         ///< each image and each text through its tower once a unit (engine)
  bool length_buckets = true;      ///< texts of similar length in one batch (engine)
  bool kept_buffers = true;  ///< freed memory stays in the process (CPU; a setting of the whole process)

  bool operator==(const Savings&) const = default;
};

/// A saving's name on the command line and its member.
struct NamedSaving {
  std::string_view name;
  bool Savings::*member;
};
/// All of them: "packed-weights", "fused-projections", …
std::span<const NamedSaving> all_savings();

/// Turns the saving of that name off; Error(kUsage) listing the names where there is none.
void turn_off(Savings& savings, const std::string& name);

}  // namespace bteval::model
