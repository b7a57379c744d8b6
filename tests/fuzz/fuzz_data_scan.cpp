// Any bytes as an annotation file and as an image under check: problems, but never an exception or a fault. A
// list that a scan reads to its end without a problem is JSON by the other parser, too, but for numbers that
// no double holds: a scan passes by values that nobody reads.
#include <cstdint>
#include <span>
#include <string_view>

#include "core/error.h"
#include "core/json.h"
#include "datasets/image_probe.h"
#include "datasets/record_scan.h"

using namespace bteval;
using namespace bteval::datasets;

namespace {

void expect_json(std::string_view input) {
  try {
    if (Json::parse(input).is_discarded()) __builtin_trap();
  } catch (const Json::out_of_range&) {
    return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto file = Bytes::from_memory("file", input);
  std::uint64_t visited = 0;
  const auto visit = [&](JsonReader& reader, const RecordPlace& place) {
    if (place.offset >= size) __builtin_trap();
    ++visited;
    RecordFields(reader, {"id", "text"}).id_at("id");
  };
  for (const char* list : {"", "rows"}) {
    visited = 0;
    const ScanResult result = scan_json_list(*file, list, visit);
    if (visited > result.records) __builtin_trap();
    for (const ScanProblem& problem : result.problems) {
      if (problem.offset && *problem.offset > size) __builtin_trap();
    }
    if (result.complete && result.problems.empty()) expect_json(input);
  }
  scan_json_lines(*file, visit);

  const ImageProbe probe = probe_image(file->span());
  if (probe.size != size || (probe.state != ImageProbe::State::kGood && probe.detail.empty()))
    __builtin_trap();
  return 0;
}
