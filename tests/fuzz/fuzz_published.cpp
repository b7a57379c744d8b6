// Any bytes as published results: rows with a model, a source and percentages, or a bteval::Error of kind
// data.
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "parts.h"
#include "reports/published.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const auto rows = reports::read_published_results(input, "p.json");
    for (const auto& row : rows) {
      fuzz::require(row.published && !row.model.empty() && !row.values.empty() && !row.footnotes.empty());
      for (const auto& [key, value] : row.values) fuzz::require(value.value >= 0 && value.value <= 600);
    }
    reports::doubt_published_results(rows);
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kData && error.context().file == "p.json");
  }
  return 0;
}
