// Any bytes as the records of a run's journal: results of the planned work, or a bteval::Error of kind data.
// What is accepted is written again with the same bytes.
//
// The first byte chooses: a unit's outcomes, or a part of a retrieval run.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/file.h"
#include "parts.h"
#include "support/test_paths.h"
#include "tasks/retrieval_parts.h"
#include "tasks/unit_outcomes.h"

namespace {

using namespace bteval;

const records::SampleSet& samples() {
  static const records::SampleSet set{{{"a", "a.jpg"}, {"b", "b.jpg"}},
                                      {{"1", "one", {0}}, {"2", "two", {0}}, {"3", "three", {1}}}};
  return set;
}

void check_outcomes(std::string_view record) {
  static const engine::PairPlan plan(samples(), {1, 8, 0});
  try {
    const auto unit = app::unpack_outcomes(record, samples(), plan, 4);
    fuzz::require(unit.unit < plan.units().size());
    fuzz::require(unit.outcomes.size() + unit.refused.size() == plan.units()[unit.unit].samples.size());
    fuzz::require(app::pack(unit) == record);
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kData);
  }
}

void check_part(std::string_view record) {
  static const testing::TempDir folder;
  try {
    Journal journal(folder.path() / "journal");
    journal.start("header");
    journal.append(record);
    app::RetrievalParts parts(journal);
    fuzz::require(parts.load() == 1);
    Journal again(folder.path() / "again");
    again.start("header");
    app::RetrievalParts written(again);
    const auto stage = static_cast<engine::RetrievalStage>(record[0]);
    std::uint64_t part = 0;
    for (int i = 8; i > 0; --i)
      part = part << 8 | static_cast<unsigned char>(record[static_cast<std::size_t>(i)]);
    fuzz::require(parts.has(stage, part));
    written.add(stage, part, parts.take(stage, part));
    std::string bytes;
    again.replay([&](std::string_view found) { bytes = found; });
    fuzz::require(bytes == record);
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kData);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view record(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    check_outcomes(record);
  } else {
    check_part(record);
  }
  return 0;
}
