// Finding added tokens such as <mask> in a text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/tokenizer_spec.h"

namespace bteval::text {

/// A piece of a text: an added token, or what stands between two of them.
struct TextPiece {
  std::string_view text;
  std::int32_t id = -1;  ///< the added token's id; -1 for ordinary text
};

/// Cuts texts at added tokens as `tokenizers` does (AddedVocabulary): tokens that are not `normalized` first,
/// the others in what is left; each time the leftmost match, of several there the longest, without overlap.
/// Immutable and thread-safe.
class AddedTokens {
 public:
  explicit AddedTokens(std::vector<AddedToken> tokens);
  AddedTokens(const AddedTokens&) = delete;  // the passes point into tokens_
  AddedTokens& operator=(const AddedTokens&) = delete;

  /// Whether the text can hold an added token at all: false is certain, true is a guess. Much cheaper than
  /// split().
  bool may_occur_in(std::string_view text) const;

  /// Appends the pieces of `text`, which must be valid UTF-8, in order. Pieces are never empty.
  void split(std::string_view text, std::vector<TextPiece>& pieces) const;

  const std::vector<AddedToken>& tokens() const { return tokens_; }

 private:
  /// The tokens of one pass, by first byte, longest first.
  struct Pass {
    std::array<std::vector<const AddedToken*>, 256> by_first_byte;
    bool empty = true;
    const AddedToken* match_at(std::string_view text, std::size_t pos) const;
    void split(std::string_view text, std::vector<TextPiece>& pieces) const;
  };

  std::vector<AddedToken> tokens_;
  std::array<bool, 256> first_byte_{};
  int only_first_byte_ = -1;  ///< where all tokens start with the same byte
  Pass verbatim_, normalized_;
};

}  // namespace bteval::text
