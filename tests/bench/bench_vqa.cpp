// Reading and scoring VQAv2 at the size of its validation split.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/json.h"
#include "datasets/vqa_json.h"
#include "metrics/vqa_accuracy.h"
#include "metrics/vqa_normalise.h"

namespace {

using namespace bteval;

constexpr int kQuestions = 200000;

// Annotations whose people mostly agree, with a vocabulary of a few thousand answers.
std::string make_annotations() {
  std::mt19937 random(1);
  std::string text = R"({"data_subtype": "val2014", "annotations": [)";
  for (int i = 0; i < kQuestions; ++i) {
    const unsigned usual = random() % 3000;
    text +=
        fmt::format(R"({}{{"question_type": "what is", "multiple_choice_answer": "answer {}", "answers": [)",
                    i == 0 ? "" : ", ", usual);
    for (int human = 1; human <= 10; ++human) {
      const unsigned said = random() % 4 == 0 ? random() % 3000 : usual;
      text += fmt::format(R"({}{{"answer": "answer {}", "answer_confidence": "yes", "answer_id": {}}})",
                          human == 1 ? "" : ", ", said, human);
    }
    text += fmt::format(R"(], "image_id": {}, "answer_type": "other", "question_id": {}}})", i / 5, i);
  }
  return text + "]}";
}

const Bytes& annotation_file() {
  static const auto file = Bytes::from_memory("annotations.json", std::string_view(make_annotations()));
  return *file;
}

void read_annotations(benchmark::State& state) {
  const Bytes& file = annotation_file();
  for (auto _ : state) benchmark::DoNotOptimize(datasets::read_vqa_annotations(file));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(annotation_file().size()));
}
BENCHMARK(read_annotations)->Unit(benchmark::kMillisecond);

struct CountingSax : Json::json_sax_t {
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return ++strings > 0; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override { return false; }
  std::int64_t strings = 0;
};

// The alternative: nlohmann/json's event parser, with handlers that do nothing.
void nlohmann_sax_alone(benchmark::State& state) {
  const std::string_view text = annotation_file().text();
  for (auto _ : state) {
    CountingSax sax;
    Json::sax_parse(text.begin(), text.end(), &sax);
    benchmark::DoNotOptimize(sax.strings);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(nlohmann_sax_alone)->Unit(benchmark::kMillisecond);

void score_all(benchmark::State& state) {
  static const auto file = datasets::read_vqa_annotations(annotation_file());
  const auto& annotations = file.annotations;
  for (auto _ : state) {
    const metrics::VqaScorer scorer(annotations, metrics::VqaVariant::kOfficial2021);
    metrics::VqaAccuracy accuracy(annotations, metrics::VqaVariant::kOfficial2021);
    for (std::size_t i = 0; i < annotations.annotations.size(); ++i) {
      const auto choice = annotations.annotations[i].multiple_choice_answer;
      accuracy.add(i, scorer.score(i, annotations.strings.text(choice)).value_or(0));
    }
    benchmark::DoNotOptimize(accuracy.value());
  }
  state.SetItemsProcessed(state.iterations() * kQuestions);
}
BENCHMARK(score_all)->Unit(benchmark::kMillisecond);

void normalise(benchmark::State& state) {
  const std::vector<std::string> answers = {"yes", "The man-made lake.", "1,000 feet", "dont know", "two"};
  for (auto _ : state) {
    for (const std::string& answer : answers) benchmark::DoNotOptimize(metrics::normalise_vqa_answer(answer));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(answers.size()));
}
BENCHMARK(normalise);

}  // namespace
