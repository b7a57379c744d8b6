#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "support/tiny_tokenizer.h"
#include "text/tokenizer.h"

namespace bteval::text {
namespace {

using bteval::testing::TinyTokenizer;
using ::testing::HasSubstr;
using Ids = std::vector<std::int32_t>;

Tokenizer from_json(const Json& document, const char* config = nullptr) {
  return Tokenizer::from_files(
      {.tokenizer_json = Bytes::from_memory("tokenizer.json", document.dump()),
       .vocab_json = nullptr,
       .merges_txt = nullptr,
       .tokenizer_config_json =
           config ? Bytes::from_memory("tokenizer_config.json", std::string_view(config)) : nullptr});
}

Tokenizer from_text(const std::string& vocab, const std::string& merges, const char* config = nullptr) {
  return Tokenizer::from_files(
      {.tokenizer_json = nullptr,
       .vocab_json = Bytes::from_memory("vocab.json", std::string_view(vocab)),
       .merges_txt = Bytes::from_memory("merges.txt", std::string_view(merges)),
       .tokenizer_config_json =
           config ? Bytes::from_memory("tokenizer_config.json", std::string_view(config)) : nullptr});
}

/// The message of the kCheckpoint error that `action` throws.
std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCheckpoint) << error.what();
    return error.what();
  }
  return "no error";
}

struct Change {
  const char* pointer;  ///< JSON pointer of what is changed
  Json value;
  const char* message;
};

TEST(TokenizerJson, RefusesOtherKindsWithTheReason) {
  const Json sound = TinyTokenizer().tokenizer_json();
  const std::vector<Change> changes = {
      {"/normalizer", {{"type", "NFC"}}, "tokenizer.json: normalizer: is not supported"},
      {"/pre_tokenizer", nullptr, "pre_tokenizer: only ByteLevel is supported"},
      {"/pre_tokenizer/type", "Whitespace", "pre_tokenizer: only ByteLevel is supported"},
      {"/pre_tokenizer/use_regex", false, "use_regex = false is not supported"},
      {"/pre_tokenizer/add_prefix_space", 1, "\"add_prefix_space\" is neither true nor false"},
      {"/model", nullptr, "model: is missing"},
      {"/model/type", "WordPiece", "only BPE is supported, as RoBERTa has it, but the type is WordPiece"},
      {"/model/dropout", 0.1, "model.dropout: is not 0"},
      {"/model/continuing_subword_prefix", "##", "model.continuing_subword_prefix: is not empty"},
      {"/model/end_of_word_suffix", "</w>", "model.end_of_word_suffix: is not empty"},
      {"/model/byte_fallback", true, "byte_fallback = true is not supported"},
      {"/model/unk_token", 3, "model.unk_token: is not a string"},
      {"/model/unk_token", "<none>", "'<none>' is not in the vocabulary"},
      {"/model/vocab", Json::array(), "model.vocab: is no vocabulary"},
      {"/model/vocab", Json::object(), "model.vocab: the vocabulary is empty"},
      {"/model/vocab/!", -1, "model.vocab: token '!': its id is -1"},
      {"/model/vocab/!", 1.5, "model.vocab: token '!': its id is 1.5"},
      {"/model/vocab/!", 4294967296, "its id is 4294967296"},
      {"/model/vocab/!", 5, "id 5: two tokens share it"},
      {"/model/merges", "a b", "model.merges: is not an array"},
      {"/model/merges/3", "abc", "model.merges[3]: is no merge: 'abc'"},
      {"/model/merges/3", "a b c", "model.merges[3]: is no merge: 'a b c'"},
      {"/model/merges/3", Json::array({"a"}), "model.merges[3]: is neither"},
      {"/model/merges/3", Json::array({"qq", "a"}), "model.merges[3]: 'qq' is not in the vocabulary"},
      {"/added_tokens", 1, "added_tokens: is not an array"},
      {"/added_tokens/4/id", 77, "added_tokens[4]: '<mask>' has the id 77 here, but 4 by the vocabulary"},
      {"/added_tokens/4/id", "4", "added_tokens[4]: \"id\" has the wrong type"},
      {"/added_tokens/4/lstrip", "yes", "added_tokens[4]: \"lstrip\" has the wrong type"},
      {"/added_tokens/4", 4, "added_tokens[4]: has no \"content\""},
      {"/post_processor", {{"type", "Whatever"}}, "post_processor: is not one that RoBERTa has"},
      {"/post_processor/sep", Json::array({"</s>", 9}), "gives '</s>' the id 9, but the vocabulary does not"},
      {"/post_processor/cls", "<s>", "post_processor.cls: is not a token and its id"},
  };
  for (const Change& change : changes) {
    Json document = sound;
    document[Json::json_pointer(change.pointer)] = change.value;
    EXPECT_THAT(refusal([&] { from_json(document); }), HasSubstr(change.message)) << change.pointer;
  }
  EXPECT_NO_THROW(from_json(sound));
}

TEST(TokenizerJson, TakesMergesAsStringsAndModelsWithoutAType) {
  const TinyTokenizer tiny;
  Json document = tiny.tokenizer_json();
  for (Json& merge : document["model"]["merges"])
    merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
  document["model"].erase("type");
  EXPECT_EQ(from_json(document).encode("hello world").ids, (Ids{0, tiny.id("hello"), tiny.id("Ġworld"), 2}));
  document["model"].erase("merges");
  EXPECT_THAT(refusal([&] { from_json(document); }), HasSubstr("only BPE is supported"));
}

TEST(TokenizerJson, ReadsTheMarkersFromEveryKindOfPostProcessor) {
  const TinyTokenizer tiny;
  Json document = tiny.tokenizer_json();
  const auto special = [](const char* id) { return Json{{"SpecialToken", {{"id", id}, {"type_id", 0}}}}; };
  const Json single =
      Json::array({special("<unk>"), Json{{"Sequence", {{"id", "A"}, {"type_id", 0}}}}, special("<pad>")});
  const Json ids = {{"<unk>", {{"id", "<unk>"}, {"ids", {3}}}}, {"<pad>", {{"id", "<pad>"}, {"ids", {1}}}}};
  const Json template_processing = {
      {"type", "TemplateProcessing"}, {"single", single}, {"special_tokens", ids}};
  document["post_processor"] = template_processing;
  EXPECT_EQ(from_json(document).encode("a").ids, (Ids{3, tiny.id("a"), 1}));
  document["post_processor"] = {{"type", "Sequence"},
                                {"processors", {{{"type", "ByteLevel"}}, template_processing}}};
  EXPECT_EQ(from_json(document).encode("a").ids, (Ids{3, tiny.id("a"), 1}));
  for (const Json& none : {Json(), Json{{"type", "ByteLevel"}}}) {
    document["post_processor"] = none;
    EXPECT_EQ(from_json(document).encode("a").ids, (Ids{0, tiny.id("a"), 2})) << none;
  }
  document["post_processor"] = template_processing;
  document["post_processor"]["single"].erase(2);
  EXPECT_THAT(refusal([&] { from_json(document); }), HasSubstr("only the form [bos] text [eos]"));
  document["post_processor"]["single"] = single;
  document["post_processor"]["special_tokens"]["<pad>"]["ids"] = {1, 2};
  EXPECT_THAT(refusal([&] { from_json(document); }), HasSubstr("'<pad>' has not exactly one id"));
}

TEST(TokenizerJson, GivesNewAddedTokensTheNextIds) {
  const TinyTokenizer tiny;
  Json document = tiny.tokenizer_json();
  const auto next = static_cast<int>(tiny.vocabulary.size());
  document["added_tokens"].push_back({{"id", next}, {"content", "[new]"}});
  document["added_tokens"].push_back({{"id", next + 1}, {"content", "[newer]"}});
  const Tokenizer tokenizer = from_json(document);
  EXPECT_EQ(tokenizer.encode("[newer][new]").ids, (Ids{0, next + 1, next, 2}));
  EXPECT_EQ(tokenizer.vocab_size(), tiny.vocabulary.size() + 2);
  EXPECT_EQ(tokenizer.decode(Ids{next}), "[new]");
  document["added_tokens"].push_back({{"id", next}, {"content", "[new]"}, {"lstrip", true}});
  EXPECT_THAT(refusal([&] { from_json(document); }), HasSubstr("'[new]' was listed before with other flags"));
}

TEST(TokenizerJson, RefusesFilesThatAreSomethingElse) {
  const auto load = [](std::string_view text) {
    return refusal([&] {
      Tokenizer::from_files({.tokenizer_json = Bytes::from_memory("t.json", text),
                             .vocab_json = nullptr,
                             .merges_txt = nullptr,
                             .tokenizer_config_json = nullptr});
    });
  };
  EXPECT_THAT(load(""), HasSubstr("t.json: the file is empty"));
  EXPECT_THAT(load("version https://git-lfs.github.com/spec/v1\noid"), HasSubstr("Git LFS pointer"));
  EXPECT_THAT(load("[1, 2]"), HasSubstr("t.json: is no tokenizer.json"));
  EXPECT_THAT(load("{\"model\": {"), HasSubstr("t.json: at byte "));
}

TEST(VocabularyFiles, NamesTheLineThatIsWrong) {
  const TinyTokenizer tiny;
  const std::string vocab = tiny.vocab_json();
  const auto with = [&](const std::string& merges) { return refusal([&] { from_text(vocab, merges); }); };
  EXPECT_THAT(with("#version: 0.2\nh e\nl  l\n"), HasSubstr("merges.txt: line 3: is no merge: 'l  l'"));
  EXPECT_THAT(with("h e\nhe\n"), HasSubstr("merges.txt: line 2: is no merge: 'he'"));
  EXPECT_THAT(with("h e\n\nl l\n"), HasSubstr("merges.txt: line 2: is no merge: ''"));
  EXPECT_THAT(with("h e\nh i\n"), HasSubstr("merges.txt: line 2: 'hi' is not in the vocabulary"));
  EXPECT_THAT(with("h \xff\n"), HasSubstr("merges.txt: at byte 2: is not valid UTF-8"));
  EXPECT_THAT(with("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("Git LFS pointer"));
  EXPECT_EQ(from_text(vocab, "#version: 0.2\r\nh e\r\n\r\n").encode("he").ids, (Ids{0, tiny.id("he"), 2}));
  EXPECT_EQ(from_text(vocab, "").encode("he").ids, (Ids{0, tiny.id("h"), tiny.id("e"), 2}));
}

TEST(VocabularyFiles, NeedTheSpecialTokens) {
  for (const char* special : {"<s>", "</s>", "<pad>"}) {
    TinyTokenizer tiny;
    tiny.vocabulary.erase(special);
    EXPECT_THAT(refusal([&] { from_text(tiny.vocab_json(), tiny.merges_txt()); }),
                HasSubstr(fmt::format("vocab.json: the vocabulary has no '{}'", special)));
  }
  TinyTokenizer tiny;
  tiny.vocabulary.erase("<mask>");
  EXPECT_EQ(from_text(tiny.vocab_json(), tiny.merges_txt()).mask_id(), -1);
}

TEST(TokenizerConfig, OverrulesPrefixSpaceAndFlags) {
  const TinyTokenizer tiny;
  const std::string vocab = tiny.vocab_json(), merges = tiny.merges_txt();
  EXPECT_EQ(from_text(vocab, merges, R"({"add_prefix_space": true})").encode("world").ids,
            (Ids{0, tiny.id("Ġworld"), 2}));
  EXPECT_EQ(from_text(vocab, merges, R"({"add_prefix_space": null})").encode("<pad>").ids, (Ids{0, 1, 2}));
  const char* plain_mask = R"({"added_tokens_decoder": {"4": {"content": "<mask>"}, "5": {"content": "Ā"}}})";
  EXPECT_EQ(from_text(vocab, merges, plain_mask).encode("a <mask>Ā").ids,
            (Ids{0, tiny.id("a"), tiny.id("Ġ"), 4, 5, 2}));
  EXPECT_THAT(
      refusal([&] { from_text(vocab, merges, R"({"added_tokens_decoder": {"7": {"content": "<mask>"}}})"); }),
      HasSubstr("tokenizer_config.json: added_tokens_decoder[7]: the vocabulary does not have '<mask>' under "
                "this id"));
  EXPECT_THAT(refusal([&] { from_text(vocab, merges, R"({"add_prefix_space": "no"})"); }),
              HasSubstr("tokenizer_config.json: \"add_prefix_space\" has the wrong type"));
  EXPECT_THAT(refusal([&] { from_text(vocab, merges, "[]"); }),
              HasSubstr("tokenizer_config.json: is not an object"));
}

}  // namespace
}  // namespace bteval::text
