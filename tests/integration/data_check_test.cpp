// `bteval data check` on sound data sets and on broken copies of them: every planted fault is named.
#include "tasks/data_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "integration/data_trees.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using datasets::DataCheck;
using datasets::Fault;
using datasets::Finding;
using datasets::ImageDepth;
using datasets::Severity;
using ::testing::AllOf;
using testing::DataTree;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::make_data_tree;
using testing::sample_jpeg;
using ::testing::UnorderedElementsAre;
using testing::write_text;

constexpr const char* kLfsPointer =
    "version https://git-lfs.github.com/spec/v1\noid sha256:a8b892c8ab11430db05c692481d3d6c703c33ad3\nsize "
    "9\n";
constexpr const char* kHtml = "<!DOCTYPE html>\n<html><title>404 Not Found</title></html>\n";

using Findings = std::map<Fault, std::vector<Finding>>;

DataCheck check(const DataTree& tree, ImageDepth depth = ImageDepth::kHash) {
  datasets::DataCheckOptions options;
  options.task = tree.task;
  options.root = tree.root;
  options.splits = {tree.split};
  options.depth = depth;
  options.threads = 4;
  return app::check_data(options);
}

Findings findings_of(const DataCheck& result) {
  Findings all;
  const auto add = [&](const std::vector<datasets::FindingGroup>& groups) {
    for (const auto& group : groups) {
      all[group.fault].insert(all[group.fault].end(), group.findings.begin(), group.findings.end());
    }
  };
  for (const auto& split : result.splits) add(split.groups);
  add(result.groups);
  return all;
}

Findings find(const DataTree& tree, ImageDepth depth = ImageDepth::kHash) {
  return findings_of(check(tree, depth));
}

std::vector<Fault> kinds(const Findings& findings) {
  std::vector<Fault> out;
  for (const auto& [fault, list] : findings) out.push_back(fault);
  return out;
}

auto at(const std::string& where, const std::string& what) {
  return AllOf(Field(&Finding::where, HasSubstr(where)), Field(&Finding::what, HasSubstr(what)));
}

class EveryTask : public ::testing::TestWithParam<const char*> {
 protected:
  testing::TempDir dir_;
  DataTree tree_ = make_data_tree(GetParam(), dir_.path() / "data");
  fs::path image(std::size_t i) const { return tree_.images.at(i); }
};

INSTANTIATE_TEST_SUITE_P(Data, EveryTask, ::testing::Values("vqav2", "nlvr2", "snli-ve", "flickr30k", "coco"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(EveryTask, FindsNothingInASoundDataSet) {
  for (const ImageDepth depth : {ImageDepth::kHeader, ImageDepth::kHash, ImageDepth::kDecode}) {
    const DataCheck result = check(tree_, depth);
    EXPECT_THAT(kinds(findings_of(result)), IsEmpty());
    EXPECT_EQ(result.image_files, 16);
    ASSERT_EQ(result.splits.size(), 1);
    EXPECT_EQ(result.splits[0].counts[0].found, tree_.task == "nlvr2" ? 8 : 16);
  }
}

TEST_P(EveryTask, NamesEveryBrokenImage) {
  fs::remove(image(2));
  write_text(image(3), kLfsPointer);
  write_text(image(4), kHtml);
  write_text(image(5), "");
  write_text(image(6), "The image was removed.");
  write_text(image(7), std::string("GIF89a\1\0\1\0\0\0\0;", 14));
  write_text(image(8), sample_jpeg(8).substr(0, 100));   // ends within its header
  write_text(image(9), sample_jpeg(9).substr(0, 1500));  // ends within its pixels
  write_text(image(10), std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
  write_text(image(11), sample_jpeg(12));  // the content of another one
  fs::remove(image(13));
  fs::create_directory(image(13));
  write_text(image(0).parent_path() / "somebody_else.jpg", sample_jpeg(40));
  write_text(image(0).parent_path() / "Thumbs.db", "no image, no matter");

  const Findings found = find(tree_);
  const auto name = [&](std::size_t i) { return image(i).filename().string(); };
  EXPECT_THAT(found.at(Fault::kMissingImage), ElementsAre(at(name(2), "not in its folder (needed by ")));
  EXPECT_THAT(found.at(Fault::kNotAnImage),
              UnorderedElementsAre(at(name(3), "a Git LFS pointer"), at(name(4), "an HTML or XML page"),
                                   at(name(5), "the file is empty"), at(name(6), "text that begins with")));
  EXPECT_THAT(found.at(Fault::kUnsupportedImage), ElementsAre(at(name(7), "a GIF image")));
  EXPECT_THAT(found.at(Fault::kDamagedImage),
              UnorderedElementsAre(at(name(8), "JPEG segment ends behind the file"),
                                   at(name(10), "within its header")));
  EXPECT_THAT(found.at(Fault::kCutOffImage), ElementsAre(at(name(9), "no end marker")));
  EXPECT_THAT(found.at(Fault::kSameImage), ElementsAre(at(name(12), name(11))));
  EXPECT_THAT(found.at(Fault::kUnreadableImage), ElementsAre(at(name(13), "is a folder")));
  EXPECT_THAT(found.at(Fault::kExtraImage), ElementsAre(at("somebody_else.jpg", "not used")));
  // NLVR2's names lie as published.
  EXPECT_EQ(found.contains(Fault::kMislabelledImage), tree_.task != "nlvr2");
  if (tree_.task != "nlvr2") {
    EXPECT_THAT(found.at(Fault::kMislabelledImage), ElementsAre(at(name(10), "is a PNG image")));
  }
  EXPECT_EQ(found.size(), tree_.task == "nlvr2" ? 8 : 9);
}

TEST_P(EveryTask, DecodesWhereItIsAskedTo) {
  std::string broken = sample_jpeg(1);
  broken.replace(broken.size() / 2, broken.size() / 2 - 2, broken.size() / 2 - 2, '\0');
  write_text(image(1), broken);  // both ends are fine
  EXPECT_THAT(kinds(find(tree_, ImageDepth::kHash)), IsEmpty());
  write_text(image(1), sample_jpeg(1).substr(0, 1500));
  const Findings found = find(tree_, ImageDepth::kDecode);
  EXPECT_THAT(found.at(Fault::kDamagedImage), ElementsAre(at(image(1).string(), "truncated")));
}

TEST_P(EveryTask, SaysOnceThatTheImageFolderIsMissing) {
  fs::remove_all(image(0).parent_path());
  const Findings found = find(tree_);
  EXPECT_THAT(kinds(found), ElementsAre(Fault::kMissingImageFolder));
  EXPECT_EQ(found.at(Fault::kMissingImageFolder).size(), 1);
}

TEST_P(EveryTask, SaysWhatAnAnnotationFileReallyIs) {
  const std::string whole = testing::read_text(tree_.annotations[0]);
  const auto after = [&](const std::string& text) {
    write_text(tree_.annotations[0], text);
    Findings found = find(tree_);
    EXPECT_THAT(found, ::testing::Contains(::testing::Key(Fault::kBadFile)));
    return found[Fault::kBadFile];
  };
  const std::string name = tree_.annotations[0].filename().string();
  EXPECT_THAT(after(kLfsPointer), ElementsAre(at(name, "Git LFS pointer")));
  EXPECT_THAT(after(kHtml), ElementsAre(at(name, "<!DOCTYPE html>")));
  EXPECT_THAT(after("It is too large to upload the file here"), ElementsAre(at(name, "It is too large")));
  EXPECT_THAT(after(""), ElementsAre(at(name, "empty")));
  if (GetParam() != std::string("nlvr2") && GetParam() != std::string("snli-ve")) {
    EXPECT_THAT(after(whole.substr(0, whole.size() - 20)), ElementsAre(at("at byte", "ends")));
  }
}

TEST_P(EveryTask, ListsEveryFaultyRecordAndGoesOn) {
  DataTree broken = tree_;
  const std::string text_key = GetParam() == std::string("vqav2")     ? "question"
                               : GetParam() == std::string("nlvr2")   ? "sentence"
                               : GetParam() == std::string("snli-ve") ? "sentence2"
                               : GetParam() == std::string("coco")    ? "caption"
                                                                      : "sentences";
  broken.records[1].erase(text_key);
  broken.records[3][text_key] = 5;
  broken.records[5] = Json::array();
  broken.write();
  const Findings found = find(broken);
  const bool lines = GetParam() == std::string("nlvr2") || GetParam() == std::string("snli-ve");
  const auto record = [&](int i) { return lines ? fmt::format("line {}:", i + 1) : fmt::format("[{}]:", i); };
  EXPECT_THAT(found.at(Fault::kBadRecord),
              ElementsAre(at(record(1), "has no"), at(record(3), ""), at(record(5), "expected an object")));
  EXPECT_FALSE(found.contains(Fault::kBadFile));
}

TEST_P(EveryTask, ListsEveryRepeatedId) {
  DataTree broken = tree_;
  for (const std::size_t i : {std::size_t{2}, std::size_t{4}}) {
    broken.records.push_back(tree_.records[i]);
    if (!tree_.more_records.empty()) broken.more_records.push_back(tree_.more_records[i]);
  }
  broken.write();
  const Findings found = find(broken);
  // Captions of a repeated image repeat with it.
  EXPECT_GE(found.at(Fault::kRepeatedId).size(), 2);
  EXPECT_THAT(found.at(Fault::kRepeatedId), ::testing::Each(at("", "stands already at ")));
}

}  // namespace
}  // namespace bteval
