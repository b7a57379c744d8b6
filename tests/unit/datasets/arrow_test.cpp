// .arrow tables against the annotation files that they were made of (tools/golden/make_arrow_fixtures.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "datasets/arrow_splits.h"
#include "datasets/arrow_table.h"
#include "datasets/image_check.h"
#include "datasets/retrieval.h"
#include "vqa_files.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::error_of;
using testing::golden_data;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

#define REQUIRE_ARROW() \
  if (!ArrowTable::supported()) GTEST_SKIP() << "built without Apache Arrow"

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string content(const records::ImageRef& image) {
  if (image.bytes.empty()) return read(image.path);
  return {reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size()};
}

template <typename Options>
Options options(const std::string& split, bool arrow) {
  Options out;
  out.root = golden_data("arrow");
  out.split = split;
  out.arrow = arrow;
  return out;
}

// What a sample shows to a model: its text and the content of its images.
std::vector<std::string> shown(const records::SampleSet& set, const records::Sample& sample) {
  std::vector<std::string> out = {sample.text};
  for (const std::uint32_t image : sample.images) out.push_back(content(set.images.at(image)));
  return out;
}

void expect_sound(const records::SampleSet& set, std::size_t images, std::size_t samples) {
  EXPECT_EQ(set.images.size(), images);
  EXPECT_EQ(set.samples.size(), samples);
  EXPECT_FALSE(set.owners.empty());
  EXPECT_THAT(missing_images(set), IsEmpty());
  for (const records::ImageRef& image : set.images) EXPECT_THAT(image.path, HasSubstr(".arrow"));
}

TEST(ArrowTable, IsReadOrSaysHowToBuildWithIt) {
  const std::string error = error_of([] { open_nlvr2(options<Nlvr2Options>("dev", true)); });
  if (ArrowTable::supported()) {
    EXPECT_EQ(error, "");
  } else {
    EXPECT_THAT(error, AllOf(StartsWith("usage: "), HasSubstr("nlvr2_dev.arrow: is an Arrow table"),
                             HasSubstr("pip install pyarrow"), HasSubstr("-DBTEVAL_WITH_ARROW=ON")));
  }
}

TEST(ArrowTable, ReadsVqav2AsTheFilesSay) {
  REQUIRE_ARROW();
  const Vqav2 json = open_vqav2(options<Vqav2Options>("val", false));
  const Vqav2 arrow = open_vqav2(options<Vqav2Options>("val", true));
  expect_sound(arrow.samples, 3, 6);  // questions without an answer in the vocabulary are not there
  EXPECT_EQ(arrow.data_subtype, "val2014");
  EXPECT_TRUE(arrow.sheet.soft_scores_only);
  EXPECT_FALSE(json.sheet.soft_scores_only);
  std::map<std::string, const records::Sample*> by_id;
  for (const records::Sample& sample : json.samples.samples) by_id[sample.id] = &sample;
  for (std::size_t i = 0; i < arrow.samples.samples.size(); ++i) {
    const records::Sample& sample = arrow.samples.samples[i];
    EXPECT_EQ(sample.id, std::to_string(arrow.sheet.question_ids[i]));
    EXPECT_EQ(shown(arrow.samples, sample), shown(json.samples, *by_id.at(sample.id)));
    EXPECT_EQ(arrow.samples.images[sample.images[0]].id,
              json.samples.images[by_id.at(sample.id)->images[0]].id);
  }
  ASSERT_EQ(arrow.files.size(), 1);
  EXPECT_EQ(arrow.files[0].role, "table");
}

TEST(ArrowTable, ReadsStreamsAndSplitsWithoutAnswers) {
  REQUIRE_ARROW();
  const Vqav2 arrow = open_vqav2(options<Vqav2Options>("test", true));
  expect_sound(arrow.samples, 4, 8);
  EXPECT_FALSE(arrow.sheet.annotations);
  EXPECT_FALSE(arrow.sheet.soft_scores_only);
  EXPECT_EQ(arrow.data_subtype, "test2015");
  EXPECT_THAT(arrow.sheet.question_ids,
              ::testing::UnorderedElementsAreArray(
                  open_vqav2(options<Vqav2Options>("test", false)).sheet.question_ids));
}

TEST(ArrowTable, ReadsNlvr2AsTheFilesSay) {
  REQUIRE_ARROW();
  const Nlvr2 json = open_nlvr2(options<Nlvr2Options>("dev", false));
  const Nlvr2 arrow = open_nlvr2(options<Nlvr2Options>("dev", true));
  expect_sound(arrow.samples, 8, 6);
  const auto examples = [](const Nlvr2& data) {
    std::multiset<std::pair<std::vector<std::string>, std::optional<bool>>> out;
    for (std::size_t i = 0; i < data.samples.samples.size(); ++i) {
      out.emplace(shown(data.samples, data.samples.samples[i]), data.labels.labels[i]);
    }
    return out;
  };
  EXPECT_EQ(examples(arrow), examples(json));
  EXPECT_EQ(arrow.samples.samples[0].id, "dev-850-0-s0");
  EXPECT_EQ(arrow.samples.images[1].id, "dev-850-0-img1");

  // Groups and subsets, as the texts and pairs of their members.
  const auto members = [](const Nlvr2& data, const std::vector<std::uint32_t>& samples) {
    std::multiset<std::string> out;
    for (const std::uint32_t i : samples) {
      const records::Sample& sample = data.samples.samples[i];
      out.insert(sample.text + data.samples.images[sample.images[0]].id);
    }
    return out;
  };
  const auto groups = [&](const Nlvr2& data) {
    std::vector<std::vector<std::uint32_t>> lists(data.labels.num_groups);
    for (std::uint32_t i = 0; i < data.labels.group_of_example.size(); ++i) {
      lists.at(data.labels.group_of_example[i]).push_back(i);
    }
    std::multiset<std::multiset<std::string>> out;
    for (const auto& list : lists) out.insert(members(data, list));
    return out;
  };
  EXPECT_EQ(groups(arrow), groups(json));
  ASSERT_EQ(arrow.labels.subsets.size(), 2);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(arrow.labels.subsets[i].name, json.labels.subsets[i].name);
    EXPECT_EQ(members(arrow, arrow.labels.subsets[i].samples), members(json, json.labels.subsets[i].samples));
  }
}

TEST(ArrowTable, ReadsSnliVeAsTheFilesSay) {
  REQUIRE_ARROW();
  const SnliVe json = open_snli_ve(options<SnliVeOptions>("test", false));
  const SnliVe arrow = open_snli_ve(options<SnliVeOptions>("test", true));  // LZ4-compressed
  expect_sound(arrow.samples, 3, 6);
  const auto examples = [](const SnliVe& data) {
    std::multiset<std::pair<std::vector<std::string>, std::optional<records::SnliVeClass>>> out;
    for (std::size_t i = 0; i < data.samples.samples.size(); ++i) {
      out.emplace(shown(data.samples, data.samples.samples[i]), data.labels[i]);
    }
    return out;
  };
  EXPECT_EQ(examples(arrow), examples(json));
  EXPECT_FALSE(arrow.has_pair_ids);
  EXPECT_EQ(arrow.samples.samples[2].id, "row-0-2");
  EXPECT_EQ(arrow.repeated_pairs, json.repeated_pairs);
  EXPECT_EQ(arrow.conflicting_pairs, json.conflicting_pairs);
  EXPECT_GT(arrow.conflicting_pairs, 0);
}

TEST(ArrowTable, ReadsRetrievalAsTheFilesSay) {
  REQUIRE_ARROW();
  for (const char* dataset : {"flickr30k", "coco"}) {
    RetrievalOptions wanted = options<RetrievalOptions>("test", false);
    wanted.dataset = dataset;
    const Retrieval json = open_retrieval(wanted);
    wanted.arrow = true;
    const Retrieval arrow = open_retrieval(wanted);
    expect_sound(arrow.samples, 3, 16);
    EXPECT_EQ(arrow.form, RetrievalForm::kArrow);
    const auto captions = [](const Retrieval& data) {
      std::map<std::string, std::vector<std::vector<std::string>>> out;  // by image, in order
      for (const records::Sample& sample : data.samples.samples) {
        out[data.samples.images[sample.images[0]].id].push_back(shown(data.samples, sample));
      }
      return out;
    };
    EXPECT_EQ(captions(arrow), captions(json));
    EXPECT_EQ(arrow.counts.captions, json.counts.captions);
    EXPECT_EQ(arrow.counts.shared_texts, json.counts.shared_texts);
    EXPECT_EQ(arrow.samples.samples[1].id, "0#1");
  }
}

class ArrowFolder : public ::testing::Test {
 protected:
  fs::path copy(const std::string& from, const std::string& to) const {
    fs::create_directories((root() / to).parent_path());
    fs::copy_file(golden_data("arrow") / from, root() / to);
    return root() / to;
  }
  const fs::path& root() const { return dir_.path(); }
  Nlvr2 open() const {
    Nlvr2Options options;
    options.root = root();
    return open_nlvr2(options);
  }
  testing::TempDir dir_;
};

TEST_F(ArrowFolder, TablesAreReadWhereThereAreNoFiles) {
  REQUIRE_ARROW();
  copy("nlvr2_dev.arrow", "fine-tune/nlvr2_dev.arrow");
  EXPECT_EQ(open().samples.samples.size(), 6);
  copy("vqav2_val.arrow", "vqav2_val.arrow");
  copy("vqav2_test.arrow", "vqav2_val_fix.arrow");
  Vqav2Options options;
  options.root = root();
  EXPECT_EQ(open_vqav2(options).samples.samples.size(), 8);  // BridgeTower's is preferred
}

TEST_F(ArrowFolder, FilesComeFirst) {
  copy("nlvr2_dev.arrow", "nlvr2_dev.arrow");
  copy("dev.json", "data/dev.json");
  fs::create_directories(root() / "dev");
  const Nlvr2 data = open();
  EXPECT_THAT(data.samples.owners, IsEmpty());
  EXPECT_THAT(data.files[0].path, HasSubstr("dev.json"));
}

TEST_F(ArrowFolder, WhatIsWantedMustBeThere) {
  const std::string error = error_of([&] {
    RetrievalOptions options;
    options.root = root();
    options.dataset = "coco";
    options.arrow = true;
    open_retrieval(options);
  });
  EXPECT_THAT(error, AllOf(StartsWith("data: "), HasSubstr("coco_caption_karpathy_test.arrow"),
                           HasSubstr("fine-tune")));
}

TEST_F(ArrowFolder, FilesThatAreNoTablesAreNamed) {
  REQUIRE_ARROW();
  const auto error = [&](const std::string& text) {
    std::ofstream(root() / "nlvr2_dev.arrow", std::ios::binary) << text;
    return error_of([&] { open(); });
  };
  const std::string whole = read(golden_data("arrow") / "nlvr2_dev.arrow");
  EXPECT_THAT(error("version https://git-lfs.github.com/spec/v1\noid"),
              HasSubstr("is no Arrow table but a Git LFS pointer"));
  EXPECT_THAT(error("<html>"), HasSubstr("an HTML or XML page"));
  EXPECT_THAT(error(""), HasSubstr("is no Arrow table but empty"));
  EXPECT_THAT(error(whole.substr(0, whole.size() / 2)),
              HasSubstr("nlvr2_dev.arrow: is no complete Arrow file"));
  EXPECT_THAT(error(std::string(100, '\1')), HasSubstr("is neither an Arrow file nor an Arrow stream"));
}

TEST_F(ArrowFolder, DamagedTablesEndInErrors) {
  REQUIRE_ARROW();
  // Every byte of the metadata is hit; what Arrow accepts must be readable without a fault.
  const std::string whole = read(golden_data("arrow") / "snli_test.arrow");
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 17) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x55);
    std::ofstream(root() / "snli_dev.arrow", std::ios::binary) << broken;
    SnliVeOptions options;
    options.root = root();
    const std::string error = error_of([&] {
      const SnliVe data = open_snli_ve(options);
      for (const records::Sample& sample : data.samples.samples) shown(data.samples, sample);
    });
    if (error.empty()) continue;
    ++refused;
    EXPECT_THAT(error, StartsWith("data: "));
  }
  EXPECT_GT(refused, 10);
}

TEST(ArrowTable, SmallFilesCannotAskForMuch) {
  REQUIRE_ARROW();
  const auto error = [](const char* name) {
    return error_of([&] { ArrowTable::open(Bytes::map_file(golden_data("arrow") / name)); });
  };
  EXPECT_THAT(error("hostile_rows.arrow"), HasSubstr("has more rows than the file has bytes"));
  EXPECT_THAT(error("hostile_zeros.arrow"), HasSubstr("its content takes more than"));
}

TEST_F(ArrowFolder, ColumnsOfAnotherTaskAreNamed) {
  REQUIRE_ARROW();
  copy("snli_test.arrow", "nlvr2_dev.arrow");
  EXPECT_THAT(error_of([&] { open(); }),
              AllOf(HasSubstr("nlvr2_dev.arrow: row 0: has no column \"identifier\""),
                    HasSubstr("image, sentences, labels")));
  copy("vqav2_val.arrow", "snli_dev.arrow");
  SnliVeOptions options;
  options.root = root();
  EXPECT_THAT(error_of([&] { open_snli_ve(options); }), HasSubstr("has no column \"sentences\""));
}

}  // namespace
}  // namespace bteval::datasets
