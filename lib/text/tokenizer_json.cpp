// tokenizer.json, the single file of Hugging Face `tokenizers`.
#include <algorithm>
#include <unordered_map>

#include "text/tokenizer_spec.h"

namespace bteval::text {
namespace {

/// The document with what messages need.
struct Document {
  const Json& root;
  const std::string& file;

  [[noreturn]] void refuse(std::string record, std::string message) const {
    throw Error(ErrorCode::kCheckpoint, std::move(message), {file, std::move(record), std::nullopt});
  }

  /// A member; null where it is absent.
  static const Json& member(const Json& object, const char* key) {
    static const Json null;
    const auto found = object.find(key);
    return found == object.end() ? null : *found;
  }

  bool flag(const Json& object, const char* key, bool absent, const std::string& record) const {
    const Json& value = member(object, key);
    if (value.is_null()) return absent;
    if (!value.is_boolean()) refuse(record, fmt::format("\"{}\" is neither true nor false", key));
    return value.get<bool>();
  }

  std::string type_of(const Json& object) const {
    const Json& type = member(object, "type");
    return type.is_string() ? type.get<std::string>() : "";
  }
};

void read_pre_tokenizer(const Document& document, TokenizerSpec& spec) {
  const Json& section = Document::member(document.root, "pre_tokenizer");
  if (!section.is_object() || document.type_of(section) != "ByteLevel") {
    document.refuse("pre_tokenizer",
                    fmt::format("only ByteLevel is supported, as RoBERTa has it, but it is {}",
                                printable(section.dump(), 100)));
  }
  if (!document.flag(section, "use_regex", true, "pre_tokenizer")) {
    document.refuse("pre_tokenizer",
                    "use_regex = false is not supported: RoBERTa splits text by GPT-2's pattern");
  }
  spec.add_prefix_space = document.flag(section, "add_prefix_space", true, "pre_tokenizer");
}

/// ["</s>", 2] → "</s>", after checking that 2 is its id.
std::string read_marker(const Document& document, const Json& pair, const std::string& record,
                        std::unordered_map<std::string, std::int64_t>& ids) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number_integer()) {
    document.refuse(record, fmt::format("is not a token and its id, but {}", printable(pair.dump(), 60)));
  }
  const auto token = pair[0].get<std::string>();
  ids[token] = pair[1].get<std::int64_t>();
  return token;
}

/// TemplateProcessing with a single text of the form [bos] $A [eos].
void read_template(const Document& document, const Json& section, TokenizerSpec& spec,
                   std::unordered_map<std::string, std::int64_t>& ids) {
  const Json& single = Document::member(section, "single");
  const auto token_at = [&](std::size_t i) -> std::string {
    if (!single.is_array() || single.size() != 3 || !single[i].is_object()) return "";
    const Json& special = Document::member(single[i], "SpecialToken");
    if (!special.is_object()) return "";
    const Json& id = Document::member(special, "id");
    return id.is_string() ? id.get<std::string>() : "";
  };
  const std::string bos = token_at(0), eos = token_at(2);
  if (bos.empty() || eos.empty() || !single[1].is_object() || !single[1].contains("Sequence")) {
    document.refuse("post_processor.single",
                    "only the form [bos] text [eos] is supported, as RoBERTa has it");
  }
  const Json& specials = Document::member(section, "special_tokens");
  for (const std::string& token : {bos, eos}) {
    const Json& entry = specials.is_object() ? Document::member(specials, token.c_str()) : specials;
    const Json& list = entry.is_object() ? Document::member(entry, "ids") : entry;
    if (!list.is_array() || list.size() != 1 || !list[0].is_number_integer()) {
      document.refuse("post_processor.special_tokens",
                      fmt::format("'{}' has not exactly one id", printable(token)));
    }
    ids[token] = list[0].get<std::int64_t>();
  }
  spec.bos = bos;
  spec.eos = eos;
}

void read_post_processor(const Document& document, const Json& section, TokenizerSpec& spec,
                         std::unordered_map<std::string, std::int64_t>& ids) {
  // Without one, transformers' RobertaTokenizer still adds <s> and </s>: so do we.
  if (section.is_null()) return;
  const std::string type = section.is_object() ? document.type_of(section) : "";
  if (type == "ByteLevel") return;  // moves offsets only
  if (type == "RobertaProcessing" || type == "BertProcessing") {
    spec.bos = read_marker(document, Document::member(section, "cls"), "post_processor.cls", ids);
    spec.eos = read_marker(document, Document::member(section, "sep"), "post_processor.sep", ids);
  } else if (type == "TemplateProcessing") {
    read_template(document, section, spec, ids);
  } else if (const Json& steps = section.is_object() ? Document::member(section, "processors") : section;
             type == "Sequence" && steps.is_array()) {
    for (const Json& step : steps) {
      if (step.is_object() && document.type_of(step) == "Sequence") {
        document.refuse("post_processor", "a Sequence in a Sequence is not supported");
      }
      read_post_processor(document, step, spec, ids);
    }
  } else {
    document.refuse("post_processor",
                    fmt::format("is not one that RoBERTa has: {}", printable(section.dump(), 100)));
  }
}

void read_merges(const Document& document, const Json& merges, BpeSpec& spec) {
  if (!merges.is_array()) document.refuse("model.merges", "is not an array");
  spec.merges_in_lines = false;
  spec.merges.reserve(merges.size());
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const Json& merge = merges[i];
    if (merge.is_string()) {
      const auto& text = merge.get_ref<const std::string&>();
      if (!text.starts_with("#version")) read_merge(text, i, spec);
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      spec.merges.push_back({merge[0].get<std::string>(), merge[1].get<std::string>(), i});
    } else {
      document.refuse(merge_record(spec, i), fmt::format("is neither \"a b\" nor [\"a\", \"b\"], but {}",
                                                         printable(merge.dump(), 60)));
    }
  }
}

void read_model(const Document& document, BpeSpec& spec) {
  const Json& model = Document::member(document.root, "model");
  if (!model.is_object()) document.refuse("model", "is missing, so this is no tokenizer.json");
  // Files of `tokenizers` before 0.9 do not name the type; a BPE model is known by its merges.
  const std::string type = document.type_of(model);
  if ((type.empty() && !model.contains("merges")) || (!type.empty() && type != "BPE")) {
    document.refuse("model", fmt::format("only BPE is supported, as RoBERTa has it, but the type is {}",
                                         type.empty() ? "another one" : printable(type, 40)));
  }
  if (const Json& dropout = Document::member(model, "dropout"); !dropout.is_null()) {
    if (!dropout.is_number() || dropout.get<double>() != 0.0) {
      document.refuse("model.dropout", "is not 0: the ids would be random");
    }
  }
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const Json& value = Document::member(model, key);
    if (!value.is_null() && value != "") {
      document.refuse(fmt::format("model.{}", key), "is not empty; byte-level BPE has none");
    }
  }
  if (document.flag(model, "byte_fallback", false, "model")) {
    document.refuse("model", "byte_fallback = true is not supported; byte-level BPE needs none");
  }
  if (const Json& unk = Document::member(model, "unk_token"); !unk.is_null()) {
    if (!unk.is_string()) document.refuse("model.unk_token", "is not a string");
    spec.unk_token = unk.get<std::string>();
  }
  spec.fuse_unk = document.flag(model, "fuse_unk", false, "model");
  spec.ignore_merges = document.flag(model, "ignore_merges", false, "model");
  read_vocabulary(Document::member(model, "vocab"), "model.vocab", spec);
  read_merges(document, Document::member(model, "merges"), spec);
}

/// The id that `tokenizers` gives a token that the vocabulary lacks: the next one behind all.
std::int32_t next_id(const TokenizerSpec& spec) {
  std::size_t next = spec.bpe.vocabulary.size();
  for (const AddedToken& token : spec.added_tokens)
    next = std::max(next, static_cast<std::size_t>(token.id) + 1);
  return static_cast<std::int32_t>(next);
}

void read_added_tokens(const Document& document, TokenizerSpec& spec) {
  const Json& list = Document::member(document.root, "added_tokens");
  if (list.is_null()) return;
  if (!list.is_array()) document.refuse("added_tokens", "is not an array");
  std::unordered_map<std::string_view, std::int32_t> vocabulary;
  for (const auto& [token, id] : spec.bpe.vocabulary) vocabulary.emplace(token, id);
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string record = fmt::format("added_tokens[{}]", i);
    AddedToken token = read_added_token(list[i], document.file, record);
    const auto known = vocabulary.find(token.content);
    const auto listed =
        json_member<std::int64_t>(list[i], "id", document.file, record, ErrorCode::kCheckpoint);
    const auto [before, is_new] = seen.emplace(token.content, spec.added_tokens.size());
    token.id = known != vocabulary.end() ? known->second
               : is_new                  ? next_id(spec)
                                         : spec.added_tokens[before->second].id;
    if (listed != token.id) {
      document.refuse(record, fmt::format("'{}' has the id {} here, but {} by the vocabulary",
                                          printable(token.content, 40), listed, token.id));
    }
    if (is_new) {
      spec.added_tokens.push_back(std::move(token));
    } else if (token != spec.added_tokens[before->second]) {
      document.refuse(record,
                      fmt::format("'{}' was listed before with other flags", printable(token.content, 40)));
    }
  }
}

bool has_token(const TokenizerSpec& spec, const std::string& token, std::int64_t id) {
  const auto& vocabulary = spec.bpe.vocabulary;
  return std::any_of(vocabulary.begin(), vocabulary.end(),
                     [&](const auto& entry) { return entry.first == token && entry.second == id; }) ||
         std::any_of(spec.added_tokens.begin(), spec.added_tokens.end(),
                     [&](const AddedToken& entry) { return entry.content == token && entry.id == id; });
}

}  // namespace

TokenizerSpec read_tokenizer_json(const Bytes& file) {
  const Json root = parse_json(file.text(), file.name(), ErrorCode::kCheckpoint);
  const Document document{root, file.name()};
  if (!root.is_object()) document.refuse("", "is no tokenizer.json: not an object");
  TokenizerSpec spec;
  spec.bpe.vocabulary_file = spec.bpe.merges_file = file.name();
  if (const Json& normalizer = Document::member(root, "normalizer"); !normalizer.is_null()) {
    document.refuse("normalizer", fmt::format("is not supported; RoBERTa has none, but here is {}",
                                              printable(normalizer.dump(), 100)));
  }
  read_model(document, spec.bpe);
  read_pre_tokenizer(document, spec);
  read_added_tokens(document, spec);
  std::unordered_map<std::string, std::int64_t> marker_ids;
  read_post_processor(document, Document::member(root, "post_processor"), spec, marker_ids);
  for (const auto& [token, id] : marker_ids) {
    if (!has_token(spec, token, id)) {
      document.refuse("post_processor", fmt::format("gives '{}' the id {}, but the vocabulary does not",
                                                    printable(token, 40), id));
    }
  }
  return spec;
}

}  // namespace bteval::text
