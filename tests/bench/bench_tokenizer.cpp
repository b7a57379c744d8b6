// Speed of the tokenizer, on roberta-base and real texts where they are, else on the committed small one.
#include <benchmark/benchmark.h>

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "support/test_paths.h"
#include "text/tokenizer.h"

namespace {

using bteval::Bytes;
using bteval::Json;
using bteval::text::Tokenizer;
using bteval::text::TokenizerFiles;

TokenizerFiles files() {
  TokenizerFiles found;
  if (const auto data = bteval::testing::test_data_dir()) {
    found.tokenizer_json = Bytes::map_file(*data / "tokenizer/roberta-base/tokenizer.json");
  } else {
    const Json golden = bteval::read_json(bteval::testing::golden_data("text/roberta.json"));
    found.tokenizer_json =
        Bytes::from_memory("roberta.json", std::string_view(golden.at("tokenizer").dump()));
  }
  return found;
}

const Tokenizer& tokenizer() {
  static const Tokenizer made = Tokenizer::from_files(files());
  return made;
}

std::vector<std::string> captions() {
  std::vector<std::string> texts;
  if (const auto data = bteval::testing::test_data_dir()) {
    const Json images = bteval::read_json(*data / "coco/coco_karpathy_test.json");
    for (const Json& image : images) {
      for (const Json& caption : image.at("caption")) texts.push_back(caption.get<std::string>());
    }
  } else {
    texts.assign(1000, "how many red circles are there left of the small blue star?");
  }
  return texts;
}

std::vector<std::string> unicode_texts() {
  std::vector<std::string> texts;
  const Json golden = bteval::read_json(bteval::testing::golden_data("text/roberta.json"));
  for (const Json& c : golden.at("cases")) texts.push_back(c.at("text").get<std::string>());
  return texts;
}

void encode_all(benchmark::State& state, const std::vector<std::string>& texts) {
  std::size_t ids = 0, bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  for (auto _ : state) {
    for (const std::string& text : texts) ids += tokenizer().encode(text, 50).ids.size();
  }
  benchmark::DoNotOptimize(ids);
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
  state.SetItemsProcessed(static_cast<std::int64_t>(texts.size()) * state.iterations());
}

void BM_Captions(benchmark::State& state) {
  static const std::vector<std::string> texts = captions();
  encode_all(state, texts);
}
BENCHMARK(BM_Captions);

void BM_RandomUnicode(benchmark::State& state) {
  static const std::vector<std::string> texts = unicode_texts();
  encode_all(state, texts);
}
BENCHMARK(BM_RandomUnicode);

/// One word without a space: time must grow as n log n.
void BM_OneLongWord(benchmark::State& state) {
  std::string word;
  for (std::int64_t i = 0; i < state.range(0); ++i) word += static_cast<char>('a' + (i * i + i / 7) % 26);
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer().encode(word));
  state.SetBytesProcessed(state.range(0) * state.iterations());
  state.SetComplexityN(state.range(0));
}
BENCHMARK(BM_OneLongWord)->RangeMultiplier(10)->Range(10, 1'000'000)->Complexity(benchmark::oNLogN);

void BM_Load(benchmark::State& state) {
  const TokenizerFiles loaded = files();
  for (auto _ : state) benchmark::DoNotOptimize(Tokenizer::from_files(loaded));
}
BENCHMARK(BM_Load)->Unit(benchmark::kMillisecond);

}  // namespace
