// The table of bad inputs: `bteval score`.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/bad_input_bases.h"

namespace bteval {
namespace {

using namespace bteval::testing;

constexpr int kUsage = 2, kData = 3;
const std::string kLfs = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
const std::string kVqa = "score vqav2 --questions @q.json --annotations @a.json --predictions @p.json";
const std::string kNlvr2 = "score nlvr2 --annotations @dev.json --predictions @p.csv";
const std::string kSnliVe = "score snli-ve --annotations @snli_ve_dev.jsonl --predictions @p.jsonl";
const std::string kRetrieval =
    "score retrieval --dataset flickr30k --annotations @captions.json --scores @scores.f32";

std::vector<BadInput> vqa_rows() {
  return {
      {"questions_git_lfs_pointer", put(vqa_files, "q.json", kLfs), kVqa, kData,
       "@q.json: is a Git LFS pointer, not the file itself: fetch it with 'git lfs pull'"},
      {"questions_web_page", put(vqa_files, "q.json", "<!DOCTYPE html><html>404</html>"), kVqa, kData,
       "@q.json: is not JSON; it starts with '<!DOCTYPE html><html>404</html>'"},
      {"questions_empty", put(vqa_files, "q.json", ""), kVqa, kData, "@q.json: the file is empty"},
      {"questions_half", cut(vqa_files, "q.json", 150), kVqa, kData,
       "@q.json: question_id 20: at byte 150: ends where ':' should stand"},
      {"questions_missing", drop(vqa_files, "q.json"), kVqa, kData,
       "@q.json: cannot open the file: No such file or directory"},
      {"questions_a_folder",
       also(drop(vqa_files, "q.json"), [](auto& f) { std::filesystem::create_directory(f.path("q.json")); }),
       kVqa, kData, "@q.json: cannot open the file: Is a directory"},
      {"questions_other_file", put(vqa_files, "q.json", R"({"annotations": []})"), kVqa, kData,
       "@q.json: has no \"questions\", so it is no question file of VQAv2; it has \"annotations\""},
      {"questions_no_list", put(vqa_files, "q.json", R"({"questions": {"10": "x"}})"), kVqa, kData,
       "@q.json: at byte 14: expected a list, found '{\"10\": \"x\"}}'"},
      {"question_without_id", edit(vqa_files, "q.json", R"("question_id": 20, )", ""), kVqa, kData,
       "@q.json: questions[1]: at byte 145: the record that ends here has no \"question_id\""},
      {"question_id_negative", edit(vqa_files, "q.json", ": 20", ": -20"), kVqa, kData,
       "@a.json: question_id -20: has no annotation for 1 of the 3 questions in @q.json"},
      {"question_id_fraction", edit(vqa_files, "q.json", ": 20", ": 20.5"), kVqa, kData,
       "@q.json: questions[1]: at byte 121: expected an integer of 64 bits, found '20.5'"},
      {"question_id_beyond_64_bits", edit(vqa_files, "q.json", ": 20", ": 99999999999999999999"), kVqa, kData,
       "@q.json: questions[1]: at byte 121: expected an integer of 64 bits, found '99999999999999999999'"},
      {"question_twice", edit(vqa_files, "q.json", ": 20", ": 10"), kVqa, kData,
       "@q.json: question_id 10: stands twice: record 0 and record 1"},
      {"question_no_utf8", edit(vqa_files, "q.json", "How many", "How m\xff"), kVqa, kData,
       "@q.json: question_id 20: at byte 158: has invalid UTF-8 within a string"},
      {"question_half_surrogate", edit(vqa_files, "q.json", "How many", "How \\ud800 x"), kVqa, kData,
       "@q.json: question_id 20: at byte 157: has an unpaired surrogate within a string"},
      {"question_raw_newline", edit(vqa_files, "q.json", "How many", "How\nmany"), kVqa, kData,
       "@q.json: question_id 20: at byte 156: has a control character within a string"},
      {"annotations_of_other_questions", edit(vqa_files, "a.json", ": 20", ": 21"), kVqa, kData,
       "@a.json: question_id 20: has no annotation for 1 of the 3 questions in @q.json"},
      {"annotation_without_answers", edit(vqa_files, "a.json", "\"answers\"", "\"replies\""), kVqa, kData,
       "@a.json: question_id 10: at byte 777: the annotation that ends here has no answers"},
      {"annotation_answers_no_list", edit(vqa_files, "a.json", "\"answers\": [", "\"answers\": 3, \"x\": ["),
       kVqa, kData,
       "@a.json: question_id 10: at byte 145: expected a list, found '3, \"x\": [{\"answer\": \"yes\", "
       "\"an'"},
      {"annotation_of_another_image", edit(vqa_files, "a.json", "\"image_id\": 2", "\"image_id\": 3"), kVqa,
       kData, "@a.json: question_id 30: is about image 3, but in @q.json about image 2"},
      {"answer_a_number", edit(vqa_files, "p.json", "\"2\"", "2"), kVqa, kData,
       "@p.json: question_id 20: at byte 69: expected a string, found '2},\\x0a{\"question_id\": 30, "
       "\"answe'"},
      {"answer_nan", edit(vqa_files, "p.json", "\"2\"", "NaN"), kVqa, kData,
       "@p.json: question_id 20: at byte 69: expected a value, found 'NaN},\\x0a{\"question_id\": 30, "
       "\"ans'"},
      {"answer_for_no_question", edit(vqa_files, "p.json", ": 20", ": 21"), kVqa, kData,
       "@p.json: 1 of 3 questions have no prediction (question_id 20); 1 predictions are for unknown "
       "questions (question_id 21)"},
      {"answer_twice", edit(vqa_files, "p.json", ": 20", ": 10"), kVqa, kData,
       "@p.json: question_id 10: stands twice: record 0 and record 1"},
      {"answers_half", cut(vqa_files, "p.json", 60), kVqa, kData,
       "@p.json: question_id 20: at byte 60: ends within a string"},
      {"answers_bytes_after_the_end", edit(vqa_files, "p.json", "\"dog\"}]", "\"dog\"}]x"), kVqa, kData,
       "@p.json: at byte 112: expected the end of the document, found 'x'"},
      {"answers_for_nothing", put(vqa_files, "p.json", "[]"), kVqa, kData,
       "@p.json: none of its 0 predictions is for one of the 3 questions"},
      {"vocabulary_no_list", put(vqa_files, "v.json", "7"),
       kVqa + " --scorer label-score --vocabulary @v.json", kData,
       "@v.json: is neither a list nor an object, so it is no answer vocabulary"},
      {"vocabulary_twice", put(vqa_files, "v.json", R"(["yes", "no", "yes"])"),
       kVqa + " --scorer label-score --vocabulary @v.json", kData,
       "@v.json: \"yes\" stands twice: label 0 and label 2"},
      {"vocabulary_missing_option", vqa_files, kVqa + " --scorer label-score", kUsage,
       "the scorer label-score needs the answers of the model: --vocabulary FILE"},
      {"scorer_unknown", vqa_files, kVqa + " --scorer best", kUsage,
       "there is no scorer 'best'; choose one of official-2021, pre-2021, label-score"},
      {"score_into_no_folder", vqa_files, kVqa + " --json @none/s.json", kData,
       "@none/s.json: cannot write the file: No such file or directory"},
      {"score_into_a_folder",
       also(vqa_files, [](auto& f) { std::filesystem::create_directory(f.path("s")); }), kVqa + " --json @s",
       kData, "@s: cannot rename the finished file into place: Is a directory"},
  };
}

std::vector<BadInput> pair_rows() {
  return {
      {"nlvr2_prediction_without_comma", edit(nlvr2_files, "p.csv", "dev-1-1-0,True", "dev-1-1-0 True"),
       kNlvr2, kData, "@p.csv: line 2: at byte 15: expected identifier,prediction, found 'dev-1-1-0 True'"},
      {"nlvr2_prediction_maybe", edit(nlvr2_files, "p.csv", "dev-1-1-0,True", "dev-1-1-0,maybe"), kNlvr2,
       kData,
       "@p.csv: line 2: at byte 15: the prediction for 'dev-1-1-0' is neither True nor False: 'maybe'"},
      {"nlvr2_prediction_blank_line", edit(nlvr2_files, "p.csv", "dev-1-1-0,True", ""), kNlvr2, kData,
       "@p.csv: line 2: at byte 15: is blank; the official scorer ends with an error at such a line"},
      {"nlvr2_prediction_twice", edit(nlvr2_files, "p.csv", "dev-1-1-0", "dev-1-0-0"), kNlvr2, kData,
       "@p.csv: identifier dev-1-0-0: stands twice: record 0 and record 1"},
      {"nlvr2_prediction_missing", edit(nlvr2_files, "p.csv", "dev-1-1-0,True\n", ""), kNlvr2, kData,
       "@p.csv: 1 of 4 examples have no prediction (identifier dev-1-1-0)"},
      {"nlvr2_example_without_sentence", edit(nlvr2_files, "dev.json", "\"sentence\": \"x\", ", ""), kNlvr2,
       kData,
       "@dev.json: line 1, identifier dev-1-0-0: at byte 44: the record that ends here has no \"sentence\""},
      {"nlvr2_identifier_of_two_parts", edit(nlvr2_files, "dev.json", "dev-1-1-0", "dev-1"), kNlvr2, kData,
       "@dev.json: line 2: at byte 111: the identifier \"dev-1\" has not the form split-set-pair-sentence"},
      {"nlvr2_identifier_twice", edit(nlvr2_files, "dev.json", "dev-1-1-0", "dev-1-0-0"), kNlvr2, kData,
       "@dev.json: identifier dev-1-0-0: stands twice: record 0 and record 1"},
      {"nlvr2_label_unknown", edit(nlvr2_files, "dev.json", "\"True\"", "\"Yes\""), kNlvr2, kData,
       "@dev.json: line 1: at byte 27: the label is neither True nor False: \"Yes\""},
      {"nlvr2_line_cut", cut(nlvr2_files, "dev.json", 100), kNlvr2, kData,
       "@dev.json: line 2: at byte 100: ends within a string"},
      {"nlvr2_categories_without_comma", put(nlvr2_files, "c.csv", "dev-1-0-0 negation\n"),
       kNlvr2 + " --categories @c.csv", kData,
       "@c.csv: line 1: at byte 0: expected identifier,category, found 'dev-1-0-0 negation'"},
      {"nlvr2_subset_of_other_examples",
       put(nlvr2_files, "b.json",
           "{\"sentence\": \"x\", \"label\": \"True\", \"identifier\": \"dev-9-0-0\"}\n"),
       kNlvr2 + " --balanced @b.json", kData, "@b.json: identifier dev-9-0-0: is not in @dev.json"},
      {"snli_ve_label_unknown", edit(snli_ve_files, "snli_ve_dev.jsonl", "neutral", "maybe"), kSnliVe, kData,
       "@snli_ve_dev.jsonl: line 1, pairID a: at byte 49: the gold_label is none of contradiction, neutral, "
       "entailment: \"maybe\""},
      {"snli_ve_without_hypothesis", edit(snli_ve_files, "snli_ve_dev.jsonl", "sentence2", "sentence3"),
       kSnliVe, kData,
       "@snli_ve_dev.jsonl: line 1, pairID a: at byte 79: the record that ends here has no \"sentence2\""},
      {"snli_ve_pair_twice",
       edit(snli_ve_files, "snli_ve_dev.jsonl", "\"pairID\": \"b\"", "\"pairID\": \"a\""), kSnliVe, kData,
       "@snli_ve_dev.jsonl: pairID a: stands twice: record 0 and record 1"},
      {"snli_ve_image_id_a_path", edit(snli_ve_files, "snli_ve_dev.jsonl", "\"7\"", "\"../7\""), kSnliVe,
       kData, "@snli_ve_dev.jsonl: line 1: at byte 15: the image id \"../7\" is no plain name"},
      {"snli_ve_line_no_object", edit(snli_ve_files, "snli_ve_dev.jsonl", "{", "[{"), kSnliVe, kData,
       "@snli_ve_dev.jsonl: at byte 81: expected ',' or ']', found '{\"Flikr30kID\": \"7\", \"pairID\": '"},
      {"snli_ve_prediction_unknown", edit(snli_ve_files, "p.jsonl", "neutral", "yes"), kSnliVe, kData,
       "@p.jsonl: line 1, pairID a: at byte 30: the prediction is none of contradiction, neutral, "
       "entailment: \"yes\""},
      {"snli_ve_predictions_a_table", put(snli_ve_files, "p.jsonl", "a,neutral\n"), kSnliVe, kData,
       "@p.jsonl: is not JSON; it starts with 'a,neutral\\x0a'"},
  };
}

/// A .npy file of version 1.0 with this header and so many bytes of zeros.
std::string npy(std::string header, std::size_t bytes) {
  header += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(header.size() % 256);
  out += static_cast<char>(header.size() / 256);
  return out + header + std::string(bytes, '\0');
}

std::vector<BadInput> retrieval_rows() {
  const std::string wrong_magic = "\x93NUMPX\x01";
  return {
      {"scores_too_short", cut(caption_files, "scores.f32", 20), kRetrieval, kData,
       "@scores.f32: is neither a safetensors nor a NumPy file, and raw float32 scores of 2 images and 3 "
       "captions would take 24 bytes, not 20"},
      {"scores_nan", put(caption_files, "scores.f32", std::string(24, '\xff')), kRetrieval, kData,
       "@scores.f32: image 0, caption 0 (counted from 0): the score is NaN"},
      {"scores_missing", drop(caption_files, "scores.f32"), kRetrieval, kData,
       "@scores.f32: cannot open the file: No such file or directory"},
      {"scores_npy_of_integers",
       put(caption_files, "scores.f32",
           npy("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", 24)),
       kRetrieval, kData, "@scores.f32: holds I32; scores are floating-point numbers"},
      {"scores_npy_of_objects",
       put(caption_files, "scores.f32",
           npy("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", 48)),
       kRetrieval, kData,
       "@scores.f32: at byte 10: the elements are '|O'; little-endian floats and signed integers, uint8 and "
       "bool are read"},
      {"scores_npy_transposed",
       put(caption_files, "scores.f32",
           npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", 24)),
       kRetrieval, kData,
       "@scores.f32: has the shape [3, 2], but the split has 2 images and 3 captions, so that it should be "
       "[2, 3]; with --transposed it would fit"},
      {"scores_npy_cut",
       put(caption_files, "scores.f32",
           npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 20)),
       kRetrieval, kData,
       "@scores.f32: at byte 70: '<f4' and the shape (2, 3) need 24 bytes, and 20 are left"},
      {"scores_npy_shape_overflows",
       put(caption_files, "scores.f32",
           npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967297), }", 24)),
       kRetrieval, kData, "@scores.f32: header: a stride is too large"},
      {"scores_npy_header_is_code",
       put(caption_files, "scores.f32", npy("__import__('os').system('true')", 24)), kRetrieval, kData,
       "@scores.f32: header: at byte 10: expected '{'"},
      {"scores_folder_without_scores",
       also(drop(caption_files, "scores.f32"),
            [](auto& f) { std::filesystem::create_directory(f.path("scores.f32")); }),
       kRetrieval, kData, "@scores.f32/scores.safetensors: cannot open the file: No such file or directory"},
      {"captions_no_list", put(caption_files, "captions.json", "7"), kRetrieval, kData,
       "@captions.json: at byte 0: expected an object, found '7'"},
      {"captions_none", edit(caption_files, "captions.json", "[\"z\"]", "[]"), kRetrieval, kData,
       "@captions.json: image flickr30k-images/2.jpg: has no caption"},
      {"caption_a_number", edit(caption_files, "captions.json", "\"z\"", "7"), kRetrieval, kData,
       "@captions.json: records[1]: at byte 109: expected a string, found '7]}]'"},
      {"captions_image_above_its_folder",
       edit(caption_files, "captions.json", "flickr30k-images/2.jpg", "../../2.jpg"), kRetrieval, kData,
       "@captions.json: records[1]: at byte 71: the image name \"../../2.jpg\" leaves the image folder"},
      {"captions_image_absolute",
       edit(caption_files, "captions.json", "flickr30k-images/2.jpg", "/etc/2.jpg"), kRetrieval, kData,
       "@captions.json: records[1]: at byte 71: the image name \"/etc/2.jpg\" is absolute"},
      {"captions_image_without_name", edit(caption_files, "captions.json", "flickr30k-images/2.jpg", ""),
       kRetrieval, kData, "@captions.json: records[1]: at byte 71: the image name \"\" is empty"},
      {"retrieval_dataset_unknown", caption_files,
       "score retrieval --dataset imagenet --annotations @captions.json --scores @scores.f32", kUsage,
       "the data sets of retrieval are flickr30k and coco, not \"imagenet\""},
      {"retrieval_protocol_unknown", caption_files, kRetrieval + " --protocol best", kUsage,
       "there is no protocol \"best\"; there are itm, albef, blip, itc, dense"},
      {"retrieval_ties_unknown", caption_files, kRetrieval + " --ties lucky", kUsage,
       "ties are broken by id, optimistic or pessimistic, not by \"lucky\""},
      {"retrieval_folds_without_images", caption_files, kRetrieval + " --folds 1k", kUsage,
       "@scores.f32: 5 folds of 1000 images need a split of 5000 images; this one has 2"},
      {"retrieval_without_captions", caption_files, "score retrieval --dataset coco --scores @scores.f32",
       kUsage, "name the captions: --annotations FILE or --data FOLDER"},
      {"retrieval_trec_depth_zero", caption_files, kRetrieval + " --trec-run @r.txt --trec-depth 0", kUsage,
       "--trec-depth: Value 0 not in range 1 to 1000000000 (--help lists the options)"},
  };
}

class BadScoreInput : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadScoreInput, IsRefused) { expect_refused(GetParam(), BTEVAL_BINARY); }

const auto kName = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Vqa, BadScoreInput, ::testing::ValuesIn(vqa_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Pairs, BadScoreInput, ::testing::ValuesIn(pair_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Retrieval, BadScoreInput, ::testing::ValuesIn(retrieval_rows()), kName);

}  // namespace
}  // namespace bteval
