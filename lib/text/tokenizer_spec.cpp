#include "text/tokenizer_spec.h"

#include <algorithm>
#include <charconv>

namespace bteval::text {
namespace {

/// RoBERTa's special tokens. Only <mask> has a flag: it takes the white space before it along
/// (RobertaTokenizer and RobertaTokenizerFast of transformers 2 to 4, and roberta-base's tokenizer.json).
std::vector<AddedToken> roberta_added_tokens(const BpeSpec& spec) {
  std::vector<AddedToken> tokens;
  for (const char* content : {"<s>", "<pad>", "</s>", "<unk>", "<mask>"}) {
    const auto found = std::find_if(spec.vocabulary.begin(), spec.vocabulary.end(),
                                    [&](const auto& entry) { return entry.first == content; });
    if (found == spec.vocabulary.end()) continue;
    AddedToken token;
    token.content = content;
    token.id = found->second;
    token.lstrip = token.content == "<mask>";
    tokens.push_back(std::move(token));
  }
  return tokens;
}

/// added_tokens_decoder of tokenizer_config.json, {"50264": {"content": "<mask>", "lstrip": true, ...}}, says
/// what flags the special tokens have where there is no tokenizer.json that does.
void apply_added_tokens_decoder(const Json& decoder, const std::string& file, TokenizerSpec& spec) {
  if (!decoder.is_object()) {
    throw Error(ErrorCode::kCheckpoint, "is not an object", {file, "added_tokens_decoder", std::nullopt});
  }
  for (const auto& [key, object] : decoder.items()) {
    const std::string record = fmt::format("added_tokens_decoder[{}]", printable(key, 20));
    AddedToken token = read_added_token(object, file, record);
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), token.id);
    const auto found = std::find_if(spec.bpe.vocabulary.begin(), spec.bpe.vocabulary.end(),
                                    [&](const auto& entry) { return entry.first == token.content; });
    if (error != std::errc{} || end != key.data() + key.size() || found == spec.bpe.vocabulary.end() ||
        found->second != token.id) {
      throw Error(
          ErrorCode::kCheckpoint,
          fmt::format("the vocabulary does not have '{}' under this id", printable(token.content, 40)),
          {file, record, std::nullopt});
    }
    const auto old = std::find_if(spec.added_tokens.begin(), spec.added_tokens.end(),
                                  [&](const AddedToken& entry) { return entry.content == token.content; });
    if (old != spec.added_tokens.end()) {
      *old = std::move(token);
    } else {
      spec.added_tokens.push_back(std::move(token));
    }
  }
}

}  // namespace

AddedToken read_added_token(const Json& object, const std::string& file, const std::string& record) {
  AddedToken token;
  token.content = json_member<std::string>(object, "content", file, record, ErrorCode::kCheckpoint);
  const auto flag = [&](const char* key, bool absent) {
    return object.contains(key) ? json_member<bool>(object, key, file, record, ErrorCode::kCheckpoint)
                                : absent;
  };
  token.single_word = flag("single_word", false);
  token.lstrip = flag("lstrip", false);
  token.rstrip = flag("rstrip", false);
  token.normalized = flag("normalized", true);
  return token;
}

TokenizerSpec read_tokenizer_spec(const TokenizerFiles& files) {
  TokenizerSpec spec;
  if (files.tokenizer_json) {
    spec = read_tokenizer_json(*files.tokenizer_json);
  } else if (files.vocab_json && files.merges_txt) {
    spec.bpe = read_vocabulary_and_merges(*files.vocab_json, *files.merges_txt);
    spec.added_tokens = roberta_added_tokens(spec.bpe);
  } else {
    throw Error(ErrorCode::kCheckpoint, "a tokenizer needs tokenizer.json, or vocab.json and merges.txt");
  }
  if (!files.tokenizer_config_json) return spec;
  const std::string& name = files.tokenizer_config_json->name();
  const Json config = parse_json(files.tokenizer_config_json->text(), name, ErrorCode::kCheckpoint);
  if (!config.is_object()) throw Error(ErrorCode::kCheckpoint, "is not an object", {name, "", std::nullopt});
  // transformers lets this option overrule tokenizer.json.
  if (config.contains("add_prefix_space") && !config["add_prefix_space"].is_null()) {
    spec.add_prefix_space = json_member<bool>(config, "add_prefix_space", name, "", ErrorCode::kCheckpoint);
  }
  if (!files.tokenizer_json && config.contains("added_tokens_decoder")) {
    apply_added_tokens_decoder(config["added_tokens_decoder"], name, spec);
  }
  return spec;
}

}  // namespace bteval::text
