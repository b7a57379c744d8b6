#include "support/tiny_tokenizer.h"

#include "core/utf8.h"

namespace bteval::testing {
namespace {

/// GPT-2's stand-in for a byte, written down a second time so that the tests do not depend on the code they
/// test.
std::string stand_in(unsigned byte) {
  static const auto table = [] {
    std::vector<char32_t> characters(256);
    char32_t next = 256;
    for (unsigned b = 0; b < 256; ++b) {
      const bool printable = (b > 32 && b < 127) || (b > 160 && b != 173);
      characters[b] = printable ? static_cast<char32_t>(b) : next++;
    }
    return characters;
  }();
  std::string text;
  utf8_append(text, table[byte]);
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> TinyTokenizer::default_merges() {
  return {{"h", "e"},   {"l", "l"}, {"he", "ll"},   {"hell", "o"}, {"Ġ", "w"},   {"o", "r"},
          {"Ġw", "or"}, {"l", "d"}, {"Ġwor", "ld"}, {"a", "a"},    {"aa", "aa"}, {"Ã", "©"}};
}

TinyTokenizer::TinyTokenizer(std::vector<std::pair<std::string, std::string>> merge_list)
    : vocabulary(Json::object()), merges(std::move(merge_list)) {
  int next = 0;
  for (const char* special : {"<s>", "<pad>", "</s>", "<unk>", "<mask>"}) vocabulary[special] = next++;
  for (unsigned byte = 0; byte < 256; ++byte) vocabulary[stand_in(byte)] = next++;
  for (const auto& [left, right] : merges) {
    if (!vocabulary.contains(left + right)) vocabulary[left + right] = next++;
  }
}

std::string TinyTokenizer::merges_txt() const {
  std::string text = "#version: 0.2\n";
  for (const auto& [left, right] : merges) text += left + " " + right + "\n";
  return text;
}

Json TinyTokenizer::tokenizer_json() const {
  Json added = Json::array();
  for (const char* content : {"<s>", "<pad>", "</s>", "<unk>", "<mask>"}) {
    added.push_back({{"id", vocabulary.at(content)},
                     {"content", content},
                     {"single_word", false},
                     {"lstrip", std::string(content) == "<mask>"},
                     {"rstrip", false},
                     {"normalized", true},
                     {"special", true}});
  }
  Json pairs = Json::array();
  for (const auto& [left, right] : merges) pairs.push_back(Json::array({left, right}));
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", added},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}}},
          {"post_processor",
           {{"type", "RobertaProcessing"},
            {"sep", Json::array({"</s>", vocabulary.at("</s>")})},
            {"cls", Json::array({"<s>", vocabulary.at("<s>")})},
            {"trim_offsets", true},
            {"add_prefix_space", false}}},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model",
           {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", nullptr},
            {"continuing_subword_prefix", ""},
            {"end_of_word_suffix", ""},
            {"fuse_unk", false},
            {"vocab", vocabulary},
            {"merges", pairs}}}};
}

}  // namespace bteval::testing
