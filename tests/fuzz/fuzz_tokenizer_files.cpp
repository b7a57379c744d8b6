// Any bytes as tokenizer files: a tokenizer or a bteval::Error, nothing else. The input is tokenizer.json,
// or, where it holds a line "----", vocab.json before and merges.txt behind it.
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "text/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using bteval::Bytes;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kSeparator = "\n----\n";
  bteval::text::TokenizerFiles files;
  if (const std::size_t cut = input.find(kSeparator); cut == std::string_view::npos) {
    files.tokenizer_json = Bytes::from_memory("tokenizer.json", input);
  } else {
    files.vocab_json = Bytes::from_memory("vocab.json", input.substr(0, cut));
    files.merges_txt = Bytes::from_memory("merges.txt", input.substr(cut + kSeparator.size()));
  }
  try {
    const auto tokenizer = bteval::text::Tokenizer::from_files(files);
    const auto encoding = tokenizer.encode("hello  wörld 12 <mask> it's\n日本", 16);
    if (encoding.ids.size() < 2 || encoding.ids.size() > 16) __builtin_trap();
    for (const std::int32_t id : encoding.ids) {
      if (id < 0 || static_cast<std::size_t>(id) >= tokenizer.vocab_size()) __builtin_trap();
    }
    tokenizer.decode(encoding.ids);
  } catch (const bteval::Error&) {
  }
  return 0;
}
