// Any bytes as tokenizer files: a tokenizer or a bteval::Error, nothing else. Three parts: vocab.json,
// merges.txt and tokenizer_config.json; without merges.txt, the first one is tokenizer.json.
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "parts.h"
#include "text/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval;
  const auto input = fuzz::parts({reinterpret_cast<const char*>(data), size}, 3);
  text::TokenizerFiles files;
  if (input[1].empty()) {
    files.tokenizer_json = Bytes::from_memory("tokenizer.json", input[0]);
  } else {
    files.vocab_json = Bytes::from_memory("vocab.json", input[0]);
    files.merges_txt = Bytes::from_memory("merges.txt", input[1]);
  }
  if (!input[2].empty()) {
    files.tokenizer_config_json = Bytes::from_memory("tokenizer_config.json", input[2]);
  }
  try {
    const auto tokenizer = text::Tokenizer::from_files(files);
    const auto encoding = tokenizer.encode("hello  wörld 12 <mask> it's\n日本", 16);
    fuzz::require(encoding.ids.size() >= 2 && encoding.ids.size() <= 16);
    for (const std::int32_t id : encoding.ids) {
      fuzz::require(id >= 0 && static_cast<std::size_t>(id) < tokenizer.vocab_size());
    }
    tokenizer.decode(encoding.ids);
  } catch (const Error&) {
    // A refusal: the only exception that a reader may throw.
  }
  return 0;
}
