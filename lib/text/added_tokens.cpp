#include "text/added_tokens.h"

#include <algorithm>
#include <cstring>

#include "text/character_class.h"

namespace bteval::text {
namespace {

unsigned char byte_at(std::string_view text, std::size_t pos) {
  return static_cast<unsigned char>(text[pos]);
}

bool is_space(char32_t code) { return CharacterTable::instance().char_class(code) == CharClass::kSpace; }

bool word_before(std::string_view text, std::size_t pos) {
  if (pos == 0) return false;
  return CharacterTable::instance().is_word(decode_valid(text, previous_character(text, pos)).code);
}

bool word_after(std::string_view text, std::size_t pos) {
  return pos < text.size() && CharacterTable::instance().is_word(decode_valid(text, pos).code);
}

/// Start of the white space that ends before `pos`, not looking further back than `limit`.
std::size_t space_start(std::string_view text, std::size_t pos, std::size_t limit) {
  while (pos > limit) {
    const std::size_t before = previous_character(text, pos);
    if (!is_space(decode_valid(text, before).code)) break;
    pos = before;
  }
  return pos;
}

std::size_t space_end(std::string_view text, std::size_t pos) {
  while (pos < text.size()) {
    const Decoded next = decode_valid(text, pos);
    if (!is_space(next.code)) break;
    pos += next.length;
  }
  return pos;
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::erase_if(tokens_, [](const AddedToken& token) { return token.content.empty(); });
  for (const AddedToken& token : tokens_) {
    const unsigned char first = byte_at(token.content, 0);
    first_byte_[first] = true;
    Pass& pass = token.normalized ? normalized_ : verbatim_;
    pass.by_first_byte[first].push_back(&token);
    pass.empty = false;
  }
  for (Pass* pass : {&verbatim_, &normalized_}) {
    for (auto& candidates : pass->by_first_byte) {
      std::stable_sort(candidates.begin(), candidates.end(), [](const AddedToken* a, const AddedToken* b) {
        return a->content.size() > b->content.size();
      });
    }
  }
  if (std::count(first_byte_.begin(), first_byte_.end(), true) == 1) {
    only_first_byte_ =
        static_cast<int>(std::find(first_byte_.begin(), first_byte_.end(), true) - first_byte_.begin());
  }
}

bool AddedTokens::may_occur_in(std::string_view text) const {
  if (only_first_byte_ >= 0) return std::memchr(text.data(), only_first_byte_, text.size()) != nullptr;
  return std::any_of(text.begin(), text.end(),
                     [&](char c) { return first_byte_[static_cast<unsigned char>(c)]; });
}

void AddedTokens::split(std::string_view text, std::vector<TextPiece>& pieces) const {
  if (text.empty()) return;
  if (verbatim_.empty) return normalized_.split(text, pieces);
  if (normalized_.empty) return verbatim_.split(text, pieces);
  std::vector<TextPiece> first_pass;
  verbatim_.split(text, first_pass);
  for (const TextPiece& piece : first_pass) {
    if (piece.id >= 0) {
      pieces.push_back(piece);
    } else {
      normalized_.split(piece.text, pieces);
    }
  }
}

const AddedToken* AddedTokens::Pass::match_at(std::string_view text, std::size_t pos) const {
  for (const AddedToken* token : by_first_byte[byte_at(text, pos)]) {
    if (text.substr(pos).starts_with(token->content)) return token;
  }
  return nullptr;
}

void AddedTokens::Pass::split(std::string_view text, std::vector<TextPiece>& pieces) const {
  std::size_t done = 0;  // up to here the text is in pieces
  for (std::size_t pos = 0; pos < text.size();) {
    const AddedToken* token = match_at(text, pos);
    if (token == nullptr) {
      ++pos;
      continue;
    }
    std::size_t start = pos, stop = pos + token->content.size();
    pos = stop;  // the next match starts behind this one, even where this one is discarded
    if (token->single_word && (word_before(text, start) || word_after(text, stop))) continue;
    // Matches do not see that rstrip has taken white space, so one that starts with white space may begin
    // before `done`.
    if (token->lstrip && start > done) start = space_start(text, start, done);
    if (token->rstrip) stop = space_end(text, stop);
    if (done < start) pieces.push_back({text.substr(done, start - done), -1});
    pieces.push_back({text.substr(start, stop - start), token->id});
    done = stop;
  }
  if (done < text.size()) pieces.push_back({text.substr(done), -1});
}

}  // namespace bteval::text
