// Score files of retrieval, and score matrices in the formats that tensors are kept in.
#include "tasks/retrieval_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "checkpoint/safetensors.h"
#include "core/file.h"
#include "support/error_text.h"
#include "support/test_paths.h"
#include "tasks/score_matrix.h"

namespace bteval::app {
namespace {

using records::RetrievalScores;
using records::ScoreMatrix;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::error_text;
using ::testing::HasSubstr;

RetrievalScores some_scores() {
  RetrievalScores scores;
  scores.num_images = 2;
  scores.num_captions = 3;
  scores.itc_size = 2;
  scores.image_embeddings = {1, 0, 0, 1};
  scores.text_embeddings = {1, 0, 0.5F, 0.5F, 0, 1};
  scores.top_k = 1;
  scores.pairs = {{0, 0, 1, 3.5F, 3}, {0, 2, 0.25F, -7, 1}, {1, 1, 0.5F, 0.125F, 2}};
  scores.dense = ScoreMatrix::own(2, 3, {1, 2, 3, 4, 5, 6});
  return scores;
}

class RetrievalScoreFileTest : public ::testing::Test {
 protected:
  std::filesystem::path path(const char* name = "scores.safetensors") const { return dir_.path() / name; }
  std::shared_ptr<const Bytes> map(const char* name = "scores.safetensors") const {
    return Bytes::map_file(path(name));
  }

  /// Writes a file, changes its tensors or metadata, and says how reading it fails.
  template <typename Change>
  std::string error_after(const Change& change) const {
    write_retrieval_scores(path("good"), some_scores(), {"coco", "test", "abc", "itm_score", {}});
    checkpoint::SafetensorsFile file = checkpoint::read_safetensors(map("good"));
    change(file);
    checkpoint::write_safetensors(path("bad"), file.tensors, file.metadata);
    return error_text([&] { read_retrieval_scores(map("bad")); });
  }

  testing::TempDir dir_;
};

TEST_F(RetrievalScoreFileTest, ReadsBackWhatWasWritten) {
  const RetrievalScores scores = some_scores();
  const RetrievalScoreInfo info = {"coco", "test", "abc", "itm_score", {{"weights", "123"}}};
  write_retrieval_scores(path(), scores, info);
  ASSERT_TRUE(is_retrieval_score_file(map()));
  const RetrievalScoreFile file = read_retrieval_scores(map());
  EXPECT_EQ(file.info.dataset, "coco");
  EXPECT_EQ(file.info.split, "test");
  EXPECT_EQ(file.info.captions_sha256, "abc");
  EXPECT_EQ(file.info.head, "itm_score");
  EXPECT_EQ(file.info.run, info.run);
  EXPECT_EQ(file.scores.num_images, 2U);
  EXPECT_EQ(file.scores.num_captions, 3U);
  EXPECT_EQ(file.scores.itc_size, 2U);
  EXPECT_EQ(file.scores.top_k, 1U);
  EXPECT_EQ(file.scores.image_embeddings, scores.image_embeddings);
  EXPECT_EQ(file.scores.text_embeddings, scores.text_embeddings);
  ASSERT_EQ(file.scores.pairs.size(), 3U);
  EXPECT_EQ(file.scores.pairs[1].caption, 2U);
  EXPECT_EQ(file.scores.pairs[1].itc, 0.25F);
  EXPECT_EQ(file.scores.pairs[1].cross, -7.0F);
  EXPECT_EQ(file.scores.pairs[2].directions, 2);
  EXPECT_THAT(file.scores.dense.f32, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_FALSE(file.scores.dense.caption_major);
}

TEST_F(RetrievalScoreFileTest, KeepsTheNamesThatOthersRead) {
  write_retrieval_scores(path(), some_scores(), {"coco", "test", "abc", "itm_score", {}});
  const checkpoint::SafetensorsFile file = checkpoint::read_safetensors(map());
  const auto shape = [&](const char* name) { return file.tensors.at(name).shape; };
  EXPECT_THAT(shape("image_embeddings"), ElementsAre(2, 2));
  EXPECT_THAT(shape("text_embeddings"), ElementsAre(3, 2));
  EXPECT_THAT(shape("pair_image"), ElementsAre(3));
  EXPECT_EQ(file.tensors.at("pair_caption").dtype, checkpoint::DType::kInt32);
  EXPECT_EQ(file.tensors.at("pair_itc").dtype, checkpoint::DType::kFloat32);
  EXPECT_EQ(file.tensors.at("pair_cross").dtype, checkpoint::DType::kFloat32);
  EXPECT_EQ(file.tensors.at("pair_directions").dtype, checkpoint::DType::kUInt8);
  EXPECT_THAT(shape("scores"), ElementsAre(2, 3));
  EXPECT_EQ(file.metadata.at("num_captions"), "3");
}

TEST_F(RetrievalScoreFileTest, LeavesOutWhatIsNotThere) {
  RetrievalScores scores;
  scores.num_images = 3;
  scores.num_captions = 2;
  const std::vector<double> values = {1, 2, 3, 4, 5, 6 + 1e-12};
  scores.dense = {3, 2, true, {}, values, nullptr};
  write_retrieval_scores(path(), scores, {"flickr30k", "val", "d", "rank_output", {}});
  const RetrievalScoreFile file = read_retrieval_scores(map());
  EXPECT_TRUE(file.scores.pairs.empty());
  EXPECT_TRUE(file.scores.image_embeddings.empty());
  EXPECT_TRUE(file.scores.dense.caption_major);
  EXPECT_THAT(file.scores.dense.f64, ElementsAre(1, 2, 3, 4, 5, 6 + 1e-12));
  EXPECT_EQ(file.info.head, "rank_output");
  scores.dense.num_captions = 3;
  EXPECT_THAT(error_text([&] { write_retrieval_scores(path(), scores, {}); }),
              HasSubstr("contradict each other"));
}

TEST_F(RetrievalScoreFileTest, RefusesDamagedFiles) {
  using File = checkpoint::SafetensorsFile;
  std::vector<std::int32_t> indices = {0, 0, 2};
  const auto replace = [&](File& file, const char* name) {
    file.tensors.at(name).data = reinterpret_cast<const std::byte*>(indices.data());
  };
  EXPECT_THAT(error_after([&](File& file) { replace(file, "pair_image"); }),
              AllOf(HasSubstr("bad: tensor pair_image"), HasSubstr("pair 2 is of image 2 and caption 1")));
  indices = {2, 0, 1};
  EXPECT_THAT(error_after([&](File& file) { replace(file, "pair_caption"); }),
              HasSubstr("pair 1 stands before"));
  EXPECT_THAT(error_after([](File& file) { file.tensors.erase("pair_itc"); }),
              HasSubstr("pair_itc: is missing"));
  EXPECT_THAT(error_after([](File& file) { file.tensors.erase("text_embeddings"); }),
              HasSubstr("text_embeddings: is missing"));
  EXPECT_THAT(error_after([](File& file) { file.tensors.erase("image_embeddings"); }),
              HasSubstr("is no matrix"));
  EXPECT_THAT(error_after([](File& file) { file.tensors["scores"] = file.tensors["pair_cross"]; }),
              HasSubstr("should be F32 [2, 3], but is F32 [3]"));
  EXPECT_THAT(error_after([](File& file) { file.metadata["num_images"] = "two"; }),
              HasSubstr("\"num_images\" in the metadata should be a number"));
  EXPECT_THAT(error_after([](File& file) { file.metadata["num_images"] = "7"; }),
              HasSubstr("image_embeddings"));
  EXPECT_THAT(error_after([](File& file) { file.metadata.erase("split"); }), HasSubstr("have no \"split\""));
  EXPECT_THAT(error_after([](File& file) { file.metadata["format"] = "x"; }), HasSubstr("is no score file"));
  const std::vector<std::uint8_t> directions = {3, 4, 1};
  EXPECT_THAT(error_after([&](File& file) {
                file.tensors["pair_directions"].data = reinterpret_cast<const std::byte*>(directions.data());
              }),
              HasSubstr("pair 1 has the value 4"));
  write_file_atomic(path("short"), map("good")->text().substr(0, 200));
  EXPECT_FALSE(is_retrieval_score_file(map("short")));
  EXPECT_EQ(error_text([&] { read_retrieval_scores(map("short")); }).find("no error"), std::string::npos);
}

class ScoreMatrixTest : public ::testing::Test {
 protected:
  static std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                         bool fortran = false) {
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': ({}), }}", descr,
                                     fortran ? "True" : "False", shape);
    header.append(117 - header.size(), ' ');
    header += '\n';
    return std::string("\x93NUMPY\1\0\x76\0", 10) + header + data;
  }
  template <typename T>
  static std::string raw(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
  }
  static ScoreMatrix read(const std::string& name, const std::string& content, bool transposed = false) {
    return read_score_matrix(Bytes::from_memory(name, content), 2, 3, transposed);
  }
  static std::string read_error(const std::string& name, const std::string& content,
                                bool transposed = false) {
    return error_text([&] { read(name, content, transposed); });
  }

  const std::vector<float> values_ = {1, 2, 3, 4, 5, 6};
};

TEST_F(ScoreMatrixTest, ReadsNumPyFiles) {
  const ScoreMatrix plain = read("a.npy", npy("<f4", "2, 3", raw(values_)));
  EXPECT_THAT(plain.f32, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_FALSE(plain.caption_major);
  const ScoreMatrix doubles =
      read("a.npy", npy("<f8", "3, 2", raw(std::vector<double>{1, 2, 3, 4, 5, 6})), true);
  EXPECT_THAT(doubles.f64, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_TRUE(doubles.caption_major);
  const ScoreMatrix half = read("a.npy", npy("<f2", "2, 3", raw(std::vector<std::uint16_t>(6, 0x3C00))));
  EXPECT_THAT(half.f32, ElementsAre(1, 1, 1, 1, 1, 1));
  // In Fortran order the images' columns lie one behind the other: that is caption-major.
  EXPECT_TRUE(read("a.npy", npy("<f4", "2, 3", raw(values_), true)).caption_major);
  EXPECT_FALSE(read("a.npy", npy("<f4", "3, 2", raw(values_), true), true).caption_major);
}

TEST_F(ScoreMatrixTest, ReadsRawFloatsAndSafetensors) {
  EXPECT_THAT(read("a.f32", raw(values_)).f32, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_TRUE(read("a.f32", raw(values_), true).caption_major);
  const testing::TempDir dir;
  checkpoint::TensorView view{checkpoint::DType::kFloat32,
                              {2, 3},
                              {3, 1},
                              reinterpret_cast<const std::byte*>(values_.data()),
                              nullptr};
  checkpoint::write_safetensors(dir.path() / "m.safetensors", {{"any", view}});
  const auto bytes = Bytes::map_file(dir.path() / "m.safetensors");
  const ScoreMatrix mapped = read_score_matrix(bytes, 2, 3, false);
  EXPECT_THAT(mapped.f32, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_GE(reinterpret_cast<const std::byte*>(mapped.f32.data()), bytes->data()) << "a view of the file";
  EXPECT_LT(reinterpret_cast<const std::byte*>(mapped.f32.data()), bytes->data() + bytes->size());
  checkpoint::write_safetensors(dir.path() / "two.safetensors", {{"a", view}, {"b", view}});
  EXPECT_THAT(
      error_text([&] { read_score_matrix(Bytes::map_file(dir.path() / "two.safetensors"), 2, 3, false); }),
      HasSubstr("should hold one tensor, the score matrix, but holds 2: a, b"));
}

TEST_F(ScoreMatrixTest, SaysWhatDoesNotFit) {
  EXPECT_THAT(
      read_error("a.npy", npy("<f4", "3, 2", raw(values_))),
      HasSubstr("has the shape [3, 2], but the split has 2 images and 3 captions, so that it should be [2, "
                "3]; with --transposed it would fit"));
  EXPECT_THAT(read_error("a.npy", npy("<f4", "2, 3", raw(values_)), true),
              HasSubstr("without --transposed it would"));
  EXPECT_THAT(read_error("a.npy", npy("<f4", "6,", raw(values_))), HasSubstr("has the shape [6]"));
  EXPECT_THAT(read_error("a.npy", npy("<i4", "2, 3", raw(std::vector<std::int32_t>(6)))),
              HasSubstr("holds I32"));
  EXPECT_THAT(read_error("a.npy", npy(">f4", "2, 3", raw(values_))),
              HasSubstr("a.npy: at byte 10: the elements"));
  EXPECT_THAT(read_error("a.f32", raw(values_) + "x"), HasSubstr("would take 24 bytes, not 25"));
  EXPECT_THAT(read_error("a.npy", "version https://git-lfs.github.com/spec/v1\n"),
              HasSubstr("Git LFS pointer"));
  EXPECT_THAT(read_error("a.npy", ""), HasSubstr("the file is empty"));
}

}  // namespace
}  // namespace bteval::app
