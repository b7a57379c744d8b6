#include "tasks/retrieval_parts.h"

#include "core/error.h"
#include "core/packing.h"

namespace bteval::app {

using engine::RetrievalStage;

std::size_t RetrievalParts::load() {
  journal_.replay([&](std::string_view record) {
    Unpacker unpacker(record);
    const auto stage = unpacker.get<std::uint8_t>();
    const auto part = unpacker.get<std::uint64_t>();
    if (stage > static_cast<std::uint8_t>(RetrievalStage::kPairs))
      throw Error(ErrorCode::kData, "a record of no stage of this version",
                  {journal_.path().string(), "", std::nullopt});
    found_[{static_cast<RetrievalStage>(stage), part}] = unpacker.get_vector<float>();
    unpacker.finish();
  });
  num_finished_ = found_.size();
  return num_finished_;
}

void RetrievalParts::keep(RetrievalStage stage, std::uint64_t part, std::vector<float> values) {
  if (has(stage, part)) return;
  add(stage, part, values);
  found_[{stage, part}] = std::move(values);
}

bool RetrievalParts::has(RetrievalStage stage, std::uint64_t part) const {
  return found_.contains({stage, part});
}

std::vector<float> RetrievalParts::take(RetrievalStage stage, std::uint64_t part) {
  auto node = found_.extract({stage, part});
  if (node.empty()) throw Error(ErrorCode::kInternal, "a part that was not kept, or was taken before");
  return std::move(node.mapped());
}

void RetrievalParts::add(RetrievalStage stage, std::uint64_t part, std::span<const float> values) {
  Packer packer;
  packer.put(static_cast<std::uint8_t>(stage));
  packer.put(part);
  packer.put(values);
  journal_.append(packer.bytes());
  ++num_finished_;
}

}  // namespace bteval::app
