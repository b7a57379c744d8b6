#include "text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "support/test_paths.h"
#include "support/tiny_tokenizer.h"

namespace bteval::text {
namespace {

using bteval::testing::TempDir;
using bteval::testing::TinyTokenizer;
using ::testing::HasSubstr;
using Ids = std::vector<std::int32_t>;

Tokenizer from_vocab(const TinyTokenizer& tiny) {
  return Tokenizer::from_files({.tokenizer_json = nullptr,
                                .vocab_json = Bytes::from_memory("vocab.json", tiny.vocab_json()),
                                .merges_txt = Bytes::from_memory("merges.txt", tiny.merges_txt()),
                                .tokenizer_config_json = nullptr});
}

void write(const std::filesystem::path& path, const std::string& content) { std::ofstream(path) << content; }

Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::kInternal, "no error");
}

TEST(Tokenizer, EncodesWordsBetweenItsMarkers) {
  const TinyTokenizer tiny;
  const Tokenizer tokenizer = from_vocab(tiny);
  EXPECT_EQ(tokenizer.encode("hello world").ids, (Ids{0, tiny.id("hello"), tiny.id("Ġworld"), 2}));
  EXPECT_EQ(tokenizer.encode("").ids, (Ids{0, 2}));
  EXPECT_EQ(tokenizer.encode("é").ids, (Ids{0, tiny.id("Ã©"), 2}));
  EXPECT_EQ(tokenizer.encode("a <mask> a").ids, (Ids{0, tiny.id("a"), 4, tiny.id("Ġ"), tiny.id("a"), 2}));
  EXPECT_EQ(tokenizer.encode("<s></s><pad><unk>").ids, (Ids{0, 0, 2, 1, 3, 2}));
  EXPECT_FALSE(tokenizer.encode("hello").truncated);
  EXPECT_EQ(tokenizer.bos_id(), 0);
  EXPECT_EQ(tokenizer.pad_id(), 1);
  EXPECT_EQ(tokenizer.eos_id(), 2);
  EXPECT_EQ(tokenizer.mask_id(), 4);
  EXPECT_EQ(tokenizer.vocab_size(), tiny.vocabulary.size());
}

TEST(Tokenizer, TruncatesBeforeTheLastMarker) {
  const TinyTokenizer tiny;
  const Tokenizer tokenizer = from_vocab(tiny);
  const std::int32_t hello = tiny.id("hello"), world = tiny.id("Ġworld");
  const Encoding whole = tokenizer.encode("hello world", 4);
  EXPECT_EQ(whole.ids, (Ids{0, hello, world, 2}));
  EXPECT_FALSE(whole.truncated);
  const Encoding cut = tokenizer.encode("hello world", 3);
  EXPECT_EQ(cut.ids, (Ids{0, hello, 2}));
  EXPECT_TRUE(cut.truncated);
  EXPECT_EQ(tokenizer.encode("hello world", 2).ids, (Ids{0, 2}));
  EXPECT_FALSE(tokenizer.encode("", 2).truncated);
  EXPECT_EQ(error_of([&] { tokenizer.encode("hello", 1); }).code(), ErrorCode::kUsage);
}

TEST(Tokenizer, RefusesInvalidUtf8WithItsOffset) {
  const Tokenizer tokenizer = from_vocab(TinyTokenizer());
  for (const auto& [text, offset] : std::vector<std::pair<std::string, std::uint64_t>>{
           {"ab\xff", 2}, {"\xc3", 0}, {"é\xed\xa0\x80", 2}, {std::string(100, 'x') + "\xf0\x9f\x98", 100}}) {
    const Error error = error_of([&, &text = text] { tokenizer.encode(text); });
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_EQ(error.context().offset, offset) << printable(text);
    EXPECT_THAT(error.what(), HasSubstr("not valid UTF-8"));
  }
}

TEST(Tokenizer, DecodesToTheBytesThatWereEncoded) {
  const Tokenizer tokenizer = from_vocab(TinyTokenizer());
  std::string text = "hello  wörld\n\t日本 😀 <s> ";
  text += '\0';
  text += '!';
  Ids ids;
  tokenizer.encode_ordinary(text, ids);
  EXPECT_EQ(tokenizer.decode(ids), text);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("he").ids), "<s>he</s>");
  EXPECT_EQ(error_of([&] { tokenizer.decode(Ids{99999}); }).code(), ErrorCode::kData);
}

TEST(Tokenizer, BothKindsOfFilesGiveTheSameIds) {
  const TinyTokenizer tiny;
  const Tokenizer vocab = from_vocab(tiny);
  const Tokenizer json = Tokenizer::from_files(
      {.tokenizer_json = Bytes::from_memory("tokenizer.json", tiny.tokenizer_json().dump()),
       .vocab_json = nullptr,
       .merges_txt = nullptr,
       .tokenizer_config_json = nullptr});
  for (const char* text : {"hello world", "aaaaa <mask>!", " \u3000<mask>", "it's 12 é日"}) {
    EXPECT_EQ(vocab.encode(text).ids, json.encode(text).ids) << text;
  }
  EXPECT_NE(vocab.sha256(), json.sha256());
  EXPECT_EQ(vocab.sha256(), from_vocab(tiny).sha256());
  EXPECT_EQ(vocab.sha256().size(), 64U);
}

TEST(Tokenizer, LoadsAFolderAndPrefersTokenizerJson) {
  const TempDir dir;
  const TinyTokenizer tiny;
  write(dir.path() / "vocab.json", tiny.vocab_json());
  write(dir.path() / "merges.txt", tiny.merges_txt());
  EXPECT_EQ(Tokenizer::load(dir.path()).sha256(), from_vocab(tiny).sha256());

  Json prefixed = tiny.tokenizer_json();
  prefixed["pre_tokenizer"]["add_prefix_space"] = true;
  write(dir.path() / "tokenizer.json", prefixed.dump());
  EXPECT_EQ(Tokenizer::load(dir.path()).encode("world").ids, (Ids{0, tiny.id("Ġworld"), 2}));

  write(dir.path() / "tokenizer_config.json", R"({"add_prefix_space": false, "model_max_length": 512})");
  const Tokenizer overruled = Tokenizer::load(dir.path());
  EXPECT_EQ(overruled.encode("world").ids.size(), 5U);  // w, or, ld between the markers
}

TEST(Tokenizer, SaysWhichFileAFolderLacks) {
  const TempDir dir;
  EXPECT_THAT(error_of([&] { Tokenizer::load(dir.path() / "absent"); }).what(),
              HasSubstr("absent: is no folder"));
  EXPECT_THAT(error_of([&] { Tokenizer::load(dir.path()); }).what(),
              HasSubstr("holds no tokenizer.json, and neither vocab.json nor merges.txt"));
  write(dir.path() / "vocab.json", "{}");
  const Error error = error_of([&] { Tokenizer::load(dir.path()); });
  EXPECT_THAT(error.what(), HasSubstr("vocab.json without merges.txt"));
  EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
}

TEST(Tokenizer, ServesManyThreads) {
  const Tokenizer tokenizer = from_vocab(TinyTokenizer());
  std::string text = "hello world <mask> é ";
  text.append(300, 'a');
  const Ids expected = tokenizer.encode(text).ids;
  std::vector<int> wrong(4, 0);
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) count += tokenizer.encode(text).ids != expected;
      });
    }
  }
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace bteval::text
