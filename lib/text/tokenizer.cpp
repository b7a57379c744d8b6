#include "text/tokenizer.h"

#include <algorithm>
#include <unordered_map>

#include "core/hash.h"
#include "core/io_retry.h"
#include "core/read_file.h"
#include "core/utf8.h"
#include "text/added_tokens.h"
#include "text/bpe_model.h"
#include "text/byte_alphabet.h"
#include "text/tokenizer_spec.h"

namespace bteval::text {
namespace {

std::int32_t find_special(const TokenizerSpec& spec, const BpeModel& model, const std::string& content) {
  for (const AddedToken& token : spec.added_tokens) {
    if (token.content == content) return token.id;
  }
  return model.id_of(content);
}

std::int32_t require_special(const TokenizerSpec& spec, const BpeModel& model, const std::string& content) {
  const std::int32_t id = find_special(spec, model, content);
  if (id < 0) {
    throw Error(ErrorCode::kCheckpoint,
                fmt::format("the vocabulary has no '{}', which every text needs", printable(content)),
                {spec.bpe.vocabulary_file, "", std::nullopt});
  }
  return id;
}

/// Role and length before each content: no two different sets of files give one stream.
std::string digest_of(const TokenizerFiles& files) {
  Sha256 hash;
  const auto add = [&hash](std::string_view role, const std::shared_ptr<const Bytes>& file) {
    if (!file) return;
    hash.update(fmt::format("{} {}\n", role, file->size()));
    hash.update(file->span());
  };
  if (files.tokenizer_json) {
    add("tokenizer.json", files.tokenizer_json);
  } else {
    add("vocab.json", files.vocab_json);
    add("merges.txt", files.merges_txt);
  }
  add("tokenizer_config.json", files.tokenizer_config_json);
  return hash.finish();
}

}  // namespace

struct Tokenizer::State {
  State(TokenizerSpec spec, std::string digest_text)
      : model(spec.bpe),
        added(spec.added_tokens),
        add_prefix_space(spec.add_prefix_space),
        bos(require_special(spec, model, spec.bos)),
        eos(require_special(spec, model, spec.eos)),
        pad(require_special(spec, model, spec.pad)),
        mask(find_special(spec, model, spec.mask)),
        digest(std::move(digest_text)) {
    max_id = model.max_id();
    for (auto& [token, id] : spec.bpe.vocabulary) {
      auto bytes = bytes_of_token(token);
      bytes_of_id[id] = bytes ? std::move(*bytes) : std::move(token);
    }
    for (const AddedToken& token : added.tokens()) {
      bytes_of_id[token.id] = token.content;
      max_id = std::max(max_id, token.id);
    }
  }

  void encode_piece(std::string_view text, std::vector<std::int32_t>& ids) const {
    if (add_prefix_space && !text.starts_with(' ')) {
      std::string prefixed(1, ' ');
      prefixed += text;
      return encode_plain_text(model, prefixed, ids);
    }
    encode_plain_text(model, text, ids);
  }

  BpeModel model;
  AddedTokens added;
  bool add_prefix_space;
  std::int32_t bos, eos, pad, mask;
  std::int32_t max_id = -1;
  std::unordered_map<std::int32_t, std::string> bytes_of_id;
  std::string digest;
};

Tokenizer Tokenizer::load(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw Error(ErrorCode::kCheckpoint, "is no folder, so there are no tokenizer files in it",
                {folder.string(), "", std::nullopt});
  }
  const auto open = [&](const char* name) -> std::shared_ptr<const Bytes> {
    const fs::path path = folder / name;
    if (!path_exists(path, ErrorCode::kCheckpoint)) return nullptr;
    return read_file(path, ErrorCode::kCheckpoint);
  };
  TokenizerFiles files{.tokenizer_json = open("tokenizer.json"),
                       .vocab_json = nullptr,
                       .merges_txt = nullptr,
                       .tokenizer_config_json = open("tokenizer_config.json")};
  if (!files.tokenizer_json) {
    files.vocab_json = open("vocab.json");
    files.merges_txt = open("merges.txt");
    if (!files.vocab_json || !files.merges_txt) {
      const char* rest = files.vocab_json   ? "vocab.json without merges.txt"
                         : files.merges_txt ? "merges.txt without vocab.json"
                                            : "neither vocab.json nor merges.txt";
      throw Error(ErrorCode::kCheckpoint, fmt::format("holds no tokenizer.json, and {}", rest),
                  {folder.string(), "", std::nullopt});
    }
  }
  return from_files(files);
}

Tokenizer Tokenizer::from_files(const TokenizerFiles& files) {
  return Tokenizer(std::make_unique<const State>(read_tokenizer_spec(files), digest_of(files)));
}

Tokenizer::Tokenizer(std::unique_ptr<const State> state) : state_(std::move(state)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

void Tokenizer::encode_ordinary(std::string_view utf8, std::vector<std::int32_t>& ids) const {
  if (const std::size_t invalid = utf8_first_invalid(utf8); invalid != std::string_view::npos) {
    throw Error(ErrorCode::kData,
                fmt::format("the text is not valid UTF-8: '{}'", printable(utf8.substr(invalid, 4))),
                {"", "", invalid});
  }
  if (utf8.empty()) return;
  if (!state_->added.may_occur_in(utf8)) return state_->encode_piece(utf8, ids);
  std::vector<TextPiece> pieces;
  state_->added.split(utf8, pieces);
  for (const TextPiece& piece : pieces) {
    if (piece.id >= 0) {
      ids.push_back(piece.id);
    } else {
      state_->encode_piece(piece.text, ids);
    }
  }
}

Encoding Tokenizer::encode(std::string_view utf8, std::size_t max_length) const {
  if (max_length == 1) {
    throw Error(ErrorCode::kUsage, "a maximum of 1 token leaves no room for both <s> and </s>");
  }
  Encoding encoding;
  encoding.ids.reserve(std::min<std::size_t>(utf8.size() / 3, 1000) + 4);
  encoding.ids.push_back(state_->bos);
  encode_ordinary(utf8, encoding.ids);
  if (max_length != 0 && encoding.ids.size() + 1 > max_length) {
    encoding.ids.resize(max_length - 1);
    encoding.truncated = true;
  }
  encoding.ids.push_back(state_->eos);
  return encoding;
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids) const {
  std::string bytes;
  for (const std::int32_t id : ids) {
    const auto found = state_->bytes_of_id.find(id);
    if (found == state_->bytes_of_id.end()) {
      throw Error(ErrorCode::kData, fmt::format("the vocabulary has no token with id {}", id));
    }
    bytes += found->second;
  }
  return bytes;
}

std::int32_t Tokenizer::bos_id() const { return state_->bos; }
std::int32_t Tokenizer::eos_id() const { return state_->eos; }
std::int32_t Tokenizer::pad_id() const { return state_->pad; }
std::int32_t Tokenizer::mask_id() const { return state_->mask; }
std::size_t Tokenizer::vocab_size() const { return static_cast<std::size_t>(state_->max_id) + 1; }
const std::string& Tokenizer::sha256() const { return state_->digest; }

}  // namespace bteval::text
