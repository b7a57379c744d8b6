// Classes and predictions of SNLI-VE (Xie et al., 2019). Field names are those of the published files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bteval::records {

/// In the order of the classifiers of METER, BridgeTower and LAVIS (src/utils/write_snli.py of BridgeTower).
enum class SnliVeClass : std::uint8_t { kContradiction = 0, kNeutral = 1, kEntailment = 2 };

inline constexpr std::array<std::string_view, 3> kSnliVeClassNames = {"contradiction", "neutral",
                                                                      "entailment"};

inline std::string_view snli_ve_class_name(SnliVeClass value) {
  return kSnliVeClassNames[static_cast<std::size_t>(value)];
}

/// Nothing for other names; names are compared exactly.
inline std::optional<SnliVeClass> snli_ve_class(std::string_view name) {
  for (std::size_t i = 0; i < kSnliVeClassNames.size(); ++i) {
    if (kSnliVeClassNames[i] == name) return static_cast<SnliVeClass>(i);
  }
  return std::nullopt;
}

struct SnliVePrediction {
  std::string pair_id;  ///< "2248275918.jpg#2r1c"
  SnliVeClass prediction = SnliVeClass::kContradiction;
};

}  // namespace bteval::records
