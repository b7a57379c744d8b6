// The whole mini suite as a user runs it, held against what Hugging Face's implementation (for METER:
// tools/hf/meter.py) said about every sample; tests/golden/data/mini/README.md tells how that was recorded.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/safetensors.h"
#include "checkpoint/tensor_copy.h"
#include "core/bytes.h"
#include "core/json.h"
#include "support/mini_vqav2.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using bteval::testing::golden_data;
using bteval::testing::mini_suite;
using bteval::testing::run_command;
using bteval::testing::TempDir;

// Between LibTorch's and another build's kernels; measured: 1.5e-5 on logits of about 5.
constexpr double kTolerance = 1e-4;

std::vector<Json> read_json_lines(const fs::path& path) {
  std::vector<Json> lines;
  std::istringstream in{std::string(Bytes::map_file(path)->text())};
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  return lines;
}

/// Runs the suite once for all tests.
class MiniSuite : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempDir>();
    const auto start = std::chrono::steady_clock::now();
    // One thread: models as small as these spend more threads' time waiting for one another.
    const auto result = run_command({BTEVAL_BINARY, "eval", "--suite", "mini", "--quiet", "--threads", "1",
                                     "--out", (folder_->path() / "r").string()});
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    exit_status_ = result.exit_status;
    printed_ = result.out + result.err;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override { ASSERT_EQ(exit_status_, 0) << printed_; }

  static fs::path run(const std::string& name) { return folder_->path() / "r" / name; }
  static Json score(const std::string& name) { return read_json(run(name) / "metrics.json").at("score"); }

  static inline std::unique_ptr<TempDir> folder_;
  static inline int exit_status_ = -1;
  static inline std::string printed_;
  static inline double seconds_ = 0;
};

TEST_F(MiniSuite, PrintsALineForEveryEntry) {
  const Json suite = read_json(mini_suite() / "suite.json");
  ASSERT_GE(suite.at("entries").size(), 7U);
  for (const Json& entry : suite.at("entries")) {
    const std::string name = entry.value("name", entry.at("task").get<std::string>());
    EXPECT_NE(printed_.find(name), std::string::npos) << name;
    EXPECT_TRUE(fs::exists(run(name) / "metrics.json")) << name;
  }
  RecordProperty("seconds", std::to_string(seconds_));
}

/// A classification entry: the names of its members in both files, and a floor for its score in percent.
struct Classified {
  const char* name;
  const char* id;
  const char* answer;  ///< in predictions.jsonl
  const char* reference;
  const char* reference_id;
  std::size_t samples;
  double floor;
};

void PrintTo(const Classified& entry, std::ostream* out) { *out << entry.name; }

class MiniClassifier : public MiniSuite, public ::testing::WithParamInterface<Classified> {};

std::string as_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

TEST_P(MiniClassifier, AnswersEverySampleAsTheReferenceDoes) {
  const Classified& entry = GetParam();
  const auto ours = read_json_lines(run(entry.name) / "predictions.jsonl");
  const auto reference = read_json_lines(golden_data(entry.reference));
  ASSERT_EQ(ours.size(), entry.samples);
  ASSERT_EQ(reference.size(), entry.samples);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    ASSERT_EQ(as_text(ours[i].at(entry.id)), as_text(reference[i].at(entry.reference_id)));
    EXPECT_EQ(ours[i].at(entry.answer), reference[i].at("answer")) << ours[i];
    EXPECT_EQ(ours[i].at("label"), reference[i].at("label")) << ours[i];
    EXPECT_NEAR(ours[i].at("margin").get<double>(), reference[i].at("margin").get<double>(), kTolerance);
  }
  EXPECT_GE(score(entry.name).at("overall").at("value").get<double>(), entry.floor);
}

INSTANTIATE_TEST_SUITE_P(
    Entries, MiniClassifier,
    ::testing::Values(Classified{"vqav2", "question_id", "answer", "mini/vqav2_minitest_hf.jsonl",
                                 "question_id", 1348, 90.0},
                      Classified{"nlvr2", "identifier", "prediction", "mini/nlvr2_hf.jsonl", "id", 240, 85.0},
                      Classified{"snli-ve", "pairID", "prediction", "mini/snli-ve_hf.jsonl", "id", 600, 85.0},
                      Classified{"snli-ve-meter", "pairID", "prediction", "mini/snli-ve-meter_hf.jsonl", "id",
                                 600, 80.0},
                      Classified{"snli-ve-interpolate", "pairID", "prediction",
                                 "mini/snli-ve-interpolate_hf.jsonl", "id", 600, 80.0}),
    [](const auto& info) {
      std::string name = info.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

/// What both score files hold, by the names in scores.safetensors.
struct Scores {
  explicit Scores(const fs::path& path)
      : file(checkpoint::read_safetensors(Bytes::map_file(path))),
        images(file.tensors.at("image_embeddings").shape.at(0)),
        captions(file.tensors.at("text_embeddings").shape.at(0)),
        size(file.tensors.at("text_embeddings").shape.at(1)) {
    const auto image = integers<std::int32_t>("pair_image"), caption = integers<std::int32_t>("pair_caption");
    const auto directions = integers<std::uint8_t>("pair_directions");
    const auto cross = floats("pair_cross");
    for (std::size_t i = 0; i < image.size(); ++i) pairs[{image[i], caption[i]}] = {cross[i], directions[i]};
  }

  std::vector<float> floats(const char* name) const {
    return checkpoint::float32_values(file.tensors.at(name));
  }

  template <class T>
  std::vector<T> integers(const char* name) const {
    const auto bytes = checkpoint::contiguous_bytes(file.tensors.at(name));
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  /// Similarity of every pair, [images, captions].
  std::vector<double> similarities() const {
    const auto image = floats("image_embeddings"), text = floats("text_embeddings");
    std::vector<double> all;
    for (std::int64_t i = 0; i < images; ++i)
      for (std::int64_t t = 0; t < captions; ++t)
        all.push_back(std::inner_product(image.begin() + i * size, image.begin() + (i + 1) * size,
                                         text.begin() + t * size, 0.0));
    return all;
  }

  /// The two-stage protocol's matrix, [images, captions].
  std::vector<float> matrix() const {
    std::vector<float> all(static_cast<std::size_t>(images * captions), -100.0F);
    for (const auto& [pair, value] : pairs)
      all[static_cast<std::size_t>(pair.first * captions + pair.second)] = value.first;
    return all;
  }

  checkpoint::SafetensorsFile file;
  std::int64_t images, captions, size;
  std::map<std::pair<std::int64_t, std::int64_t>, std::pair<float, std::uint8_t>> pairs;
};

struct Retrieved {
  const char* name;
  std::size_t captions;
  double floor;  ///< of R@1 in both directions, in percent
};

void PrintTo(const Retrieved& entry, std::ostream* out) { *out << entry.name; }

class MiniRetrieval : public MiniSuite, public ::testing::WithParamInterface<Retrieved> {
 protected:
  void SetUp() override {
    MiniSuite::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ours = std::make_unique<Scores>(run(GetParam().name) / "scores.safetensors");
    reference =
        std::make_unique<Scores>(golden_data(std::string("mini/") + GetParam().name + "_hf.safetensors"));
    const Json annotations =
        read_json(mini_suite() / GetParam().name / (std::string("dataset_") + GetParam().name + ".json"));
    for (const Json& image : annotations.at("images"))
      image_of.insert(image_of.end(), image.at("sentences").size(), std::int64_t(num_images++));
  }

  /// Share of images one of whose captions is the best of its row, and of captions whose image is the best of
  /// its column, in percent. Of equal scores the lower index is better.
  std::pair<double, double> recall_at_1(const std::vector<float>& matrix) const {
    const auto captions = static_cast<std::size_t>(ours->captions);
    double text = 0, image = 0;
    for (std::size_t i = 0; i < num_images; ++i) {
      const auto row = matrix.begin() + static_cast<std::ptrdiff_t>(i * captions);
      const auto best = std::max_element(row, row + static_cast<std::ptrdiff_t>(captions)) - row;
      text += image_of[static_cast<std::size_t>(best)] == static_cast<std::int64_t>(i) ? 1 : 0;
    }
    for (std::size_t c = 0; c < captions; ++c) {
      std::size_t best = 0;
      for (std::size_t i = 1; i < num_images; ++i)
        if (matrix[i * captions + c] > matrix[best * captions + c]) best = i;
      image += image_of[c] == static_cast<std::int64_t>(best) ? 1 : 0;
    }
    return {100 * text / static_cast<double>(num_images), 100 * image / static_cast<double>(captions)};
  }

  std::unique_ptr<Scores> ours, reference;
  std::vector<std::int64_t> image_of;
  std::size_t num_images = 0;
};

TEST_P(MiniRetrieval, SimilaritiesAreTheReferences) {
  ASSERT_EQ(ours->images, static_cast<std::int64_t>(num_images));
  ASSERT_EQ(ours->captions, static_cast<std::int64_t>(GetParam().captions));
  const auto have = ours->similarities(), want = reference->similarities();
  ASSERT_EQ(have.size(), want.size());
  for (std::size_t i = 0; i < have.size(); ++i) ASSERT_NEAR(have[i], want[i], 2e-5) << "pair " << i;
}

TEST_P(MiniRetrieval, CandidatesAreTheReferences) {
  // A candidate may differ where its similarity equals the last one's but for rounding.
  const auto similarity = reference->similarities();
  const auto captions = static_cast<std::size_t>(reference->captions);
  const auto at = [&](std::int64_t image, std::int64_t caption) {
    return similarity[static_cast<std::size_t>(image) * captions + static_cast<std::size_t>(caption)];
  };
  const auto directions = [](const Scores& scores, const std::pair<std::int64_t, std::int64_t>& pair) {
    const auto found = scores.pairs.find(pair);
    return found == scores.pairs.end() ? 0 : int{found->second.second};
  };
  std::map<std::int64_t, double> row_border, column_border;
  for (const auto& [pair, value] : reference->pairs) {
    const double here = at(pair.first, pair.second);
    const auto lower = [here](std::map<std::int64_t, double>& borders, std::int64_t query) {
      double& border = borders.try_emplace(query, here).first->second;
      border = std::min(border, here);
    };
    if ((value.second & 1) != 0) lower(row_border, pair.first);
    if ((value.second & 2) != 0) lower(column_border, pair.second);
  }
  for (std::int64_t image = 0; image < reference->images; ++image) {
    for (std::int64_t caption = 0; caption < reference->captions; ++caption) {
      const int differ = directions(*ours, {image, caption}) ^ directions(*reference, {image, caption});
      if ((differ & 1) != 0) {
        EXPECT_NEAR(at(image, caption), row_border.at(image), 1e-6) << image << ' ' << caption;
      }
      if ((differ & 2) != 0) {
        EXPECT_NEAR(at(image, caption), column_border.at(caption), 1e-6) << image << ' ' << caption;
      }
    }
  }
}

TEST_P(MiniRetrieval, MatchingScoresAreTheReferences) {
  std::size_t compared = 0;
  for (const auto& [pair, value] : reference->pairs) {
    const auto found = ours->pairs.find(pair);
    if (found == ours->pairs.end()) continue;
    EXPECT_NEAR(found->second.first, value.first, kTolerance) << pair.first << ' ' << pair.second;
    ++compared;
  }
  EXPECT_GT(compared, reference->pairs.size() - 5);
}

TEST_P(MiniRetrieval, RecallIsTheReferencesAndFarAboveChance) {
  const auto want = recall_at_1(reference->matrix());
  EXPECT_EQ(recall_at_1(ours->matrix()), want);
  EXPECT_GE(want.first, GetParam().floor);
  EXPECT_GE(want.second, GetParam().floor);
  const Json groups = score(GetParam().name).at("groups");
  EXPECT_NEAR(groups.at("text retrieval").at("R@1").at("unrounded").get<double>(), want.first, 1e-9);
  EXPECT_NEAR(groups.at("image retrieval").at("R@1").at("unrounded").get<double>(), want.second, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Entries, MiniRetrieval,
                         ::testing::Values(Retrieved{"flickr30k", 500, 50.0}, Retrieved{"coco", 510, 50.0}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace bteval
