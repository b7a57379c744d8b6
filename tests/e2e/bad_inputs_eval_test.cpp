// The table of bad inputs: `bteval eval`, suites, `bteval data check`, `bteval bench`.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/bad_input_bases.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using namespace bteval::testing;

constexpr int kUsage = 2, kData = 3, kCheckpoint = 4, kDevice = 5;
const std::string kHow = " --transform square --threads 1 --quiet --out @run";
const std::string kSome =
    "eval vqav2 --data @data --model @model --max-length 24 --quiet --out @run --split ";
const std::string kVqav2 =
    "eval vqav2 --data @data --split minitest --model @model --image-size 48 --max-length 24" + kHow;
const std::string kNlvr2 =
    "eval nlvr2 --data @data --split dev --model @model --image-size 32 --max-length 32" + kHow;
const std::string kSnliVe =
    "eval snli-ve --data @data --split test --model @model --image-size 32 --max-length 32" + kHow;
const std::string kCoco =
    "eval coco --data @data --model @model --image-size 32 --max-length 32 --top-k 4" + kHow;
const std::string kQuestions = "data/v2_OpenEnded_mscoco_minitest_questions.json";
const std::string kAnnotations = "data/v2_mscoco_minitest_annotations.json";
const std::string kImage = "data/minitest/COCO_minitest_000000900001.jpg";
const std::string kSuite = "eval --suite @suite.json --quiet --out @run";

/// A folder in the place of a file.
MakeFiles folder(const MakeFiles& base, const std::string& name) {
  return also(base, [=](const BadInputFiles& files) { fs::create_directories(files.path(name)); });
}

std::vector<BadInput> data_rows() {
  return {
      {"data_missing", drop(eval_vqav2_files, "data"), kVqav2, kData,
       "@data: the data folder does not exist"},
      {"data_a_file", put(drop(eval_vqav2_files, "data"), "data", "x"), kVqav2, kData, "@data: is no folder"},
      {"questions_missing", drop(eval_vqav2_files, kQuestions), kVqav2, kUsage,
       "@data: has no split \"minitest\"; the splits found are: none; looked for "
       "v2_OpenEnded_mscoco_minitest_questions.json in @data, @data/vqav2, @data/annotations, "
       "@data/vqav2/annotations"},
      {"questions_half", cut(eval_vqav2_files, kQuestions, 700), kVqav2, kData,
       "@data/v2_OpenEnded_mscoco_minitest_questions.json: at byte 700: ends within a string"},
      {"annotations_of_other_questions", edit(eval_vqav2_files, kQuestions, "900001001", "900001009"), kVqav2,
       kData,
       "@data/v2_mscoco_minitest_annotations.json: question_id 900001009: has no annotation for 1 of the 4 "
       "questions in @data/v2_OpenEnded_mscoco_minitest_questions.json"},
      {"images_missing", drop(eval_vqav2_files, "data/minitest"), kVqav2, kData,
       "@data: has no image folder minitest/; looked in @data, @data/images, @data/vqav2, "
       "@data/vqav2/images, @data/coco, @data/mscoco"},
      {"image_missing", drop(eval_vqav2_files, kImage), kVqav2, kData,
       "1 of 1 images are missing: @data/minitest/COCO_minitest_000000900001.jpg"},
      {"image_no_image",
       put(eval_vqav2_files, kImage, "no image"),
       kVqav2,
       kData,
       "@data/minitest/COCO_minitest_000000900001.jpg: image 900001: no image that can be read: text that "
       "begins with \"no image\"\nbteval: checking the other images\nbteval: "
       "@data/minitest/COCO_minitest_000000900001.jpg: image 900001: no image that can be read: text that "
       "begins with \"no image\"\nbteval: 1 of 1 images cannot be read, the first being "
       "@data/minitest/COCO_minitest_000000900001.jpg: image 900001: no image that can be read: text that "
       "begins with \"no image\"; the same command goes on when they can",
       "",
       {"run", "run/journal"}},
      {"image_cut",
       cut(eval_vqav2_files, kImage, 700),
       kVqav2,
       kData,
       "@data/minitest/COCO_minitest_000000900001.jpg: image 900001: the JPEG file is truncated (5 bytes not "
       "processed)\nbteval: checking the other images\nbteval: "
       "@data/minitest/COCO_minitest_000000900001.jpg: image 900001: the JPEG file is truncated (5 bytes not "
       "processed)\nbteval: 1 of 1 images cannot be read, the first being "
       "@data/minitest/COCO_minitest_000000900001.jpg: image 900001: the JPEG file is truncated (5 bytes not "
       "processed); the same command goes on when they can",
       "",
       {"run", "run/journal"}},
      {"image_id_negative", edit(eval_vqav2_files, kQuestions, "\"image_id\":900001", "\"image_id\":-1"),
       kVqav2, kData,
       "@data/v2_mscoco_minitest_annotations.json: question_id 900001000: is about image 900001, but in "
       "@data/v2_OpenEnded_mscoco_minitest_questions.json about image -1"},
      {"split_unknown", eval_vqav2_files, kSome + "summer --transform square --image-size 48", kUsage,
       "@data: has no split \"summer\"; the splits found are: minitest; looked for "
       "v2_OpenEnded_mscoco_summer_questions.json in @data, @data/vqav2, @data/annotations, "
       "@data/vqav2/annotations"},
      {"split_a_path", eval_vqav2_files, kSome + "../minitest --transform square --image-size 48", kUsage,
       "@data: has no split \"../minitest\"; the splits found are: minitest; looked for "
       "v2_OpenEnded_mscoco_../minitest_questions.json in @data, @data/vqav2, @data/annotations, "
       "@data/vqav2/annotations"},
      {"arrow_tables_missing", eval_vqav2_files, kVqav2 + " --arrow", kData,
       "@data: has no vqav2_minitest_fix.arrow, vqav2_minitest.arrow; looked in @data, @data/arrow, "
       "@data/fine-tune, @data/pre-train, @data/dataset/fine-tune, @data/dataset/pre-train"},
      {"nlvr2_annotations_missing", drop(eval_nlvr2_files, "data/data"), kNlvr2, kData,
       "@data: has no dev.json; looked in @data, @data/data, @data/nlvr2/data, @data/nlvr/nlvr2/data, "
       "@data/nlvr2, @data/annotations, @data/nlvr2/annotations"},
      {"nlvr2_image_missing", drop(eval_nlvr2_files, "data/images/dev/dev-0-1-img0.png"), kNlvr2, kData,
       "1 of 100 images are missing: @data/images/dev/dev-0-1-img0.png"},
      {"nlvr2_line_cut", cut(eval_nlvr2_files, "data/data/dev.json", 500), kNlvr2, kData,
       "@data/data/dev.json: line 2: at byte 500: ends within a string"},
      {"snli_ve_annotations_missing", drop(eval_snli_ve_files, "data/snli_ve_test.jsonl"), kSnliVe, kData,
       "@data: has no snli_ve_test.jsonl; looked in @data, @data/snli_ve, @data/SNLI-VE, @data/data, "
       "@data/SNLI-VE/data, @data/annotations, @data/mscoco_flickr30k_vqav2_snli_ve/snli_ve"},
      {"snli_ve_images_missing", drop(eval_snli_ve_files, "data/flickr30k-images"), kSnliVe, kData,
       "@data/snli_ve_test.jsonl: there is no image folder flickr30k-images/; looked for "
       "@data/flickr30k-images, @data/flickr30k_images, @data/images/flickr30k-images, "
       "@data/images/flickr30k_images, @data/data/flickr30k-images, @data/data/flickr30k_images, "
       "@data/data/images/flickr30k-images, @data/data/images/flickr30k_images, "
       "@data/flickr30k/flickr30k-images, @data/flickr30k/flickr30k_images, @data/snli_ve/flickr30k-images, "
       "@data/snli_ve/flickr30k_images, @data/mscoco_flickr30k_vqav2_snli_ve/flickr30k-images, "
       "@data/mscoco_flickr30k_vqav2_snli_ve/flickr30k_images, @data/images"},
      {"snli_ve_label_unknown",
       edit(eval_snli_ve_files, "data/snli_ve_test.jsonl", "\"gold_label\": \"neutral\"",
            "\"gold_label\": \"maybe\""),
       kSnliVe, kData,
       "@data/snli_ve_test.jsonl: line 1: at byte 105: the gold_label is none of contradiction, neutral, "
       "entailment: \"maybe\""},
      {"coco_annotations_missing",
       drop(drop(eval_coco_files, "data/dataset_coco.json"), "data/coco_karpathy_test.json"), kCoco, kData,
       "@data: has none of dataset_coco.json, coco_karpathy_test.json, coco_test.json, captions_test.json; "
       "looked in @data, @data/karpathy, @data/annotations, @data/coco, @data/coco/annotations, "
       "@data/mscoco, @data/mscoco/annotations, @data/mscoco_flickr30k_vqav2_snli_ve, "
       "@data/mscoco_flickr30k_vqav2_snli_ve/karpathy, @data/mscoco_flickr30k_vqav2_snli_ve/annotations, "
       "@data/mscoco_flickr30k_vqav2_snli_ve/coco, @data/mscoco_flickr30k_vqav2_snli_ve/coco/annotations, "
       "@data/mscoco_flickr30k_vqav2_snli_ve/mscoco, "
       "@data/mscoco_flickr30k_vqav2_snli_ve/mscoco/annotations, "
       "@data/dataset/mscoco_flickr30k_vqav2_snli_ve, @data/dataset/mscoco_flickr30k_vqav2_snli_ve/karpathy, "
       "@data/dataset/mscoco_flickr30k_vqav2_snli_ve/annotations, "
       "@data/dataset/mscoco_flickr30k_vqav2_snli_ve/coco, "
       "@data/dataset/mscoco_flickr30k_vqav2_snli_ve/coco/annotations, "
       "@data/dataset/mscoco_flickr30k_vqav2_snli_ve/mscoco, "
       "@data/dataset/mscoco_flickr30k_vqav2_snli_ve/mscoco/annotations"},
      {"coco_annotations_half", cut(eval_coco_files, "data/dataset_coco.json", 900), kCoco, kData,
       "@data/dataset_coco.json: images[0]: at byte 900: ends within a string"},
      {"coco_image_missing", drop(eval_coco_files, "data/val2014/COCO_val2014_000000910001.jpg"), kCoco,
       kData, "1 of 100 images are missing: @data/val2014/COCO_val2014_000000910001.jpg"},
      {"coco_split_unknown", eval_coco_files, kCoco + " --split summer", kUsage,
       "@data/dataset_coco.json: has no split \"summer\"; it has test (100 images)"},
  };
}

std::vector<BadInput> model_rows() {
  return {
      {"model_missing", drop(eval_vqav2_files, "model"), kVqav2, kCheckpoint,
       "@model: cannot open the file: No such file or directory"},
      {"weights_cut", cut(eval_vqav2_files, "model/model.safetensors", 1000000), kVqav2, kCheckpoint,
       "@model/model.safetensors: tensor bridgetower.vision_model.visual.embeddings.patch_embedding.weight: "
       "ends at byte 1141632 of the data, which has 971472 bytes: the file is truncated or the header wrong"},
      {"tokenizer_missing",
       drop(drop(drop(eval_vqav2_files, "model/tokenizer.json"), "model/vocab.json"), "model/merges.txt"),
       kVqav2, kUsage,
       "@model has no tokenizer files: give --tokenizer DIR with RoBERTa's tokenizer.json, or vocab.json and "
       "merges.txt"},
      {"tokenizer_larger_than_the_model",
       drop(edit(eval_vqav2_files, "model/vocab.json", "\"!\":5", "\"!\":5000"), "model/tokenizer.json"),
       kVqav2, kCheckpoint,
       "@model: the tokenizer has 5001 tokens, but the model's text embedding only 389 rows: it is another "
       "model's tokenizer"},
      {"vocabulary_missing", drop(eval_vqav2_files, "model/vocabulary.json"), kVqav2, kUsage,
       "the checkpoint comes without its list of answers: give --vocabulary FILE, or --vocabulary rebuild to "
       "make it from the data set's train and val annotations"},
      {"vocabulary_too_short", put(eval_vqav2_files, "v.json", R"(["yes", "no"])"),
       kVqav2 + " --vocabulary @v.json", kCheckpoint,
       "@model: the vocabulary (@v.json) has 2 answers, but the checkpoint's VQA head 22 labels: it is "
       "another checkpoint's list"},
      {"head_of_another_task",
       also(drop(eval_snli_ve_files, "data"), [](auto& f) { f.copy("coco", "data"); }), kCoco, kCheckpoint,
       "@model: has no itc_text_head and itc_image_head, itm_score, which --protocol itm needs; protocols "
       "that this checkpoint can do: none, it has no retrieval head"},
      {"labels_of_another_task",
       edit(eval_snli_ve_files, "model/config.json", "{",
            "{\"id2label\": {\"0\": \"cat\", \"1\": \"dog\", \"2\": \"cow\"},"),
       kSnliVe, kCheckpoint,
       "@model/config.json: the label map has 3 labels (cat, dog, cow), but the task's are contradiction, "
       "neutral, entailment"},
      {"labels_of_numbers", edit(eval_snli_ve_files, "model/config.json", "{", "{\"id2label\": {\"0\": 7},"),
       kSnliVe, kCheckpoint, "@model/config.json: label 0 has no answer"},
      {"texts_longer_than_the_model", eval_vqav2_files,
       "eval vqav2 --data @data --split minitest --model @model --max-length 500 --threads 1 --out @run",
       kUsage, "--max-length 500 is more than the model's 24 positions for tokens"},
  };
}

std::vector<BadInput> option_rows() {
  return {
      {"task_unknown", nothing, "eval vqa --data @data --model @model --out @run", kUsage,
       "there is no task \"vqa\": the tasks are vqav2, nlvr2, snli-ve, flickr30k and coco"},
      {"task_missing", nothing, "eval --data @data --model @model --out @run", kUsage,
       "the task is missing: vqav2, nlvr2, snli-ve, flickr30k, coco, or --suite mini"},
      {"out_missing", nothing, "eval vqav2 --data @data --model @model", kUsage,
       "--out is missing: the run directory to write"},
      {"option_unknown", nothing, "eval vqav2 --colour red", kUsage,
       "The following arguments were not expected: * (--help lists the options)"},
      {"command_unknown", nothing, "evaluate", kUsage, "A subcommand is required (--help lists the options)"},
      {"transform_unknown", eval_vqav2_files, kSome + "minitest --transform round", kUsage,
       "there is no transform \"round\": use square, center_crop or hf"},
      {"image_size_no_multiple", eval_vqav2_files, kSome + "minitest --transform square --image-size 50",
       kUsage,
       "the image size 50 (from option) is no multiple of the patch size 24: give --image-size 48 or 72"},
      {"image_size_negative", eval_vqav2_files, kSome + "minitest --transform square --image-size -48",
       kUsage, "the image size -48 (from option) is no multiple of the patch size 24*"},
      {"image_size_huge", eval_vqav2_files, kSome + "minitest --transform square --image-size 2000000000",
       kUsage, "the image size 2000000000 (from option) is *"},
      {"dtype_unknown", eval_vqav2_files, kVqav2 + " --dtype int4", kUsage,
       "there is no dtype \"int4\": use fp32, bf16 or fp16"},
      {"device_unknown", eval_vqav2_files, kVqav2 + " --device tpu", kUsage,
       "there is no device \"tpu\": use auto, cpu, cuda or cuda:N"},
      {"device_absent", eval_vqav2_files, kVqav2 + " --device cuda:99", kDevice,
       "this LibTorch was built without CUDA, or finds no driver"},
      {"limit_negative", eval_vqav2_files, kVqav2 + " --limit -1", kUsage,
       "--limit: Value -1 not in range 0 to 1000000000 (--help lists the options)"},
      {"limit_no_number", eval_vqav2_files, kVqav2 + " --limit all", kUsage,
       "--limit: Value all not in range 0 to 1000000000 (--help lists the options)"},
      {"threads_negative", eval_vqav2_files, kSome + "minitest --threads -1", kUsage,
       "the number of threads cannot be negative"},
      {"threads_too_many", eval_vqav2_files, kSome + "minitest --threads 1000000", kUsage,
       "more than 4096 threads are not supported"},
      {"bad_image_unknown", eval_vqav2_files, kVqav2 + " --on-bad-image guess", kUsage,
       "--on-bad-image is fail, wrong or exclude, not \"guess\""},
      {"scorer_unknown", eval_vqav2_files, kVqav2 + " --scorer best", kUsage,
       "there is no scorer 'best'; choose one of official-2021, pre-2021, label-score"},
      {"protocol_unknown", eval_coco_files, kCoco + " --protocol best", kUsage,
       "there is no retrieval protocol \"best\": use one of itm, albef, blip, itc, itm-all, rank-all"},
      {"folds_of_too_few", eval_coco_files, kCoco + " --folds 1k", kUsage,
       "--folds 1k cuts 5 folds of 1000 images, but the split has 100: give --fold-count and --fold-images"},
      {"text_cache_negative", eval_coco_files, kCoco + " --text-cache -1", kUsage,
       "--text-cache: Value -1 not in range 0 to 1000000000 (--help lists the options)"},
      {"out_a_file", put(eval_vqav2_files, "run", "x"), kVqav2, kUsage,
       "@run: exists and is no run directory: choose another --out, or give --force"},
      {"out_below_a_file", put(eval_vqav2_files, "run", "x"), kVqav2 + "/below", kData,
       "@run/below: cannot make the folder: Not a directory"},
      {"out_another_folder", put(eval_vqav2_files, "run/thesis.tex", "x"), kVqav2, kUsage,
       "@run: exists and is no run directory: choose another --out, or give --force"},
      {"out_journal_of_nothing", put(eval_vqav2_files, "run/journal", "no journal at all"), kVqav2, kData,
       "@run/journal: at byte 0: is no journal of bteval"},
      {"out_manifest_no_json",
       put(eval_vqav2_files, "run/manifest.json", "{"),
       kVqav2,
       kData,
       "@run/manifest.json: at byte 1: is not valid JSON, near '{'",
       "",
       {"run/journal"}},
      {"out_manifest_a_list",
       put(eval_vqav2_files, "run/manifest.json", "[1]"),
       kVqav2,
       kData,
       "@run/manifest.json: manifest: is no JSON object",
       "",
       {"run/journal"}},
      {"out_manifest_identity_a_number",
       put(eval_vqav2_files, "run/manifest.json", "{\"identity\": 7}"),
       kVqav2,
       kData,
       "@run/manifest.json: manifest: \"identity\" is not a string: 7",
       "",
       {"run/journal"}},
      {"out_journal_a_folder", folder(eval_vqav2_files, "run/journal"), kVqav2, kData,
       "@run/journal: cannot write the journal: Is a directory"},
  };
}

std::vector<BadInput> suite_rows() {
  const auto suite = [](const std::string& entry) {
    return put(eval_snli_ve_files, "suite.json", "{\"entries\": [" + entry + "]}");
  };
  const std::string good = R"("task": "snli-ve", "data": "data", "split": "test", "model": "model")";
  return {
      {"suite_missing", nothing, "eval --suite @none.json --quiet --out @run", kUsage,
       "there is no suite \"@none.json\"; set BTEVAL_ASSETS to the folder that holds it; looked at "
       "@none.json/suite.json*"},
      {"suite_no_json", only("suite.json", "entries"), kSuite, kData,
       "@suite.json: is not JSON; it starts with 'entries'"},
      {"suite_without_entries", only("suite.json", "{\"entries\": []}"), kSuite, kData,
       "@suite.json: the suite has no entries"},
      {"suite_entries_no_list", only("suite.json", "{\"entries\": 7}"), kSuite, kData,
       "@suite.json: suite: \"entries\" has the wrong type: 7"},
      {"suite_entry_no_object", only("suite.json", "{\"entries\": [7]}"), kSuite, kData,
       "@suite.json: entry 0: is no JSON object"},
      {"suite_entry_without_model", suite(R"({"task": "snli-ve", "data": "data", "split": "test"})"), kSuite,
       kData, "@suite.json: entry 0: has no \"model\""},
      {"suite_task_unknown", suite(R"({"task": "vqa", "data": "data", "split": "test", "model": "model"})"),
       kSuite, kUsage, "there is no task \"vqa\": the tasks are vqav2, nlvr2, snli-ve, flickr30k and coco"},
      {"suite_number_a_text", suite("{" + good + R"(, "max_length": "32"})"), kSuite, kData,
       "@suite.json: entry 0: \"max_length\" has the wrong type: \"32\""},
      {"suite_number_negative", suite("{" + good + R"(, "max_length": -32})"), kSuite, kData,
       "@suite.json: entry 0: \"max_length\" has the wrong type: -32"},
      {"suite_name_a_path", suite("{" + good + R"(, "name": "../../elsewhere"})"), kSuite, kData,
       "@suite.json: entry 0: \"../../elsewhere\" is no name for a run: letters, digits, '-', '_' and '.', "
       "not starting with a '.'"},
      {"suite_names_twice", suite("{" + good + "}, {" + good + "}"), kSuite, kData,
       "@suite.json: entry 1: an entry before it has the name \"snli-ve\", too: \"name\" tells them apart"},
      {"suite_with_a_task", nothing, "eval coco --suite mini --out @run", kUsage,
       "--suite brings its own task, --model and --data"},
  };
}

std::vector<BadInput> check_rows() {
  const std::string check = "data check snli-ve --data @data";
  return {
      {"check_task_unknown", nothing, "data check vqa --data @data", kUsage,
       "there is no task 'vqa'; choose one of vqav2, nlvr2, snli-ve, flickr30k, coco"},
      {"check_data_missing", nothing, check, kData, "@data: the data folder does not exist"},
      {"check_data_a_file", only("data", "x"), check, kData, "@data: is no folder"},
      {"check_split_missing", eval_snli_ve_files, check + " --split summer", kUsage,
       "@data: has no split \"summer\"; the splits found are: test; looked for snli_ve_summer.jsonl in "
       "@data, @data/snli_ve, @data/SNLI-VE, @data/data, @data/SNLI-VE/data, @data/annotations, "
       "@data/mscoco_flickr30k_vqav2_snli_ve/snli_ve"},
      {"check_images_how", eval_snli_ve_files, check + " --images closely", kUsage,
       "images cannot be checked by 'closely'; choose one of header, hash, decode"},
      {"check_into_no_folder", eval_snli_ve_files, check + " --json @none/c.json", kData,
       "@none/c.json: cannot write the file: No such file or directory"},
      {"check_threads_negative", eval_snli_ve_files, check + " --threads -1", kUsage,
       "--threads: Value -1 not in range 0 to 1024 (--help lists the options)"},
      {"layout_task_unknown", nothing, "data layout vqa", kUsage,
       "there is no task 'vqa'; choose one of vqav2, nlvr2, snli-ve, flickr30k, coco"},
      {"bench_mode_unknown", nothing, "bench fast", kUsage,
       "mode: fast not in {end-to-end,input,latency,throughput} (--help lists the options)"},
      {"bench_model_missing", nothing, "bench throughput --model @none", kCheckpoint,
       "@none: cannot open the file: No such file or directory"},
      {"bench_without_images", model_files, "bench input --model @model --image-folder @none", kData,
       "@none: cannot be read: No such file or directory"},
      {"bench_saving_unknown", model_files, "bench throughput --model @model --without luck", kUsage,
       "there is no saving \"luck\": there are packed-weights, fused-projections, fused-activation, "
       "fused-attention, attention-kernel, absorbed-projections, shared-first-layer, packed-texts, "
       "pooled-row, towers-once, length-buckets, kept-buffers"},
      {"bench_repeats_negative", model_files, "bench throughput --model @model --repeats -1", kUsage,
       "Could not convert: --repeats = -1 (--help lists the options)"},
  };
}

class BadEvaluation : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadEvaluation, IsRefused) { expect_refused(GetParam(), BTEVAL_BINARY); }

const auto kName = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Data, BadEvaluation, ::testing::ValuesIn(data_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Models, BadEvaluation, ::testing::ValuesIn(model_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Options, BadEvaluation, ::testing::ValuesIn(option_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Suites, BadEvaluation, ::testing::ValuesIn(suite_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Checks, BadEvaluation, ::testing::ValuesIn(check_rows()), kName);

}  // namespace
}  // namespace bteval
