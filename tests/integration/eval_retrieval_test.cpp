// Whole retrieval evaluations of a tiny random model against one that computes every pair by itself.
#include "tasks/eval.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "checkpoint/safetensors.h"
#include "core/bytes.h"
#include "core/file.h"
#include "core/json.h"
#include "datasets/retrieval.h"
#include "engine/retrieval_inputs.h"
#include "model/torch_compat.h"
#include "support/bmp_image.h"
#include "support/test_paths.h"
#include "support/tiny_tokenizer.h"
#include "tasks/probe_forward.h"
#include "tasks/score_retrieval.h"
#include "unit/model/tiny_model.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TempDir;

constexpr std::uint32_t kImages = 11, kCandidates = 4;
constexpr double kTolerance = 2e-5;

testing::TinyShape shape() {
  testing::TinyShape tiny;
  tiny.vocab = 300;
  tiny.positions = 48;
  return tiny;
}

at::Tensor random_matrix(std::int64_t rows, std::int64_t columns, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0F, 0.5F);
  at::Tensor matrix = at::empty({rows, columns});
  for (std::int64_t i = 0; i < matrix.numel(); ++i) matrix.data_ptr<float>()[i] = normal(random);
  return matrix;
}

/// A model folder; `without`: names of tensors that are left out start like this.
void write_model(const fs::path& folder, model::Family family, const std::string& without = "-") {
  auto parameters = testing::tiny_parameters(shape());
  const std::int64_t columns = family == model::Family::kHuggingFace ? shape().hidden : shape().vision_width;
  parameters["itc_image_head.fc.weight"] = random_matrix(shape().itc, columns, 11);
  parameters["itc_image_head.fc.bias"] = at::zeros({shape().itc});
  std::erase_if(parameters, [&](const auto& entry) { return entry.first.starts_with(without); });
  const auto checkpoint = testing::make_checkpoint(family, parameters, shape());
  fs::create_directories(folder);
  checkpoint::write_safetensors(folder / "model.safetensors", checkpoint.tensors);
  write_file_atomic(folder / "config.json", checkpoint.config->dump());
  const testing::TinyTokenizer tokenizer;
  write_file_atomic(folder / "vocab.json", tokenizer.vocab_json());
  write_file_atomic(folder / "merges.txt", tokenizer.merges_txt());
}

/// Two or three captions an image, of different lengths; one caption stands under two images, one twice under
/// the same one.
void write_data(const fs::path& root) {
  fs::create_directories(root / "flickr30k-images");
  Json images = Json::array();
  std::mt19937 random(5);
  for (std::uint32_t i = 0; i < kImages; ++i) {
    const std::string name = fmt::format("{}.jpg", 1000 + i);
    testing::write_random_bmp(root / "flickr30k-images" / name, 15 + static_cast<int>(i % 3), 14, i);
    Json sentences = Json::array();
    for (std::uint32_t s = 0; s < 2 + i % 2; ++s) {
      std::string text;
      for (std::uint32_t word = 0; word <= random() % 5; ++word)
        text += fmt::format("{}{}", word == 0 ? "" : " ", random() % 2 == 0 ? "hello" : "a d\n");
      if (i >= 9 && s == 0) text = "hello world";
      if (i == 3) text = "the same twice";
      sentences.push_back({{"raw", text}, {"sentid", 10 * i + s}, {"imgid", i}, {"tokens", Json::array()}});
    }
    images.push_back({{"filename", name}, {"imgid", i}, {"split", "test"}, {"sentences", sentences}});
  }
  write_file_atomic(root / "dataset_flickr30k.json", Json{{"images", images}}.dump());
}

class EvalRetrieval : public ::testing::Test {
 protected:
  void SetUp() override {
    write_data(dir.path() / "data");
    write_model(dir.path() / "official", model::Family::kOfficial);
    options.task = "flickr30k";
    options.model = dir.path() / "official";
    options.data = dir.path() / "data";
    options.split = "test";
    options.image_size_px = 12;
    options.max_length = 20;
    options.quiet = true;
    options.engine.device = "cpu";
    options.engine.threads = options.engine.loader_threads = 1;
    options.engine.pairs_per_batch = 4;
    options.engine.plan.images_per_unit = 3;
    options.retrieval.engine.images_per_batch = 2;
    options.retrieval.top_k = kCandidates;
  }

  fs::path run(const std::string& name, const std::string& protocol = "itm") {
    options.out = dir.path() / name;
    options.retrieval.protocol = protocol;
    result = evaluate(options);
    return options.out;
  }
  std::string error_of(const std::string& protocol, ErrorCode code) {
    try {
      run("refused", protocol);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return "";
  }

  TempDir dir;
  EvalOptions options;
  std::optional<EvalResult> result;
};

/// Every image and every caption for itself, every pair for itself.
struct BruteForce {
  at::Tensor sims, itm, rank;  ///< [images, captions]
  std::vector<std::uint32_t> image_of;

  explicit BruteForce(const EvalOptions& options) {
    datasets::RetrievalOptions data_options;
    data_options.root = options.data;
    const auto data = datasets::open_retrieval(data_options);
    image_of = datasets::image_of_captions(data.samples);
    const auto tokenizer = text::Tokenizer::load(options.model);
    const auto tokens = engine::tokenise_captions(data.samples, tokenizer, options.max_length);
    const engine::FileImages files(data.samples.images, {image::Transform::kSquare, 12, {}});
    const auto checkpoint = checkpoint::open_checkpoint(options.model);
    const auto tower = model::BridgeTower::load(checkpoint, model::resolve_config(checkpoint), {});
    const auto texts = static_cast<std::int64_t>(tokens.size());
    sims = at::empty({kImages, texts});
    itm = at::empty({kImages, texts});
    rank = at::empty({kImages, texts});
    for (std::int64_t i = 0; i < kImages; ++i) {
      at::Tensor pixels = at::empty({1, 3, 12, 12});
      files.load(static_cast<std::uint32_t>(i), {pixels.data_ptr<float>(), 3 * 12 * 12});
      const auto image = tower.encode_image(pixels);
      for (std::int64_t t = 0; t < texts; ++t) {
        const auto ids = tokens[static_cast<std::size_t>(t)];
        const at::Tensor row =
            at::tensor(std::vector<std::int64_t>(ids.begin(), ids.end()), at::kLong).unsqueeze(0);
        const auto text = tower.encode_text(row, at::ones_like(row));
        const at::Tensor cls = tower.fuse(text, image).cls;
        if (tower.has_head(model::Head::kItcText))
          sims[i][t] = tower.itc_image(image).mul(tower.itc_text(text)).sum();
        itm[i][t] = tower.itm_logits(cls)[0][1];
        rank[i][t] = tower.rank_score(cls)[0][0];
      }
    }
  }

  /// Chosen by one direction's similarities: 1 where a pair is a candidate.
  at::Tensor candidates(std::int64_t dim) const {
    const at::Tensor order = std::get<1>(at::sort(sims, /*stable=*/true, dim, /*descending=*/true));
    const at::Tensor top = order.narrow(dim, 0, kCandidates);
    return at::zeros_like(sims).scatter_(dim, top, 1.0);
  }

  /// Recall at 1, 5 and 10 of both directions in percent, ties by index.
  std::map<std::string, double> recalls(const at::Tensor& text_scores, const at::Tensor& image_scores) const {
    std::map<std::string, double> values;
    const auto add = [&](const std::string& direction, const at::Tensor& scores, auto&& is_right) {
      const at::Tensor order = std::get<1>(at::sort(scores, /*stable=*/true, 1, /*descending=*/true));
      for (const int k : {1, 5, 10}) {
        double hits = 0;
        for (std::int64_t query = 0; query < scores.size(0); ++query) {
          bool hit = false;
          for (std::int64_t r = 0; r < std::min<std::int64_t>(k, scores.size(1)); ++r)
            hit |= is_right(query, order[query][r].item<std::int64_t>());
          hits += hit ? 1 : 0;
        }
        values[fmt::format("{} R@{}", direction, k)] = 100 * hits / static_cast<double>(scores.size(0));
      }
    };
    add("text retrieval", text_scores, [&](std::int64_t image, std::int64_t caption) {
      return image_of[static_cast<std::size_t>(caption)] == static_cast<std::uint32_t>(image);
    });
    add("image retrieval", image_scores.t(), [&](std::int64_t caption, std::int64_t image) {
      return image_of[static_cast<std::size_t>(caption)] == static_cast<std::uint32_t>(image);
    });
    return values;
  }
};

std::map<std::string, double> recalls_of(const records::Score& score) {
  std::map<std::string, double> values;
  for (const auto& group : score.groups) {
    for (const auto& value : group.values) {
      if (value.name.starts_with("R@")) values[group.name + " " + value.name] = value.value;
    }
  }
  return values;
}

TEST_F(EvalRetrieval, EveryProtocolEqualsEveryPairComputedForItself) {
  for (const auto family : {model::Family::kOfficial, model::Family::kHuggingFace}) {
    SCOPED_TRACE(model::family_name(family));
    options.model = dir.path() / "model" / model::family_name(family);
    write_model(options.model, family);
    options.transform = "square";
    const BruteForce brute(options);
    const at::Tensor by_image = brute.candidates(1), by_text = brute.candidates(0);
    const at::Tensor both = at::maximum(by_image, by_text);
    const auto only = [](const at::Tensor& scores, const at::Tensor& chosen) {
      return at::where(chosen > 0, scores, at::full_like(scores, -100));
    };
    const at::Tensor sum = brute.itm + brute.sims;
    const std::map<std::string, std::map<std::string, double>> expected = {
        {"itm", brute.recalls(only(brute.itm, both), only(brute.itm, both))},
        {"albef", brute.recalls(only(brute.itm, by_image), only(brute.itm, by_text))},
        {"blip", brute.recalls(only(sum, by_image), only(sum, by_text))},
        {"itc", brute.recalls(brute.sims, brute.sims)},
        {"itm-all", brute.recalls(brute.itm, brute.itm)},
        {"rank-all", brute.recalls(brute.rank, brute.rank)}};
    for (const auto& [protocol, recalls] : expected) {
      SCOPED_TRACE(protocol);
      run(fmt::format("{}-{}", model::family_name(family), protocol), protocol);
      const auto values = recalls_of(result->score.value());
      for (const auto& [name, value] : recalls) {
        ASSERT_TRUE(values.contains(name)) << name;
        EXPECT_NEAR(values.at(name), value, 1e-9) << name;
      }
    }
  }
}

TEST_F(EvalRetrieval, ScoresStandInTheScoreFile) {
  const BruteForce brute(options);
  const NamedTensors file = read_tensors(run("itm") / "scores.safetensors");
  const at::Tensor both = at::maximum(brute.candidates(0), brute.candidates(1));
  ASSERT_EQ(file.at("pair_image").numel(), both.sum().item<std::int64_t>());
  at::Tensor seen = at::zeros_like(both);
  for (std::int64_t p = 0; p < file.at("pair_image").numel(); ++p) {
    const auto image = file.at("pair_image")[p].item<std::int64_t>();
    const auto caption = file.at("pair_caption")[p].item<std::int64_t>();
    seen[image][caption] += 1;
    EXPECT_NEAR(file.at("pair_cross")[p].item<float>(), brute.itm[image][caption].item<float>(), kTolerance);
    EXPECT_NEAR(file.at("pair_itc")[p].item<float>(), brute.sims[image][caption].item<float>(), kTolerance);
  }
  EXPECT_TRUE(seen.equal(both));
  const at::Tensor dense = read_tensors(run("rank", "rank-all") / "scores.safetensors").at("scores");
  EXPECT_LE((dense - brute.rank).abs().max().item<double>(), kTolerance);
}

TEST_F(EvalRetrieval, SavedScoresScoreTheSameWithoutTheModel) {
  const fs::path saved = run("itm") / "scores.safetensors";
  const fs::path dense = run("itm-all", "itm-all") / "scores.safetensors";
  const fs::path embeddings = run("itc", "itc") / "scores.safetensors";
  for (const auto& [protocol, ties] : {std::pair{"itm", "id"},
                                       {"albef", "pessimistic"},
                                       {"blip", "optimistic"},
                                       {"itc", "id"},
                                       {"itm-all", "id"}}) {
    SCOPED_TRACE(protocol);
    const std::string name(protocol);
    options.retrieval.ties = ties;
    run(name + "-again", name);
    ScoreRetrievalOptions score;
    score.data.root = options.data;
    score.ties = ties;
    score.protocol = name == "itm-all" ? "dense" : name;
    for (const fs::path& file :
         {name == "itm-all" ? dense : saved, name == "itc" ? embeddings : fs::path()}) {
      if (file.empty()) continue;
      score.scores = file;
      EXPECT_EQ(recalls_of(score_retrieval(score).score), recalls_of(result->score.value()));
    }
  }
}

std::map<std::string, std::string> files_of(const fs::path& run) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(run)) {
    std::string content(Bytes::map_file(entry.path())->text());
    if (entry.path().filename() == "manifest.json") {
      OrderedJson manifest = OrderedJson::parse(content);
      manifest.erase("timing");
      content = manifest.dump();
    }
    files[entry.path().filename().string()] = content;
  }
  return files;
}

TEST_F(EvalRetrieval, EqualRunsGiveEqualBytesWhateverIsKeptInMemory) {
  const auto reference = files_of(run("a"));
  for (const char* name : {"scores.safetensors", "predictions.jsonl", "metrics.json", "report.md",
                           "manifest.json", "run.tr.txt", "run.ir.txt", "qrels.tr.txt", "qrels.ir.txt"}) {
    EXPECT_TRUE(reference.contains(name)) << name;
  }
  EXPECT_EQ(files_of(run("b")), reference);
  for (const std::uint64_t cache_bytes : {0, 40'000, 100'000'000}) {
    SCOPED_TRACE(cache_bytes);
    options.retrieval.engine.text_cache_bytes = cache_bytes;
    options.engine.loader_threads = 4;
    options.engine.prefetch_units = cache_bytes == 0 ? 1 : 8;
    EXPECT_EQ(files_of(run(fmt::format("cache{}", cache_bytes))), reference);
  }
}

TEST_F(EvalRetrieval, TextsAreEncodedOncePerUnitOrOnceIfTheyAreKept) {
  const auto text_passes = [&](std::uint64_t cache_bytes) {
    options.retrieval.engine.text_cache_bytes = cache_bytes;
    const auto manifest = read_json(run(fmt::format("passes{}", cache_bytes), "itm-all") / "manifest.json");
    EXPECT_EQ(manifest.at("counts").at("image_passes"), kImages);
    return manifest.at("timing").at("text_passes").get<std::uint64_t>();
  };
  std::set<std::string> texts;
  datasets::RetrievalOptions data_options;
  data_options.root = options.data;
  for (const auto& caption : datasets::open_retrieval(data_options).samples.samples)
    texts.insert(caption.text);
  ASSERT_LT(texts.size(), 27U) << "captions of equal text are part of this test";
  EXPECT_EQ(text_passes(0), 4 * texts.size());  // eleven images in units of three
  EXPECT_EQ(text_passes(100'000'000), texts.size());
}

TEST_F(EvalRetrieval, PredictionsNameTheFirstAnswersAndTheRank) {
  const fs::path out = run("predictions", "itm-all");
  const BruteForce brute(options);
  std::istringstream lines{std::string(Bytes::map_file(out / "predictions.jsonl")->text())};
  std::string line;
  std::getline(lines, line);
  const Json first = Json::parse(line);
  EXPECT_EQ(first.at("image_id"), "1000");
  ASSERT_EQ(first.at("captions").size(), 10U);
  const at::Tensor order = at::argsort(brute.itm[0], 0, /*descending=*/true);
  const auto rank =
      std::min((order == 0).nonzero().item<std::int64_t>(), (order == 1).nonzero().item<std::int64_t>());
  EXPECT_EQ(first.at("rank"), rank + 1);
  EXPECT_NEAR(first.at("scores")[0].get<double>(), brute.itm[0].max().item<double>(), kTolerance);
  std::size_t rest = 0;
  while (std::getline(lines, line)) ++rest;
  EXPECT_EQ(rest, kImages - 1 + brute.image_of.size());
}

TEST_F(EvalRetrieval, SaysWhichProtocolsACheckpointCanDo) {
  options.model = dir.path() / "no_itc";
  write_model(options.model, model::Family::kOfficial, "itc_");
  const std::string message = error_of("itm", ErrorCode::kCheckpoint);
  EXPECT_THAT(message, HasSubstr("no itc_text_head and itc_image_head"));
  EXPECT_THAT(message, HasSubstr("can do: itm-all, rank-all"));
  run("without_itc", "rank-all");
  EXPECT_TRUE(result->score);
  EXPECT_THAT(error_of("recall", ErrorCode::kUsage), HasSubstr("itm, albef, blip, itc, itm-all, rank-all"));
}

TEST_F(EvalRetrieval, RefusesPartsOfASplitAndNamesAnImageThatIsBroken) {
  options.engine.plan.limit = 5;
  EXPECT_THAT(error_of("itm", ErrorCode::kUsage), HasSubstr("--limit"));
  options.engine.plan.limit = 0;
  for (const auto value : {engine::OnBadImage::kWrong, engine::OnBadImage::kExclude}) {
    options.engine.on_bad_image = value;
    EXPECT_THAT(error_of("itm", ErrorCode::kUsage),
                HasSubstr(std::string("--on-bad-image ") + engine::on_bad_image_name(value)));
  }
  options.engine.on_bad_image = engine::OnBadImage::kFail;
  options.retrieval.folds = "both";
  EXPECT_THAT(error_of("itm", ErrorCode::kUsage), HasSubstr("the split has 11"));
  options.retrieval.folds = "5k";
  write_file_atomic(options.data / "flickr30k-images/1004.jpg", "no image");
  EXPECT_THAT(error_of("itm", ErrorCode::kData), HasSubstr("1004.jpg"));
}

TEST_F(EvalRetrieval, MoreCandidatesThanThereAreTakeAllPairsAndSayIt) {
  options.retrieval.top_k = 500;
  const auto manifest = read_json(run("all") / "manifest.json");
  EXPECT_EQ(manifest.at("counts").at("candidate_pairs"), kImages * 27);
  EXPECT_THAT(manifest.at("warnings").dump(), HasSubstr("every pair a candidate"));
}

}  // namespace
}  // namespace bteval::app
