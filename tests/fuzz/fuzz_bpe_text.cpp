// Any bytes as a text: with all 256 bytes in the vocabulary, decoding gives back exactly what was encoded.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/utf8.h"
#include "support/tiny_tokenizer.h"
#include "text/tokenizer.h"

namespace {

bteval::text::Tokenizer make_tokenizer() {
  bteval::Json document = bteval::testing::TinyTokenizer().tokenizer_json();
  // <mask> swallows white space, which would not come back.
  for (bteval::Json& token : document["added_tokens"]) token["lstrip"] = false;
  bteval::text::TokenizerFiles files;
  files.tokenizer_json = bteval::Bytes::from_memory("tokenizer.json", std::string_view(document.dump()));
  return bteval::text::Tokenizer::from_files(files);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bteval::text::Tokenizer tokenizer = make_tokenizer();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool valid = bteval::utf8_first_invalid(text) == std::string_view::npos;
  std::vector<std::int32_t> ids;
  try {
    tokenizer.encode_ordinary(text, ids);
    if (!valid || tokenizer.decode(ids) != text) __builtin_trap();
    const auto cut = tokenizer.encode(text, 8);
    if (cut.truncated != (ids.size() > 6) || cut.ids.back() != tokenizer.eos_id()) __builtin_trap();
  } catch (const bteval::Error&) {
    if (valid) __builtin_trap();
  }
  return 0;
}
