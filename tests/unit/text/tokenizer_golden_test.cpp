// Ids against those of Hugging Face `tokenizers`: committed small vocabularies, and roberta-base where the
// real data is there.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/hash.h"
#include "core/json.h"
#include "support/test_paths.h"
#include "text/bpe_model.h"
#include "text/tokenizer.h"

namespace bteval::text {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;

TEST(TokenizerGolden, SmallTokenizersOfEveryKindGiveTheIdsOfTokenizers) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(bteval::testing::golden_data("text"))) {
    const std::string name = entry.path().filename().string();
    const Json golden = read_json(entry.path());
    const Tokenizer tokenizer =
        Tokenizer::from_files({.tokenizer_json = Bytes::from_memory(name, golden.at("tokenizer").dump()),
                               .vocab_json = nullptr,
                               .merges_txt = nullptr,
                               .tokenizer_config_json = nullptr});
    for (const Json& c : golden.at("cases")) {
      const auto text = c.at("text").get<std::string>();
      EXPECT_EQ(tokenizer.encode(text).ids, c.at("ids").get<Ids>())
          << name << ": " << c.at("text").dump(-1, ' ', true);
    }
    EXPECT_GE(golden.at("cases").size(), 100U) << name;
    ++files;
  }
  EXPECT_EQ(files, 10);
}

TEST(TokenizerRealData, RobertaCasesOfTwoOtherProjects) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const Tokenizer tokenizer = Tokenizer::load(data / "tokenizer/roberta-base");
  EXPECT_EQ(tokenizer.vocab_size(), 50265U);
  EXPECT_EQ(tokenizer.mask_id(), 50264);
  const Json transformers_js = read_json(data / "tokenizer/tests/roberta_expected.json");
  EXPECT_EQ(transformers_js.size(), 11U);
  for (const auto& [name, c] : transformers_js.items()) {
    const Ids ids = tokenizer.encode(c.at("text").get<std::string>()).ids;
    EXPECT_EQ(ids, c.at("ids").get<Ids>()) << name;
    EXPECT_EQ(tokenizer.decode(ids), c.at("decoded").get<std::string>()) << name;
  }
  const Json llama_cpp = read_json(data / "tokenizer/llama.cpp/roberta-bpe_cases.json");
  EXPECT_EQ(llama_cpp.size(), 46U);
  for (const Json& c : llama_cpp) {
    Ids ids;
    tokenizer.encode_ordinary(c.at("text").get<std::string>(), ids);
    EXPECT_EQ(ids, c.at("ids").get<Ids>()) << c.at("text");
  }
}

TEST(TokenizerRealData, Gpt2CasesOfTwoOtherProjects) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const BpeModel model(read_vocabulary_and_merges(*Bytes::map_file(data / "tokenizer/gpt2_bpe/encoder.json"),
                                                  *Bytes::map_file(data / "tokenizer/gpt2_bpe/vocab.bpe")));
  std::vector<Json> cases;
  for (const Json& c : read_json(data / "tokenizer/tests/gpt2_expected.json")) cases.push_back(c);
  for (const Json& c : read_json(data / "tokenizer/llama.cpp/gpt-2_cases.json")) cases.push_back(c);
  EXPECT_EQ(cases.size(), 26U + 44U);
  for (const Json& c : cases) {
    Ids ids;
    encode_plain_text(model, c.at("text").get_ref<const std::string&>(), ids);
    EXPECT_EQ(ids, c.at("ids").get<Ids>()) << c.at("text");
  }
}

/// sha256 of the ids, one text a line, as tools/parity/tokens.py prints it for `tokenizers`.
std::string digest(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  Sha256 hash;
  for (const std::string& text : texts) {
    const Ids ids = tokenizer.encode(text).ids;
    std::string line;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i > 0) line += ' ';
      line += std::to_string(ids[i]);
    }
    hash.update(line + "\n");
  }
  return hash.finish();
}

TEST(TokenizerRealData, AllCaptionsAndQuestionsGiveTheIdsOfTokenizers) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const Tokenizer tokenizer = Tokenizer::load(data / "tokenizer/roberta-base");
  std::vector<std::string> captions;
  for (const Json& image : read_json(data / "coco/coco_karpathy_test.json")) {
    for (const Json& caption : image.at("caption")) captions.push_back(caption.get<std::string>());
  }
  EXPECT_EQ(captions.size(), 25010U);
  EXPECT_EQ(digest(tokenizer, captions), "d41a3e6366775faf501cb9ac16f8c818aba11919d2982374fbe0fc5426952bd7");
  std::vector<std::string> questions;
  for (const auto& entry : fs::directory_iterator(data / "vqa/vqav2_subset")) {
    if (entry.path().filename().string().find("uestions") == std::string::npos) continue;
    const Json file = read_json(entry.path());
    for (const Json& question : file.at("questions"))
      questions.push_back(question.at("question").get<std::string>());
  }
  EXPECT_EQ(questions.size(), 8977U);
  EXPECT_EQ(digest(tokenizer, questions), "6bbff59c23f3e33698d7d80f14431fdf5673489f911e020a3223a2f26b32648c");
}

}  // namespace
}  // namespace bteval::text
