// A small byte-level BPE tokenizer, made in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"

namespace bteval::testing {

/// RoBERTa's special tokens (ids 0, 1, 2, 3 and 4 as <s>, <pad>, </s>, <unk>, <mask>), all 256 bytes (ids 5
/// to 260, in the order of the bytes), and one token for each merge, in order, from id 261 on.
struct TinyTokenizer {
  /// `merges` are pairs in the byte alphabet; "Ġ" is the space.
  explicit TinyTokenizer(std::vector<std::pair<std::string, std::string>> merges = default_merges());
  static std::vector<std::pair<std::string, std::string>> default_merges();

  std::string vocab_json() const { return vocabulary.dump(); }
  std::string merges_txt() const;
  /// tokenizer.json in the form of roberta-base's.
  Json tokenizer_json() const;
  /// Id of a token in the byte alphabet.
  std::int32_t id(const std::string& token) const { return vocabulary.at(token).get<std::int32_t>(); }

  Json vocabulary;
  std::vector<std::pair<std::string, std::string>> merges;
};

}  // namespace bteval::testing
