// RoBERTa's tokenizer: text to token ids, equal id for id to Hugging Face `tokenizers`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace bteval::text {

/// The ids of one text, `<s>` and `</s>` included.
struct Encoding {
  std::vector<std::int32_t> ids;
  bool truncated = false;  ///< whether max_length cut ids off
};

/// The files that a tokenizer is read from. Either `tokenizer_json`, or `vocab_json` and `merges_txt`; the
/// former is preferred where all are there. `tokenizer_config_json` is optional.
struct TokenizerFiles {
  std::shared_ptr<const Bytes> tokenizer_json;
  std::shared_ptr<const Bytes> vocab_json;
  std::shared_ptr<const Bytes> merges_txt;
  std::shared_ptr<const Bytes> tokenizer_config_json;
};

/// A byte-level BPE tokenizer with RoBERTa's special tokens. Immutable: one object serves any number of
/// threads.
///
/// Rules, all those of the `tokenizers` package (0.23.3 is what the tests compare against): added tokens such
/// as `<mask>` are cut out of the text first, leftmost and longest, with their lstrip, rstrip and single_word
/// flags; the rest is split by GPT-2's pattern with the package's Unicode classes, and each word is merged by
/// rank, leftmost first. No byte is ever unknown while the vocabulary holds all 256; where it does not, a
/// missing byte becomes the model's unk_token, or vanishes where there is none.
class Tokenizer {
 public:
  /// Reads the files of a folder: tokenizer.json, or vocab.json and merges.txt; and tokenizer_config.json
  /// where there is one. Error(kCheckpoint) naming the file and the record where a file is missing,
  /// malformed, contradicting or of another kind (a normalizer, WordPiece, dropout, ...).
  static Tokenizer load(const std::filesystem::path& folder);
  /// The same from files in memory.
  static Tokenizer from_files(const TokenizerFiles& files);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// Encodes a text as `<s> ... </s>`. `max_length` counts both; what is beyond it is cut off before `</s>`,
  /// as Hugging Face's truncation=True does; 0 means no limit. Error(kData) with the byte offset where the
  /// text is no UTF-8; Error(kUsage) for a max_length of 1, which leaves no room for both.
  Encoding encode(std::string_view utf8, std::size_t max_length = 0) const;

  /// Appends the ids of a text, without `<s>` and `</s>`, to `ids`. Added tokens in the text are still found.
  void encode_ordinary(std::string_view utf8, std::vector<std::int32_t>& ids) const;

  /// The bytes that the ids stand for, added tokens as their text. Not always valid UTF-8: a token may be
  /// part of a character. Error(kData) for an id that the vocabulary lacks.
  std::string decode(std::span<const std::int32_t> ids) const;

  std::int32_t bos_id() const;   ///< `<s>`
  std::int32_t eos_id() const;   ///< `</s>`
  std::int32_t pad_id() const;   ///< `<pad>`
  std::int32_t mask_id() const;  ///< `<mask>`; -1 where the vocabulary has none
  /// One more than the greatest id, added tokens included: the rows that an embedding needs.
  std::size_t vocab_size() const;
  /// Digest of the files that were used, each with its role and length: equal files give equal digests.
  const std::string& sha256() const;

 private:
  struct State;
  explicit Tokenizer(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

}  // namespace bteval::text
