// What the tokenizer's files say, checked and brought into one form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "text/tokenizer.h"

namespace bteval::text {

/// A token that is found in the text before anything else, as `tokenizers` has it.
struct AddedToken {
  std::string content;
  std::int32_t id = -1;
  bool single_word = false;  ///< only where no word character stands beside it
  bool lstrip = false;       ///< takes the white space on its left with it
  bool rstrip = false;       ///< takes the white space on its right with it
  bool normalized = true;    ///< looked for in a second pass, in what the first one left
  bool operator==(const AddedToken&) const = default;
};

/// left + right become one token.
struct MergeRule {
  std::string left, right;
  std::size_t position;  ///< line in merges.txt, from 1; or place in tokenizer.json's array, from 0
};

/// Vocabulary and merges of byte-level BPE, and how unknown bytes are met.
struct BpeSpec {
  std::vector<std::pair<std::string, std::int32_t>> vocabulary;  ///< token in GPT-2's byte alphabet, id >= 0
  std::vector<MergeRule> merges;                                 ///< in order of rank
  std::optional<std::string> unk_token;  ///< for bytes that the vocabulary lacks; they vanish without one
  bool fuse_unk = false;                 ///< one unk_token for a run of such bytes
  bool ignore_merges = false;            ///< a word that is a token is that token, whatever the merges say
  std::string vocabulary_file, merges_file;
  bool merges_in_lines = true;  ///< what MergeRule::position counts
};

struct TokenizerSpec {
  BpeSpec bpe;
  std::vector<AddedToken> added_tokens;
  bool add_prefix_space = false;  ///< every piece of text gets a leading space where it has none
  std::string bos = "<s>", eos = "</s>", pad = "<pad>", mask = "<mask>";
};

/// Reads and checks the files. Error(kCheckpoint) as Tokenizer::load documents it.
TokenizerSpec read_tokenizer_spec(const TokenizerFiles& files);

/// tokenizer.json alone. Truncation, padding and decoder are left aside: they are the caller's business.
TokenizerSpec read_tokenizer_json(const Bytes& file);

/// vocab.json and merges.txt (or GPT-2's encoder.json and vocab.bpe, which have the same form).
BpeSpec read_vocabulary_and_merges(const Bytes& vocabulary, const Bytes& merges);

// Parts that both kinds of file share. All throw Error(kCheckpoint) naming `file` and the record.

/// Reads a JSON object of token → id into spec.vocabulary; `record` names the object, "" for the whole file.
void read_vocabulary(const Json& object, const std::string& record, BpeSpec& spec);
/// Reads "left right", with one space between them, as the next merge.
void read_merge(std::string_view text, std::size_t position, BpeSpec& spec);
/// How messages name the merge at a position: "line 7" or "model.merges[6]".
std::string merge_record(const BpeSpec& spec, std::size_t position);
/// Reads an added token's JSON object, but not its id.
AddedToken read_added_token(const Json& object, const std::string& file, const std::string& record);

}  // namespace bteval::text
