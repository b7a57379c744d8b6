// Any bytes as a journal: whole frames or a bteval::Error of kind data. What is accepted is accepted again
// when it is cut behind its last whole frame, and has the same records.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/journal.h"

namespace {

std::vector<std::string> records(std::string_view input, bteval::JournalFrames& frames) {
  std::vector<std::string> out;
  const auto file = bteval::Bytes::from_memory("journal", input);
  frames = bteval::read_journal(*file, [&](std::string_view record) { out.emplace_back(record); });
  frames.header.reset();  // it points into the file
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    bteval::JournalFrames frames, again;
    const auto all = records(input, frames);
    if (frames.whole_bytes > size) __builtin_trap();
    if (records(input.substr(0, frames.whole_bytes), again) != all) __builtin_trap();
    if (again.whole_bytes != frames.whole_bytes) __builtin_trap();
  } catch (const bteval::Error& error) {
    if (error.code() != bteval::ErrorCode::kData) __builtin_trap();
  }
  return 0;
}
