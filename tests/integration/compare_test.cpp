// Comparisons of made-up runs whose differences are known.
#include "tasks/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "metrics/mcnemar.h"
#include "support/error_text.h"
#include "support/made_up_run.h"
#include "support/test_paths.h"
#include "tasks/compare_output.h"
#include "tasks/compare_samples.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::error_text;
using ::testing::HasSubstr;
using testing::MadeUpRun;
using ::testing::Not;

/// 60 images with three questions each; `a` has four in six right, `b` what `a` has and more.
class CompareTest : public ::testing::Test {
 protected:
  CompareTest() {
    for (int i = 0; i < 180; ++i) {
      const std::string id = "q" + std::to_string(i), image = "image" + std::to_string(i / 3);
      const double in_a = i % 3 == 0 ? 0 : 1, in_b = i % 9 == 0 ? 1 : i % 50 == 1 ? 0 : in_a;
      for (const auto& [run, value] : {std::pair(&a, in_a), {&b, in_b}}) {
        OrderedJson& sample = run->add(id, image, value);
        sample["slices"] = {{"kind", i % 2 == 0 ? "even" : "odd"}};
        sample["text"] = i % 4 == 0 ? "a b c d e f g h i j" : "a b c";
        sample["confidence"] = value > 0 ? 0.75 : 0.25;
      }
    }
  }

  Comparison compare(const CompareOptions& more = {}) {
    a.write(dir.path() / "a");
    b.write(dir.path() / "b");
    CompareOptions options = more;
    options.runs.insert(options.runs.begin(), {dir.path() / "a", dir.path() / "b"});
    return compare_runs(options);
  }

  testing::TempDir dir;
  MadeUpRun a{"snli-ve"}, b{"snli-ve"};
};

TEST_F(CompareTest, CountsWhatDiffers) {
  const Comparison out = compare();
  EXPECT_EQ(out.samples, 180U);
  EXPECT_EQ(out.clusters, 60U);
  ASSERT_EQ(out.runs.size(), 2U);
  ASSERT_EQ(out.measures, std::vector<std::string>{"accuracy"});
  const ComparedRun& run = out.runs[1];
  EXPECT_EQ(run.name, "b");
  EXPECT_EQ(run.flips.better, 20U);
  EXPECT_EQ(run.flips.worse, 3U);  // 1, 101, 151: 51 is wrong in both
  EXPECT_EQ(run.flips.equal, 157U);
  const MeasureResult& result = run.measures.at(0);
  EXPECT_NEAR(result.paired.a, 100 * 120.0 / 180, 1e-12);
  EXPECT_NEAR(result.paired.difference, 100 * 17.0 / 180, 1e-12);
  EXPECT_GT(result.paired.interval.low, 0);
  EXPECT_LT(result.paired.randomisation_p, 0.01);
  EXPECT_EQ(result.holm_p, result.paired.randomisation_p);
  EXPECT_EQ(result.mcnemar_p, metrics::mcnemar_exact(3, 20).p_value);
  EXPECT_NEAR(result.detectable, (1.959963984540054 + 0.8416212335729143) * result.paired.standard_error,
              1e-9);
  EXPECT_EQ(out.runs[0].values.at(0).mean, result.paired.a);
  EXPECT_TRUE(out.runs[0].measures.empty());
}

TEST_F(CompareTest, SlicesByEveryPropertyAndByWords) {
  const Comparison out = compare();
  std::vector<std::string> seen;
  std::uint64_t samples = 0;
  for (const SliceEffect& effect : out.runs[1].slices) {
    seen.push_back(effect.slice + "=" + effect.value);
    samples += effect.samples;
    EXPECT_GE(effect.holm_p, effect.paired.randomisation_p);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"kind=even", "kind=odd", "words=1-4", "words=10-14"}));
  EXPECT_EQ(samples, 2 * 180U);
  const SliceEffect& odd = out.runs[1].slices[1];
  EXPECT_NEAR(odd.paired.difference, 100 * (10 - 3) / 90.0, 1e-12);

  CompareOptions only;
  only.by = {"kind"};
  EXPECT_EQ(compare(only).runs[1].slices.size(), 2U);
  only.by = {"colour"};
  EXPECT_EQ(error_text([&] { compare(only); }),
            "--by: the samples have no slice \"colour\", only: kind, words");
}

TEST_F(CompareTest, SwappingTheRunsTurnsTheSigns) {
  CompareOptions swapped;
  swapped.reference = "b";
  const Comparison forth = compare(), back = compare(swapped);
  EXPECT_EQ(back.runs[0].name, "b");
  const metrics::PairedResult &x = forth.runs[1].measures[0].paired, &y = back.runs[1].measures[0].paired;
  EXPECT_EQ(x.difference, -y.difference);
  EXPECT_EQ(x.interval.low, -y.interval.high);
  EXPECT_EQ(x.randomisation_p, y.randomisation_p);
  EXPECT_EQ(back.runs[1].flips.better, forth.runs[1].flips.worse);
  swapped.reference = "z";
  EXPECT_THAT(error_text([&] { compare(swapped); }),
              HasSubstr("--reference z: is none of the compared runs"));
}

TEST_F(CompareTest, EqualRunsDoNotDiffer) {
  b.samples = a.samples;
  const MeasureResult result = compare().runs[1].measures[0];
  EXPECT_EQ(result.paired.difference, 0);
  EXPECT_EQ(result.paired.randomisation_p, 1);
  EXPECT_EQ(result.paired.bootstrap_p, 1);
  EXPECT_EQ(result.mcnemar_p, 1);
  EXPECT_EQ(result.paired.interval.low, 0);
}

TEST_F(CompareTest, CorrectsForTheNumberOfRuns) {
  CompareOptions more;
  MadeUpRun c = b;
  c.write(dir.path() / "c");
  more.runs = {dir.path() / "c"};
  const Comparison out = compare(more);
  const MeasureResult &first = out.runs[1].measures[0], &second = out.runs[2].measures[0];
  EXPECT_EQ(first.paired.randomisation_p, second.paired.randomisation_p);
  EXPECT_DOUBLE_EQ(first.holm_p, 2 * first.paired.randomisation_p);
}

TEST_F(CompareTest, OrderOfSamplesDoesNotMatter) {
  const Comparison before = compare();
  std::reverse(b.samples.begin(), b.samples.end());
  const Comparison after = compare();
  EXPECT_EQ(comparison_json(before).dump(), comparison_json(after).dump());
}

TEST_F(CompareTest, ThreadsDoNotMatter) {
  CompareOptions one, four;
  one.threads = 1;
  four.threads = 4;
  EXPECT_EQ(comparison_json(compare(one)).dump(), comparison_json(compare(four)).dump());
}

TEST_F(CompareTest, ListsFlipsAmongTheSamplesThatBothHave) {
  b.samples.erase(b.samples.begin() + 9);  // a flip, and what follows moves up
  CompareOptions options;
  options.force = true;
  options.flips = dir.path() / "flips.jsonl";
  const Comparison out = compare(options);
  EXPECT_EQ(out.samples, 179U);
  const std::string flips(Bytes::map_file(options.flips)->text());
  EXPECT_EQ(std::count(flips.begin(), flips.end(), '\n'), 22);
  EXPECT_THAT(
      flips, AllOf(HasSubstr("\"id\":\"q0\""), HasSubstr("\"id\":\"q18\""), Not(HasSubstr("\"id\":\"q9\""))));
}

TEST_F(CompareTest, ListsFlipsWithBothAnswers) {
  CompareOptions options;
  options.flips = dir.path() / "flips.jsonl";
  compare(options);
  std::istringstream lines{std::string(Bytes::map_file(options.flips)->text())};
  std::vector<Json> flips;
  for (std::string line; std::getline(lines, line);) flips.push_back(Json::parse(line));
  ASSERT_EQ(flips.size(), 23U);
  EXPECT_EQ(flips[0].at("id"), "q0");
  EXPECT_EQ(flips[0].at("run"), "b");
  EXPECT_EQ(flips[0].at("flip"), "better");
  EXPECT_EQ(flips[0].at("reference").at("prediction"), "wrong");
  EXPECT_EQ(flips[0].at("other").at("prediction"), "right");
  EXPECT_EQ(flips[0].at("text"), "a b c d e f g h i j");
  EXPECT_EQ(flips[0].at("targets"), Json({"right"}));
  EXPECT_EQ(flips[0].at("slices"), Json({{"kind", "even"}}));
  EXPECT_EQ(flips[1].at("id"), "q1");
  EXPECT_EQ(flips[1].at("flip"), "worse");
}

TEST_F(CompareTest, CalibratesRunsThatHaveConfidences) {
  const Comparison out = compare();
  // Right ones say 0.75, wrong ones 0.25: off by 0.25 everywhere.
  ASSERT_TRUE(out.runs[0].calibration);
  EXPECT_NEAR(out.runs[0].calibration->calibration.expected_error, 0.25, 1e-12);
  EXPECT_NEAR(out.runs[0].calibration->coverage.at(1).accuracy, 1, 1e-12);
  EXPECT_THAT(comparison_text(out, true), HasSubstr("ECE"));
  EXPECT_THAT(comparison_text(out, false), Not(HasSubstr("ECE")));
  for (OrderedJson& sample : b.samples) sample.erase("confidence");
  EXPECT_FALSE(compare().runs[1].calibration);
}

TEST_F(CompareTest, TablesShowSignsStarsAndSignatures) {
  const Comparison out = compare();
  const std::string text = comparison_text(out, false);
  EXPECT_THAT(text, AllOf(HasSubstr("a (reference)"), HasSubstr("76.11 (+9.44)*"),
                          HasSubstr("180 samples in 60"), HasSubstr("b: snli-ve|split:val|scorer:made-up")));
  EXPECT_THAT(comparison_markdown(out, false), HasSubstr("| b | 76.11 (+9.44)\\*"));
}

TEST_F(CompareTest, MarkdownIsSafeFromNames) {
  CompareOptions options;
  options.names = {"<script>", "```|x"};
  const std::string markdown = comparison_markdown(compare(options), false);
  EXPECT_THAT(markdown, HasSubstr("\\<script\\> (reference)"));
  EXPECT_THAT(markdown, HasSubstr("\n ```|x: snli-ve"));
}

TEST_F(CompareTest, RefusesWhatIsNotComparable) {
  struct Case {
    const char* what;
    void (*change)(MadeUpRun&);
    const char* message;
  };
  const std::vector<Case> cases = {
      {"split", [](MadeUpRun& run) { run.manifest["split"] = "test"; }, "/b has test"},
      {"task", [](MadeUpRun& run) { run.manifest["task"] = "vqav2"; }, "task: "},
      {"digest of the annotations", [](MadeUpRun& run) { run.digest("annotations") = std::string(64, 'b'); },
       "has aaaaaaaaaaaa, "},
      {"scorer", [](MadeUpRun& run) { run.manifest["options"]["scorer"] = "pre-2021"; }, "has pre-2021"},
      {"has samples that", [](MadeUpRun& run) { run.samples.pop_back(); }, "1, the first is \"q179\""},
      {"has samples that", [](MadeUpRun& run) { run.add("more", "image0", 1); }, "the first is \"more\""},
      {"different clusters", [](MadeUpRun& run) { run.samples[7]["cluster"] = "image9"; }, "is \"q7\""},
      {"count in only one", [](MadeUpRun& run) { run.samples[5].erase("value"); }, "is \"q5\""},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.message);
    const MadeUpRun kept = b;
    each.change(b);
    const std::string text = error_text([&] { compare(); });
    EXPECT_THAT(
        text, AllOf(HasSubstr("the runs are not comparable"), HasSubstr(each.what), HasSubstr(each.message)));
    CompareOptions force;
    force.force = true;
    const Comparison forced = compare(force);
    ASSERT_EQ(forced.warnings.size(), 1U);
    EXPECT_THAT(comparison_text(forced, false),
                HasSubstr("not comparable: " + forced.warnings[0].substr(0, 20)));
    b = kept;
  }
}

TEST_F(CompareTest, ModelsMayDiffer) {
  b.digest("checkpoint") = std::string(64, 'd');
  b.manifest["options"]["dtype"] = "bf16";
  EXPECT_TRUE(compare().warnings.empty());
}

TEST_F(CompareTest, ForcedComparisonsUseCommonSamplesOnly) {
  b.samples.resize(90);
  CompareOptions force;
  force.force = true;
  const Comparison out = compare(force);
  EXPECT_EQ(out.samples, 90U);
  EXPECT_EQ(out.clusters, 30U);
  EXPECT_NEAR(out.runs[0].values[0].mean, 100 * 60 / 90.0, 1e-12);
}

TEST_F(CompareTest, SaysWhatIsDamaged) {
  compare();
  CompareOptions options;
  options.runs = {dir.path() / "a", dir.path() / "b"};
  fs::remove(dir.path() / "b/samples.jsonl");
  EXPECT_THAT(error_text([&] { compare_runs(options); }), HasSubstr("samples.jsonl: is not there"));
  b.samples.push_back(b.samples[3]);
  b.write(dir.path() / "b");
  EXPECT_THAT(error_text([&] { compare_runs(options); }), HasSubstr("sample \"q3\" stands twice"));
  write_file_atomic(dir.path() / "b/samples.jsonl", "{\"id\": \"q0\", \n");
  EXPECT_THAT(error_text([&] { compare_runs(options); }), HasSubstr("line 1"));
  fs::remove(dir.path() / "b/manifest.json");
  EXPECT_THAT(error_text([&] { compare_runs(options); }), HasSubstr("is no finished run"));
}

TEST_F(CompareTest, RefusesSplitsWithoutLabels) {
  for (MadeUpRun* run : {&a, &b})
    for (OrderedJson& sample : run->samples) sample.erase("value");
  EXPECT_THAT(error_text([&] { compare(); }), HasSubstr("no sample has a value"));
}

TEST_F(CompareTest, RefusesOptionsOutOfRange) {
  const auto text = [&](auto change) {
    CompareOptions options;
    change(options);
    return error_text([&] { compare(options); });
  };
  EXPECT_THAT(text([](auto& o) { o.alpha = 1.5; }), HasSubstr("--alpha lies between 0 and 1, not 1.5"));
  EXPECT_THAT(text([](auto& o) { o.resamples = 5; }), HasSubstr("--resamples lies between"));
  EXPECT_THAT(text([](auto& o) { o.names = {"x"}; }), HasSubstr("1 names for 2 runs"));
}

TEST(CompareTasks, Nlvr2IsConsistentWhereAllImagePairsAreRight) {
  testing::TempDir dir;
  MadeUpRun a("nlvr2"), b("nlvr2");
  for (int group = 0; group < 10; ++group) {
    for (int i = 0; i < 2; ++i) {
      const std::string id = fmt::format("{}-{}", group, i);
      a.add(id, std::to_string(group), i);
      b.add(id, std::to_string(group), group < 4 ? 1 : i);
    }
  }
  a.write(dir.path() / "a");
  b.write(dir.path() / "b");
  CompareOptions options;
  options.runs = {dir.path() / "a", dir.path() / "b"};
  const Comparison out = compare_runs(options);
  EXPECT_EQ(out.cluster_name, "sentence");
  ASSERT_EQ(out.measures, (std::vector<std::string>{"accuracy", "consistency"}));
  EXPECT_DOUBLE_EQ(out.runs[1].measures[0].paired.difference, 20);
  EXPECT_DOUBLE_EQ(out.runs[1].measures[1].paired.a, 0);
  EXPECT_DOUBLE_EQ(out.runs[1].measures[1].paired.b, 40);
  EXPECT_EQ(out.runs[1].measures[1].mcnemar_p, metrics::mcnemar_exact(0, 4).p_value);
}

TEST(CompareTasks, VqaScoresBetweenRightAndWrongHaveNoMcnemar) {
  testing::TempDir dir;
  MadeUpRun a("vqav2"), b("vqav2");
  for (int i = 0; i < 12; ++i) {
    a.add(std::to_string(i), std::to_string(i), 0.3);
    b.add(std::to_string(i), std::to_string(i), i % 2 == 0 ? 0.6 : 0.3);
  }
  a.write(dir.path() / "a");
  b.write(dir.path() / "b");
  CompareOptions options;
  options.runs = {dir.path() / "a", dir.path() / "b"};
  const Comparison out = compare_runs(options);
  EXPECT_FALSE(out.runs[1].measures[0].mcnemar_p);
  EXPECT_NEAR(out.runs[1].measures[0].paired.difference, 15, 1e-12);
  EXPECT_TRUE(comparison_json(out).at("runs")[1].at("differences").at("accuracy").at("p_mcnemar").is_null());
}

TEST(CompareTasks, RetrievalAddsUpToRsum) {
  testing::TempDir dir;
  MadeUpRun a("flickr30k"), b("flickr30k");
  for (int image = 0; image < 20; ++image) {
    const std::string name = std::to_string(image);
    const auto add = [&](MadeUpRun& run, const std::string& id, int rank) {
      run.add(id, name, rank == 1 ? 1 : 0)["rank"] = rank;
    };
    add(a, "image:" + name, 3);
    add(b, "image:" + name, image < 5 ? 1 : 3);
    for (int c = 0; c < 5; ++c) {
      add(a, fmt::format("caption:{}-{}", name, c), 7);
      add(b, fmt::format("caption:{}-{}", name, c), c == 0 ? 5 : 11);
    }
  }
  a.write(dir.path() / "a");
  b.write(dir.path() / "b");
  CompareOptions options;
  options.runs = {dir.path() / "a", dir.path() / "b"};
  const Comparison out = compare_runs(options);
  EXPECT_EQ(out.clusters, 20U);
  const std::vector<double> expected = {25, 0, 0, 0, 20, -80, -35};
  const std::vector<double> reference = {0, 100, 100, 0, 0, 100, 300};
  ASSERT_EQ(out.measures.size(), expected.size());
  for (std::size_t m = 0; m < expected.size(); ++m) {
    EXPECT_NEAR(out.runs[1].measures[m].paired.difference, expected[m], 1e-9) << out.measures[m];
    EXPECT_NEAR(out.runs[0].values[m].mean, reference[m], 1e-9) << out.measures[m];
    EXPECT_EQ(out.runs[1].measures[m].mcnemar_p.has_value(), out.measures[m] != "RSUM");
  }
  EXPECT_EQ(out.sliced_measure, "R@1");
}

TEST(WordsBucket, CountsWhatWhiteSpaceSeparates) {
  EXPECT_EQ(words_bucket(""), "");
  EXPECT_EQ(words_bucket(" \t "), "");
  EXPECT_EQ(words_bucket(" is  it?\n"), "1-4");
  EXPECT_EQ(words_bucket("a b c d"), "1-4");
  EXPECT_EQ(words_bucket("a b c d e"), "5-6");
  EXPECT_EQ(words_bucket("1 2 3 4 5 6 7 8 9"), "7-9");
  std::string long_text;
  for (int i = 0; i < 20; ++i) long_text += "word ";
  EXPECT_EQ(words_bucket(long_text), "20+");
}

}  // namespace
}  // namespace bteval::app
