// Any bytes as an SNLI-VE annotation file and as predictions: records or a bteval::Error of kind data.
// Image ids that come out are plain names; predictions that were read come back from their own file.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "datasets/folders.h"
#include "datasets/snli_ve_json.h"
#include "datasets/snli_ve_predictions.h"
#include "reports/snli_ve_predictions.h"

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

void require_data_error(const bteval::Error& error) {
  require(error.code() == bteval::ErrorCode::kData && error.context().file == "v.jsonl");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto bytes = bteval::Bytes::from_memory("v.jsonl", input);
  const std::vector<std::string> ids = {"7.jpg#0r1c", "7.jpg#0r1e"};
  bteval::reports::check_snli_ve_predictions(input, ids);
  try {
    for (const auto& record : bteval::datasets::read_snli_ve(*bytes)) {
      // A negative integer is a plain name, too.
      require(bteval::datasets::is_plain_name(record.image_id) && !record.hypothesis.empty());
    }
  } catch (const bteval::Error& error) {
    require_data_error(error);
  }
  try {
    const auto read = bteval::datasets::read_snli_ve_predictions(*bytes).predictions;
    if (read.empty()) return 0;
    const std::string text = bteval::reports::snli_ve_predictions(read);
    const auto again =
        bteval::datasets::read_snli_ve_predictions(*bteval::Bytes::from_memory("again", text)).predictions;
    require(again.size() == read.size());
    std::set<std::string> own;
    for (std::size_t i = 0; i < read.size(); ++i) {
      require(again[i].pair_id == read[i].pair_id && again[i].prediction == read[i].prediction);
      own.insert(read[i].pair_id);
    }
    const std::vector<std::string> expected(own.begin(), own.end());
    require(bteval::reports::check_snli_ve_predictions(text, expected).ok() == (own.size() == read.size()));
  } catch (const bteval::Error& error) {
    require_data_error(error);
  }
  return 0;
}
