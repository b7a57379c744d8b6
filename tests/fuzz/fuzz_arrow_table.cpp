// Any bytes as an Arrow table: cells of the columns that readers ask for, inside the bytes, or a
// bteval::Error of kind data (usage, where bteval is built without Arrow).
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "datasets/arrow_table.h"
#include "parts.h"

// Called by libFuzzer, not by the replaying tests: millions of runs that read nothing are no result.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  if (bteval::datasets::ArrowTable::supported()) return 0;
  std::fputs("fuzz_arrow_table is built without Arrow: configure with -DBTEVAL_ARROW=DIR\n", stderr);
  std::exit(1);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto check = [](const auto& read) {
    try {
      read();
    } catch (const Error& error) {
      fuzz::require(error.code() == ErrorCode::kData || !datasets::ArrowTable::supported());
      fuzz::require(error.context().file == "t.arrow");
    }
  };
  check([&] {
    const auto table = datasets::ArrowTable::open(Bytes::from_memory("t.arrow", input));
    std::size_t touched = 0;
    for (std::size_t row = 0; row < table->num_rows() && row < 4; ++row) {
      check([&] {
        for (const std::byte byte : table->bytes("image", row)) touched += static_cast<std::size_t>(byte);
      });
      check([&] { touched += table->text("image_id", row).size(); });
      check([&] { touched += static_cast<std::size_t>(table->integer("image_id", row) & 1); });
      check([&] { touched += table->texts("questions", row).size(); });
      check([&] { touched += table->integers("question_id", row).size(); });
      check([&] { touched += table->text_lists("answers", row).size(); });
      check([&] { touched += table->number_lists("answer_scores", row).size(); });
    }
    volatile std::size_t sink = touched;
    static_cast<void>(sink);
  });
  return 0;
}
