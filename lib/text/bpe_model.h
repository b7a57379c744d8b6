// Byte-pair encoding of one word.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/pair_table.h"
#include "text/string_table.h"
#include "text/tokenizer_spec.h"

namespace bteval::text {

/// Byte-level BPE: the merge with the lowest rank first, and of equal ones the leftmost (Sennrich et al.
/// 2016, as `tokenizers` does it). Immutable and thread-safe.
///
/// Most words of a language are single tokens. Which tokens the merges do build from their own bytes is
/// worked out when the model is made; such words cost one look-up. The others are merged in place: short ones
/// by scanning for the lowest rank, long ones with a heap, in O(n log n).
class BpeModel {
 public:
  /// Builds the tables. Error(kCheckpoint) naming file and record where two tokens share an id, a merge names
  /// or makes a token that the vocabulary lacks, or unk_token is not in it.
  explicit BpeModel(const BpeSpec& spec);

  /// Appends the ids of a word, given as its bytes, to `ids`.
  void encode_word(std::string_view word, std::vector<std::int32_t>& ids) const;

  /// Id of a token in the byte alphabet; -1 where there is none.
  std::int32_t id_of(std::string_view token) const { return vocabulary_.find(token); }
  /// Number of tokens.
  std::size_t size() const { return vocabulary_.size(); }
  /// Greatest id; -1 for an empty vocabulary.
  std::int32_t max_id() const { return max_id_; }

 private:
  void add_vocabulary(const BpeSpec& spec);
  void add_merges(const BpeSpec& spec);
  void add_words(const BpeSpec& spec);
  void merge_word(std::string_view word, std::vector<std::int32_t>& ids) const;
  std::size_t symbols_of(std::string_view word, std::int32_t* symbols) const;
  std::size_t merge_short(std::int32_t* symbols, std::size_t count) const;
  void merge_long(std::vector<std::int32_t>& symbols) const;

  StringTable vocabulary_;  ///< token in the byte alphabet → id
  PairTable merges_;
  StringTable words_;  ///< bytes of a word that is a single token → id
  std::array<std::int32_t, 256> byte_ids_{};
  std::int32_t unk_id_ = -1;
  std::int32_t max_id_ = -1;
  bool fuse_unk_ = false;
};

/// GPT-2's word split and BPE together, for text without added tokens. Appends to `ids`. Requires valid
/// UTF-8.
void encode_plain_text(const BpeModel& model, std::string_view text, std::vector<std::int32_t>& ids);

}  // namespace bteval::text
