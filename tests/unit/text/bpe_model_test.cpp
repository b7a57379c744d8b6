#include "text/bpe_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "text/byte_alphabet.h"

namespace bteval::text {
namespace {

using Ids = std::vector<std::int32_t>;
using ::testing::HasSubstr;

/// a, b, c, d are 0 to 3; each merge makes the next id.
BpeSpec letters(const std::vector<std::pair<std::string, std::string>>& merges) {
  BpeSpec spec;
  spec.vocabulary_file = "vocab.json";
  spec.merges_file = "merges.txt";
  for (const char* token : {"a", "b", "c", "d"}) {
    spec.vocabulary.emplace_back(token, static_cast<std::int32_t>(spec.vocabulary.size()));
  }
  std::size_t line = 2;
  for (const auto& [left, right] : merges) {
    spec.merges.push_back({left, right, line++});
    spec.vocabulary.emplace_back(left + right, static_cast<std::int32_t>(spec.vocabulary.size()));
  }
  return spec;
}

Ids encode(const BpeModel& model, std::string_view word) {
  Ids ids;
  model.encode_word(word, ids);
  return ids;
}

std::string message_of(const BpeSpec& spec) {
  try {
    BpeModel model(spec);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
    return error.what();
  }
  return "no error";
}

TEST(BpeModel, MergesTheLowestRankFirstAndThenTheLeftmost) {
  const BpeModel model(letters({{"b", "c"}, {"a", "b"}, {"a", "a"}}));  // bc 4, ab 5, aa 6
  EXPECT_EQ(encode(model, "abc"), (Ids{0, 4}));
  EXPECT_EQ(encode(model, "ab"), (Ids{5}));
  EXPECT_EQ(encode(model, "aaa"), (Ids{6, 0}));
  EXPECT_EQ(encode(model, "aaab"), (Ids{6, 5}) /* ab before aa */);
  EXPECT_EQ(encode(model, ""), Ids{});
}

/// Byte-pair encoding in its plainest form, to check both of the model's ways against.
Ids merge_plainly(const BpeSpec& spec, Ids symbols) {
  std::map<std::string, std::int32_t> ids;
  for (const auto& [token, id] : spec.vocabulary) ids[token] = id;
  std::map<std::pair<std::int32_t, std::int32_t>, std::pair<std::size_t, std::int32_t>> merges;
  for (std::size_t rank = 0; rank < spec.merges.size(); ++rank) {
    const auto& [left, right, line] = spec.merges[rank];
    merges[{ids[left], ids[right]}] = {rank, ids[left + right]};
  }
  for (;;) {
    auto best = merges.end();
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto found = merges.find({symbols[i], symbols[i + 1]});
      if (found != merges.end() && (best == merges.end() || found->second.first < best->second.first)) {
        best = found;
        at = i;
      }
    }
    if (best == merges.end()) return symbols;
    symbols[at] = best->second.second;
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

TEST(BpeModel, ShortAndLongWordsFollowTheDefinition) {
  std::mt19937 random(11);
  for (int round = 0; round < 30; ++round) {
    BpeSpec spec = letters({});
    for (int i = 0; i < 25; ++i) {  // random merges, in an order that has nothing to do with their lengths
      const auto pick = [&] { return spec.vocabulary[random() % spec.vocabulary.size()].first; };
      const std::string left = pick(), right = pick();
      bool known = left.size() + right.size() > 12;
      for (const auto& [token, id] : spec.vocabulary) known = known || token == left + right;
      if (known) continue;
      spec.vocabulary.emplace_back(left + right, static_cast<std::int32_t>(spec.vocabulary.size()));
      spec.merges.push_back({left, right, spec.merges.size()});
    }
    std::shuffle(spec.merges.begin(), spec.merges.end(), random);
    const BpeModel model(spec);
    for (const std::size_t length : {1U, 2U, 3U, 5U, 17U, 63U, 64U, 65U, 66U, 150U, 400U}) {
      std::string word;
      Ids symbols;
      for (std::size_t i = 0; i < length; ++i) {
        symbols.push_back(static_cast<std::int32_t>(random() % (round % 3 + 2)));
        word += static_cast<char>('a' + symbols.back());
      }
      ASSERT_EQ(encode(model, word), merge_plainly(spec, symbols)) << word << ", round " << round;
    }
  }
}

TEST(BpeModel, TakesMillionCharacterWordsWithoutQuadraticTime) {
  BpeSpec spec = letters({{"a", "a"}, {"aa", "aa"}, {"aaaa", "aaaa"}, {"a", "b"}});
  const BpeModel model(spec);
  const std::clock_t start = std::clock();  // of this process, whatever else runs
  EXPECT_EQ(encode(model, std::string(1'000'000, 'a')), Ids(125'000, 6));
  std::string mixed;
  for (int i = 0; i < 500'000; ++i) mixed += "ab";
  EXPECT_EQ(encode(model, mixed), Ids(500'000, 7));
  // Quadratic time would be hours; the bound is loose because sanitizers are slow.
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 20);
}

TEST(BpeModel, BytesThatTheVocabularyLacksVanishOrBecomeUnk) {
  BpeSpec spec = letters({{"a", "b"}});
  EXPECT_EQ(encode(BpeModel(spec), "axb"), (Ids{4})) << "what is left joins, as in tokenizers";
  EXPECT_EQ(encode(BpeModel(spec), "xyz"), Ids{});
  spec.unk_token = "d";
  EXPECT_EQ(encode(BpeModel(spec), "axyb"), (Ids{0, 3, 3, 1}));
  spec.fuse_unk = true;
  EXPECT_EQ(encode(BpeModel(spec), "axybz"), (Ids{0, 3, 1, 3}));
  std::string lengthy(102, 'x');
  lengthy.front() = 'a';
  lengthy.back() = 'b';
  EXPECT_EQ(encode(BpeModel(spec), lengthy), (Ids{0, 3, 1}));
}

TEST(BpeModel, IgnoreMergesTakesWholeWordsFromTheVocabulary) {
  BpeSpec spec = letters({{"a", "b"}});
  spec.vocabulary.emplace_back("abc", 9);  // no merge makes it
  EXPECT_EQ(encode(BpeModel(spec), "abc"), (Ids{4, 2}));
  spec.ignore_merges = true;
  EXPECT_EQ(encode(BpeModel(spec), "abc"), (Ids{9}));
  EXPECT_EQ(encode(BpeModel(spec), "abcd"), (Ids{4, 2, 3}));
}

TEST(BpeModel, RefusesWhatContradictsItself) {
  BpeSpec twice = letters({});
  twice.vocabulary.emplace_back("e", 2);
  EXPECT_THAT(message_of(twice), HasSubstr("vocab.json: id 2: two tokens share it: 'c' and 'e'"));

  BpeSpec same = letters({});
  same.vocabulary.emplace_back("a", 7);
  EXPECT_THAT(message_of(same), HasSubstr("vocab.json: a: the token stands there twice"));

  BpeSpec left = letters({{"a", "b"}});
  left.merges.push_back({"z", "a", 7});
  EXPECT_THAT(message_of(left), HasSubstr("merges.txt: line 7: 'z' is not in the vocabulary"));

  BpeSpec result = letters({{"a", "b"}});
  result.merges.push_back({"a", "c", 8});
  result.merges_in_lines = false;
  EXPECT_THAT(message_of(result), HasSubstr("merges.txt: model.merges[8]: 'ac' is not in the vocabulary"));

  BpeSpec unk = letters({});
  unk.unk_token = "<unk>";
  EXPECT_THAT(message_of(unk), HasSubstr("unk_token: '<unk>' is not in the vocabulary"));
}

}  // namespace
}  // namespace bteval::text
